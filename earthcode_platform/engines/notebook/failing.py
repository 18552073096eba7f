"""The cell that failed, as its author wants to be told: which, where, why, in few lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from earthcode_platform.engines.notebook.job import Failure
from earthcode_platform.engines.notebook.literals import masked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from earthcode_platform.engines.notebook.cells import Cell

__all__ = ["failure_of", "plain"]

_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Control sequences of terminals (ECMA-48, section 5.4; operating system commands as xterm has them)."""
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ARROW: Final = re.compile(r"^-+> (?P<line>\d+)\b", re.MULTILINE)
"""How IPython marks the line of a cell that failed."""
_AROUND: Final = 3
_LINES: Final = 12
_WIDEST: Final = 200
_LONGEST_VALUE: Final = 1000


def plain(text: str) -> str:
    r"""Return a text without colours and other control characters.

    >>> plain("\x1b[31mValueError\x1b[0m: no")
    'ValueError: no'
    """
    return _UNPRINTABLE.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n")))


def failure_of(cell: Cell, name: str, value: str, traceback: Iterable[str]) -> Failure:
    """Describe an error of a cell, in plain text and without credentials.

    Args:
        cell: The cell.
        name: Class of the error.
        value: What it says.
        traceback: Its traceback, as the kernel sends it.
    """

    def shown(text: str) -> str:
        return masked(plain(text))

    told = shown("\n".join(traceback))
    return Failure(
        cell=cell.number,
        heading=shown(cell.heading),
        source=masked(plain(_excerpt(cell.source, _line(told))), written=True),
        name=shown(name),
        value=_cut(shown(value), _LONGEST_VALUE),
        traceback=_last_lines(told),
    )


def _line(traceback: str) -> int:
    """Return the line of the cell that failed, from 1; 0 if the traceback does not tell."""
    found = _ARROW.search(traceback)
    return int(found["line"]) if found else 0


def _excerpt(source: str, line: int) -> str:
    """Return the lines around `line`, numbered and with a mark on it, or the first ones."""
    lines = source.splitlines()
    first = max(0, line - 1 - _AROUND) if line <= len(lines) else 0
    numbered = enumerate(lines[first : first + 2 * _AROUND + 1], start=first + 1)
    return "\n".join(f"{'>' if number == line else ' '} {number:3} {_cut(text, _WIDEST)}" for number, text in numbered)


def _last_lines(traceback: str) -> str:
    lines = [_cut(line, _WIDEST) for line in traceback.splitlines() if line.strip()]
    return "\n".join(["…", *lines[-_LINES:]] if len(lines) > _LINES else lines)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"

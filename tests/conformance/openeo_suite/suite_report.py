"""What came out of the openEO test suite: as text for the terminal, and as the section of docs/conformance.md."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite_reasons import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["BEGIN", "END", "Case", "last_line", "section", "table", "unexplained", "write"]

BEGIN = "<!-- openEO test suite: written by `make openeo-suite REPORT=1`, not by hand -->"
END = "<!-- end of what `make openeo-suite REPORT=1` writes -->"
_OUTCOMES = ("passed", "failed", "skipped")


@dataclass(slots=True)
class Case:
    """One case of the suite."""

    process: str
    """The process that it calls."""
    number: int
    """Its place among the cases of the process, from 1."""
    level: str
    """The level of openEO's profiles."""
    outcome: str = "failed"
    """passed, failed or skipped."""
    message: str = ""
    """Why it did not pass."""
    code: str = ""
    """How the error it raised differs from the one it should have raised."""
    dated: bool = False
    """Whether it refers to parameters in the notation of openEO API 0.4."""

    @property
    def name(self) -> str:
        """What a reader finds it by: `process 3`."""
        return f"{self.process} {self.number}"

    @property
    def reason(self) -> str:
        """Why it does not pass, in our words where a person looked, else in those of the suite."""
        return REASONS.get(self.name, self.message) if self.outcome == "failed" else self.message


def table(cases: Sequence[Case]) -> list[list[str]]:
    """Return the figures by level, the sum last: level, cases, passed, failed, skipped."""
    counted = Counter((case.level, case.outcome) for case in cases)
    levels = sorted({case.level for case in cases})
    rows = [[level, *_figures([counted[level, outcome] for outcome in _OUTCOMES])] for level in levels]
    whole = Counter(case.outcome for case in cases)
    return [*rows, ["all", *_figures([whole[outcome] for outcome in _OUTCOMES])]]


def _figures(counts: list[int]) -> list[str]:
    return [str(sum(counts)), *map(str, counts)]


def last_line(cases: Iterable[Case]) -> str:
    """Return the figures in one line."""
    whole = Counter(case.outcome for case in cases)
    return ", ".join(f"{whole[outcome]} {outcome}" for outcome in _OUTCOMES)


def unexplained(cases: Iterable[Case]) -> list[str]:
    """Return what the list of reasons does not say as it is: failures without one, and reasons of cases that pass."""
    told = []
    for case in cases:
        if case.outcome == "failed" and case.name not in REASONS:
            told.append(f"{case.name} failed, and nobody has said why: {case.message}")
        if case.outcome == "passed" and case.name in REASONS:
            told.append(f"{case.name} passes; take it out of suite_reasons.py.")
    return told


def section(cases: Sequence[Case], suite: str) -> str:
    """Return the figures and what is left as Markdown, between the two marks.

    Args:
        cases: All cases of the run.
        suite: The version of the suite.
    """
    rows = [["level", "cases", "passed", "failed", "skipped"], ["---", *["---:"] * 4], *table(cases)]
    left = sorted((case for case in cases if case.outcome != "passed"), key=lambda case: (case.process, case.number))
    listed = [["case", "level", "outcome", "why"], ["---"] * 4]
    listed += [[f"`{case.name}`", case.level, case.outcome, _cell(case.reason)] for case in left]
    dated = [case for case in cases if case.dated]
    with_codes = [f"`{case.name}`" for case in cases if case.code]
    notation = (
        f"{len(dated)} cases write `from_argument` for `from_parameter`, as openEO API 0.4 did, which the engine reads "
        "with a warning; "
        f"{sum(case.outcome == 'passed' for case in dated)} of them pass."
    )
    codes = f"Cases whose error has another code than the suite names: {', '.join(with_codes) or 'none'}."
    lines = [
        BEGIN,
        "",
        f"openEO test suite {suite}: {last_line(cases)}.",
        "",
        *_rows(rows),
        "",
        notation,
        codes,
        "",
        "### What is left",
        "",
        *_rows(listed),
        "",
        END,
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _rows(rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in rows]


def write(path: Path, text: str) -> None:
    """Put the section into a document in the place of the one that is there.

    Raises:
        ValueError: The document has not both marks.
    """
    document = path.read_text(encoding="utf-8")
    before, begun, rest = document.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError(f"{path} has not the two marks between which the section stands.")
    path.write_text(f"{before}{text}{after}", encoding="utf-8")

"""What the command prints: for people, in colour on a terminal, or one JSON object for machines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NoReturn

from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from earthcode_platform.errors import EarthCodeError, RefusedError
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["Screen", "as_data"]

_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}
_WEIGHTS: Final = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_INDENT: Final = "    "
_WIDTH: Final = 100
"""Columns of a table that no terminal gives a width to."""


class _Console(Console):
    """A console that leaves it to the command what becomes of a reader who left."""

    def on_broken_pipe(self) -> NoReturn:
        """Say that nobody reads any more; rich would end the process as if the verdict had been a bad one."""
        raise BrokenPipeError


class Screen:
    """Where findings, errors and outcomes go.

    Args:
        as_json: Print data instead of sentences, and nothing else.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out = _Console(highlight=False, soft_wrap=True)
        self._err = _Console(stderr=True, highlight=False, soft_wrap=True)

    def data(self, content: Mapping[str, JsonValue]) -> None:
        """Print `content` as JSON."""
        # Past rich, which would take longer than all the rest for the thousand lines of a long list.
        takes_all = str(getattr(self._out.file, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
        self._out.file.write(json.dumps(content, indent=2, ensure_ascii=not takes_all) + "\n")

    def raw(self, text: str) -> None:
        """Print a report as it is."""
        self._out.file.write(text)

    def line(self, text: str, *, style: str = "") -> None:
        """Print one line of text."""
        self._out.print(Text(_printable(text), style=style))

    def marked(self, severity: Severity, place: str, code: str, text: str) -> None:
        """Print a finding: how much it weighs, where it is, the rule's name, and below it what is wrong."""
        mark = Text(f"  {severity.value:<8}", style=_STYLES[severity])
        self._out.print(mark + Text(_printable(place), style="bold") + Text(f"  [{code}]", style="dim"))
        self._out.print(Text(_INDENT + _printable(text)))

    def table(self, headers: Sequence[str], rows: Iterable[tuple[Sequence[str], str]]) -> None:
        """Print rows, each of cells and a style, in columns that fit the terminal; long cells are folded."""
        from rich.table import Table

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for at, header in enumerate(headers):
            table.add_column(header, overflow="fold", no_wrap=at == len(headers) - 1)
        for cells, style in rows:
            table.add_row(*(Text(_printable(cell)) for cell in cells), style=style)
        console = self._out if self._out.is_terminal else _Console(highlight=False, width=_WIDTH)
        console.print(table, soft_wrap=False)

    def unread(self, told: Sequence[str]) -> None:
        """Say on the error stream what was passed over because it cannot be read."""
        for one in told:
            self._err.print(Text("warning: ", style="yellow") + Text(f"passed over, unreadable: {_printable(one)}"))

    def progress(self, text: str) -> None:
        """Say on the error stream what is going on; machines are not told."""
        if not self.as_json:
            self._err.print(_printable(text), style="dim")

    def findings(self, title: str, findings: Sequence[Finding]) -> None:
        """Print `findings` by gate, after a line that counts them."""
        self._out.print(Text(f"{_printable(title)}: {_counted(findings)}", style="bold"))
        gates = dict.fromkeys(found.code.partition("-")[0] for found in findings)
        for gate in gates:
            self._out.print(Text(f"\n{gate}", style="bold"))
            of_gate = (found for found in findings if found.code.partition("-")[0] == gate)
            for found in sorted(of_gate, key=lambda one: _WEIGHTS.index(one.severity)):
                self._finding(found)

    def outcome(self, title: str, facts: Mapping[str, JsonValue]) -> None:
        """Print what was made, one fact a line."""
        self._out.print(Text(_printable(title), style="bold green"))
        width = max(map(len, facts), default=0)
        for name, value in facts.items():
            self._out.print(Text(f"  {name:<{width}}  ", style="dim") + Text(_printable(str(value))))

    def error(self, error: EarthCodeError) -> None:
        """Print why the command failed: the findings if an experiment was refused, the message otherwise."""
        if self.as_json:
            self.data(as_data(error))
        elif isinstance(error, RefusedError):
            self.findings(error.where or "refused", error.findings)
        else:
            self._err.print(Text("error: ", style="bold red") + Text(_printable(str(error))))

    def _finding(self, found: Finding) -> None:
        self.marked(found.severity, found.where, found.code, found.message)
        if found.remedy:
            self._out.print(Text(_INDENT + "→ ", style="green") + Text(_printable(found.remedy), style="green"))


def as_data(error: EarthCodeError) -> dict[str, JsonValue]:
    """Return `error` as data."""
    findings = error.findings if isinstance(error, RefusedError) else ()
    return {
        "error": type(error).__name__,
        "where": error.where,
        "message": error.message,
        "remedy": error.remedy,
        "findings": [found.model_dump(mode="json") for found in findings],
    }


def _counted(findings: Sequence[Finding]) -> str:
    counts = {severity: sum(found.severity == severity for found in findings) for severity in Severity}
    told = ", ".join(f"{count} {severity.value}{'s' * (count > 1)}" for severity, count in counts.items() if count)
    verdict = "refused" if counts[Severity.ERROR] else "accepted"
    return f"{verdict} ({told})" if told else verdict


def _printable(text: str) -> str:
    """Return `text` without characters that steer a terminal: names in a STAC document may come from anywhere."""
    return "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text)

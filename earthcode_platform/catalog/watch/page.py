"""What the page of a run of the watch shows, as rows and as Markdown. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.watch_report import TrendRow, Watched, counted, tally

__all__ = ["changes", "rows", "sparkline", "summary", "trend"]

_ROWS: Final = 500
"""How many findings the table holds: the page becomes slow beyond."""
_LISTED: Final = 50
"""How many findings a list spells out."""
_PLACES: Final = 3
"""How many files a line of the list names."""
_LONGEST: Final = 400
_BARS: Final = "▁▂▃▄▅▆▇█"
_ADDRESS: Final = re.compile(r"(https?://[^\s<>`\"'\\]*[^\s<>`\"'\\.,:;!?)\]])")
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>|~#!&])")


def rows(watched: Watched) -> list[dict[str, str]]:
    """Return the findings as rows of a table, what is new first; the first five hundred."""
    new = len(watched.drift.new)
    return [
        {
            "since": "new" if place < new else "before",
            "severity": found.severity.value,
            "rule": found.code,
            "where": f"{found.file}:{found.line}",
            "what": _shortened(found.message),
            "mend": _shortened(found.mend),
        }
        for place, found in enumerate(watched.findings[:_ROWS])
    ]


def summary(watched: Watched) -> str:
    """Return what the table shows, and what it leaves out, in a few sentences of Markdown."""
    documents, links, assets = watched.documents, watched.links, watched.assets
    count = len(watched.findings)
    said = [f"**{watched.verdict}** in {_code(watched.catalog)} at commit {_code(documents.commit[:12])}."]
    if documents.looked < documents.documents:
        said.append(f"Looked at {documents.looked} of {documents.documents} documents: those that a change can touch.")
    else:
        said.append(f"Looked at all {documents.documents} documents.")
    if documents.skipped:
        said.append(f"{counted(documents.skipped, 'schema')} could not be had, so what they ask was not looked at.")
    if links.addresses:
        states = ", ".join(f"{number} {state}" for state, number in sorted(links.states.items()) if number)
        said.append(f"{links.addresses} external addresses: {states}; {links.requests} requests.")
    if assets.recorded:
        turn = assets.turn % assets.parts + 1
        said.append(f"{counted(assets.compared, 'file')} compared (part {turn} of {assets.parts} of what is recorded).")
    if count > _ROWS:
        said.append(f"The table shows the first {_ROWS} of {count} findings; {count - _ROWS} are left out.")
    return " ".join(said)


def changes(watched: Watched) -> str:
    """Return what is new, gone and still there as Markdown."""
    drift = watched.drift
    lines = ["# What changed", ""]
    if watched.first:
        lines += ["This is the first run: there is nothing to compare with, so nothing counts as new.", ""]
    elif drift.unchanged:
        lines += [f"**Nothing new** since {_before(watched)}.", ""]
    else:
        lines += [f"Since {_before(watched)}: {len(drift.new)} new, {len(drift.gone)} gone.", ""]
    if watched.rebased:
        lines += ["The rules or schemas are not those of the run before: that alone can make findings new or gone.", ""]
    lines += [*_listed("New", drift.new), *_listed("Gone", drift.gone)]
    return "\n".join([*lines, *_counted(drift.still)])


def trend(watched: Watched) -> str:
    """Return the last runs as Markdown: a line of bars for the errors, and a table, the newest first."""
    shown = watched.trend
    errors = [row.errors for row in shown]
    lines = [
        "# Trend",
        "",
        f"Errors, oldest run first: `{sparkline(errors)}` (from {min(errors)} to {max(errors)})",
        "",
        "| Run (UTC) | Commit | Errors | Warnings | Notes | New | Gone | Requests | Seconds |",
        "|:--|:--|--:|--:|--:|--:|--:|--:|--:|",
    ]
    return "\n".join([*lines, *map(_row, reversed(shown)), ""])


def sparkline(values: Sequence[int]) -> str:
    """Return one bar for each value; the lowest is the smallest.

    >>> sparkline([0, 7, 3])
    '▁█▄'
    """
    low, high = min(values, default=0), max(values, default=0)
    return "".join(_BARS[(value - low) * (len(_BARS) - 1) // max(1, high - low)] for value in values)


def _before(watched: Watched) -> str:
    earlier = watched.trend[-2] if len(watched.trend) > 1 else None
    if earlier is None:
        return "the run before"
    same = earlier.commit == watched.documents.commit
    return f"{earlier.moment:%Y-%m-%d %H:%M} UTC ({'the same commit' if same else f'commit `{earlier.commit[:12]}`'})"


def _listed(heading: str, findings: Sequence[CatalogFinding]) -> Iterator[str]:
    """Yield findings as a list, errors first; one that stands in many files is said once."""
    if not findings:
        return
    alike: dict[tuple[Severity, str, str], list[str]] = {}
    for found in findings:
        alike.setdefault((found.severity, found.message, found.mend), []).append(f"{found.file}:{found.line}")
    yield from (f"## {heading}", "")
    ranks = list(Severity)
    shown = sorted(alike.items(), key=lambda one: ranks.index(one[0][0]))
    for (severity, message, mend), places in shown[:_LISTED]:
        named = ", ".join(map(_code, places[:_PLACES]))
        more = f" and {len(places) - _PLACES} more" if len(places) > _PLACES else ""
        yield f"- **{severity.value}** {_plain(message)} {_plain(mend)} In {named}{more}."
    if len(shown) > _LISTED:
        yield f"- and {sum(len(places) for _, places in shown[_LISTED:])} more findings, left out here"
    yield ""


def _counted(findings: Sequence[CatalogFinding]) -> Iterator[str]:
    if not findings:
        return
    counts = tally(findings)
    total = ", ".join(counted(counts[severity], severity.value) for severity in Severity if counts[severity])
    yield from (f"## Still there: {total}", "", "| Rule | Severity | Findings |", "|:--|:--|--:|")
    for (code, severity), count in Counter((found.code, found.severity) for found in findings).most_common():
        yield f"| `{code}` | {severity.value} | {count} |"
    yield ""


def _row(row: TrendRow) -> str:
    cells = (row.errors, row.warnings, row.notes, row.new, row.gone, row.requests, f"{row.seconds:.1f}")
    return f"| {row.moment:%Y-%m-%d %H:%M} | `{row.commit[:12]}` | " + " | ".join(map(str, cells)) + " |"


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _plain(text: str) -> str:
    r"""Return `text` so that Markdown shows it as it is: other people wrote what a finding quotes.

    >>> _plain("a *b* <img>")
    'a \\*b\\* \\<img\\>'
    >>> _plain("https://example.org/a_b.pdf is broken.")
    '<https://example.org/a_b.pdf> is broken.'
    """
    parts = _ADDRESS.split(_shortened(text))
    return "".join(f"<{part}>" if place % 2 else _MARKUP.sub(r"\\\1", part) for place, part in enumerate(parts))


def _code(text: str) -> str:
    plain = _shortened(text).replace("`", "'")
    return f"`{plain}`"

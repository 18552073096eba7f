"""What is printed about a catalog: what was mended, findings by file, what was skipped, and counts at the end."""

from collections import Counter
from collections.abc import Iterable
from contextlib import redirect_stdout
from io import StringIO
from itertools import groupby

from earthcode_platform.cli.catalog_outcome import Outcome
from earthcode_platform.cli.screen import Screen
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport
from earthcode_platform.models.finding import Severity

__all__ = ["as_text", "mend_summary", "show"]


def show(screen: Screen, outcome: Outcome) -> None:
    """Print the verdict on a catalog."""
    _mended(screen, outcome)
    for file, found in groupby(outcome.report.findings, key=lambda one: one.file):
        screen.line(file, style="bold")
        for one in found:
            place = f"line {one.line}" + (f", {one.pointer}" if one.pointer else "")
            screen.marked(one.severity, place, one.code, f"{one.message} {one.mend}".rstrip())
        screen.line("")
    _skipped(screen, outcome.report)
    _counts(screen, outcome)


def as_text(outcome: Outcome) -> str:
    """Return what `show` prints, without colours."""
    with redirect_stdout(StringIO()) as printed:
        show(Screen(), outcome)
    return printed.getvalue()


def mend_summary(outcome: Outcome) -> str:
    """Return what a mend comes to, in a few words."""
    return f"{len(outcome.mended or ())} findings in {len(outcome.edited)} files"


def _mended(screen: Screen, outcome: Outcome) -> None:
    if not outcome.edited:
        return
    screen.line(f"Mended {mend_summary(outcome)}:", style="bold green")
    for file in outcome.edited:
        screen.line(f"  {file}")
    _by_code(screen, outcome.mended or ())
    screen.line("")


def _skipped(screen: Screen, report: CatalogReport) -> None:
    if report.skipped:
        documents = f"{report.unchecked} of {report.documents} documents"
        screen.line(f"Schema checks skipped: {len(report.skipped)} schemas, {documents}.", style="yellow")
    for reason, skipped in groupby(sorted(report.skipped, key=lambda one: one.reason), key=lambda one: one.reason):
        if reason:
            screen.line(f"  {reason}:", style="dim")
        for one in skipped:
            screen.line(f"  {one.schema_url}  ({one.documents} documents)", style="dim")
    if report.stale:
        oldest = min(report.stale, key=lambda one: one.confirmed)
        screen.line(
            f"Schemas that may have changed since they were fetched: {len(report.stale)}, the oldest from "
            f"{oldest.confirmed:%Y-%m-%d %H:%M} UTC: {oldest.reason}.",
            style="yellow",
        )
    if report.skipped or report.stale:
        screen.line("")


def _by_code(screen: Screen, findings: Iterable[CatalogFinding]) -> None:
    counted = Counter((found.code, found.severity) for found in findings)
    for (code, severity), count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        screen.line(f"{count:6}  {severity.value:<8}{code}")


def _counts(screen: Screen, outcome: Outcome) -> None:
    report = outcome.report
    _by_code(screen, report.findings)
    errors = sum(found.severity is Severity.ERROR for found in report.findings)
    files = len({found.file for found in report.findings})
    verdict = "valid" if report.valid else "not valid"
    mode = "strict" if report.strict else "gate"
    since = f", changes since {outcome.base[:12]}" if outcome.base else ""
    screen.line(
        f"{outcome.title}: {verdict} in {mode} mode{since}: {errors} errors and {len(report.findings) - errors} "
        f"warnings in {files} files; {report.documents} documents, {report.schemas} schemas.",
        style="bold green" if report.valid else "bold red",
    )

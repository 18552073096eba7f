"""What is printed about a whole catalog: findings by file, what was skipped, and counts at the end."""

from collections import Counter
from itertools import groupby

from earthcode_platform.cli.screen import Screen
from earthcode_platform.models.catalog_finding import CatalogReport
from earthcode_platform.models.finding import Severity

__all__ = ["show"]


def show(screen: Screen, title: str, report: CatalogReport) -> None:
    """Print the verdict on the catalog called `title`."""
    if screen.as_json:
        screen.data({"catalog": title, "valid": report.valid, **report.model_dump(mode="json")})
        return
    for file, found in groupby(report.findings, key=lambda one: one.file):
        screen.line(file, style="bold")
        for one in found:
            place = f"line {one.line}" + (f", {one.pointer}" if one.pointer else "")
            screen.marked(one.severity, place, one.code, f"{one.message} {one.mend}".rstrip())
        screen.line("")
    _skipped(screen, report)
    _counts(screen, title, report)


def _skipped(screen: Screen, report: CatalogReport) -> None:
    if not report.skipped:
        return
    screen.line(
        f"Schema checks skipped: {len(report.skipped)} schemas, {report.unchecked} of {report.documents} documents.",
        style="yellow",
    )
    for one in report.skipped:
        screen.line(f"  {one.schema_url}  ({one.documents} documents)", style="dim")
    screen.line("")


def _counts(screen: Screen, title: str, report: CatalogReport) -> None:
    counted = Counter((found.code, found.severity) for found in report.findings)
    for (code, severity), count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        screen.line(f"{count:6}  {severity.value:<8}{code}")
    errors = sum(found.severity is Severity.ERROR for found in report.findings)
    files = len({found.file for found in report.findings})
    verdict = "valid" if report.valid else "not valid"
    mode = "strict" if report.strict else "gate"
    screen.line(
        f"{title}: {verdict} in {mode} mode: {errors} errors and {len(report.findings) - errors} warnings in {files} "
        f"files; {report.documents} documents, {report.schemas} schemas.",
        style="bold green" if report.valid else "bold red",
    )

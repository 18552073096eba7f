"""The findings about an experiment, for machines and for pages: JSON, SARIF and Markdown."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import JsonValue

from earthcode_platform.cli.catalog_outcome import repository_prefix
from earthcode_platform.cli.delivery import write_report
from earthcode_platform.cli.sarif import Place, SarifResults, sarif_log, sarif_rule
from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import RefusedError, UnknownNameError
from earthcode_platform.experiments.read import FILE_NAME, lines_of
from earthcode_platform.finding_codes.registry import explained
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.gate_report import GateReport

__all__ = ["as_json", "as_sarif", "refusal", "tell"]

_FILE: Final = re.compile(
    r"(?P<file>[^\s:,()']+\.(?:ya?ml|json|cwl|ipynb|py))(?::(?P<line>\d+))?(?:[:,] ?(?P<rest>.*))?"
)
"""How places begin that name a file of the folder, with or without a line."""


def tell(screen: Screen, report: GateReport, folder: Path, form: str, output: Path | None) -> None:
    """Show the report at the terminal, or print or write it in another form.

    Raises:
        InputError: It cannot be written to `output`.
    """
    if form == "text" or output is not None:
        if output is not None:
            write_report(output, _written(report, folder, form))
        screen.findings(report.experiment, report.findings)
        return
    screen.raw(_written(report, folder, form))


def refusal(error: RefusedError, folder: Path) -> GateReport:
    """Return the report on a folder that declares no experiment."""
    return GateReport(experiment=folder.resolve().name, findings=error.findings)


def _written(report: GateReport, folder: Path, form: str) -> str:
    if form == "json":
        return as_json(report)
    return as_sarif(report, folder) if form == "sarif" else report.markdown()


def as_json(report: GateReport) -> str:
    """Return the report as one JSON object."""
    told = report.model_dump(mode="json")
    return json.dumps({**told, "refused": report.refused}, indent=2, ensure_ascii=False) + "\n"


def as_sarif(report: GateReport, folder: Path) -> str:
    """Return the report as a SARIF log, with addresses from the root of the repository that holds the folder.

    Places that name no file are those of the declaration; a key of it has its line.
    """
    prefix, lines = repository_prefix(folder), lines_of(folder)
    levels: dict[str, Severity] = {}
    for found in report.findings:
        levels.setdefault(found.code, found.severity)
    results = SarifResults(sorted(levels))
    for found in report.findings:
        said = (found.code, found.where, found.message)
        message = f"{found.message} {found.remedy}".rstrip()
        results.add(found.code, found.severity, message, _place(found, prefix, lines), said)
    rules = [_rule(code, levels[code]) for code in sorted(levels)]
    properties: dict[str, JsonValue] = {"experiment": report.experiment, "refused": report.refused}
    return sarif_log(rules, results.told, f"check/{report.experiment}/", properties)


def _place(found: Finding, prefix: str, lines: Mapping[str, int]) -> Place:
    named = _FILE.fullmatch(found.where)
    if named is None or named["file"].startswith("/"):
        return Place(prefix + FILE_NAME, 1, found.where)
    key = (named["rest"] or "").strip()
    line = int(named["line"] or 0) or (lines.get(key, 1) if named["file"] == FILE_NAME else 1)
    return Place(prefix + named["file"], line, key)


def _rule(code: str, level: Severity) -> dict[str, JsonValue]:
    name = code.replace("-", " ").capitalize()
    try:
        rule = explained(code)
    except UnknownNameError:  # of an engine elsewhere
        return sarif_rule(code, name, f"{name}.", f"{name}.", "The message of each finding says what to do.", level)
    return sarif_rule(code, name, rule.what, f"{rule.what} {rule.why}", f"{rule.what} {rule.why} {rule.mend}", level)

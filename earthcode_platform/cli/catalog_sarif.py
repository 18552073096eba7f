"""The verdict on a catalog as SARIF 2.1.0 (OASIS), so that GitHub annotates the lines of a pull request."""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.mend.mechanics import MECHANICAL
from earthcode_platform.catalog.validate.rulebook import Check
from earthcode_platform.catalog.validate.whole import RULES
from earthcode_platform.cli.catalog_outcome import Outcome, repository_prefix
from earthcode_platform.cli.sarif import Place, SarifResults, sarif_log, sarif_rule
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity

__all__ = ["as_sarif"]

_INTRODUCTION: Final = "Return the rule that "
_UNREGISTERED: Final = {
    "catalog-schema": "The document meets the JSON Schemas of its kind, of its type and of its extensions.",
    "catalog-document-unreadable": "The document is there and is readable as a JSON object (RFC 8259).",
}
_MECHANICAL: Final = "`earthcode-platform catalog validate --fix` mends it wherever only one mend is right."
_BY_HAND: Final = "The message of each finding says what to do; it takes a decision, so `--fix` leaves it alone."


def as_sarif(outcome: Outcome) -> str:
    """Return the report as a SARIF log with one run.

    Addresses are relative to the root of the git repository that the catalog lies in, as GitHub asks. Fingerprints hang
    on rule, file, value and message, so they stay the same when lines move.
    """
    report = outcome.report
    rules = _rules(strict=report.strict, findings=report.findings)
    prefix = repository_prefix(outcome.path)
    results = SarifResults(str(rule["id"]) for rule in rules)
    for found in report.findings:
        place = Place(prefix + found.file, found.line, found.pointer)
        said = (found.code, found.file, found.value, found.message)
        results.add(found.code, found.severity, f"{found.message} {found.mend}".rstrip(), place, said)
    properties: dict[str, JsonValue] = {
        "documents": report.documents,
        "schemas": report.schemas,
        "schemasSkipped": [one.schema_url for one in report.skipped],
    }
    return sarif_log(rules, results.told, f"catalog-validate/{'strict' if report.strict else 'gate'}/", properties)


def _rules(*, strict: bool, findings: Iterable[CatalogFinding]) -> list[dict[str, JsonValue]]:
    """Return every rule that was applied, by code, and those of the findings that are in no rule book."""
    told: dict[str, dict[str, None]] = {code: {text: None} for code, text in _UNREGISTERED.items()}
    levels: dict[str, Severity] = dict.fromkeys(_UNREGISTERED, Severity.ERROR)
    for rule in (rule for rules in RULES.values() for rule in rules if strict or not rule.strict):
        code = f"catalog-{rule.code}"
        levels.setdefault(code, rule.severity)
        # Rules of several kinds share a code; what each says is told once.
        told.setdefault(code, {}).setdefault(_said(rule.check))
    for found in findings:
        levels.setdefault(found.code, found.severity)
    return [_rule(code, list(filter(None, told.get(code, ()))), level) for code, level in sorted(levels.items())]


def _rule(code: str, texts: Sequence[str], level: Severity) -> dict[str, JsonValue]:
    title = code.removeprefix("catalog-").replace("-", " ").capitalize()
    full = " ".join(texts) or f"{title}."
    helping = f"{full} {_MECHANICAL if code in MECHANICAL else _BY_HAND}"
    return sarif_rule(code, title, full.partition(" Source:")[0], full, helping, level)


def _said(check: Check) -> str:
    """Return what a rule's docstring says, on one line; of a rule that a function makes, what that function's says."""
    text = check.__doc__ or ""
    if not text:
        maker = getattr(sys.modules[check.__module__], check.__qualname__.partition(".")[0], None)
        text = (getattr(maker, "__doc__", None) or "").removeprefix(_INTRODUCTION)
        # There it speaks of its parameters.
        text = text.replace("`key`", "the document").replace("the relation `rel`", "the relation that is due")
    return " ".join(f"{text[:1].upper()}{text[1:]}".split())

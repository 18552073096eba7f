"""The verdict on a catalog as SARIF 2.1.0 (OASIS), so that GitHub annotates the lines of a pull request."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from pydantic import JsonValue

from earthcode_platform import __version__
from earthcode_platform.catalog.mend.mechanics import MECHANICAL
from earthcode_platform.catalog.validate.rulebook import Check
from earthcode_platform.catalog.validate.whole import RULES
from earthcode_platform.cli.catalog_outcome import Outcome, repository_prefix
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity

__all__ = ["as_sarif"]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_INTRODUCTION: Final = "Return the rule that "
_UNREGISTERED: Final = {
    "catalog-schema": "The document meets the JSON Schemas of its kind, of its type and of its extensions.",
    "catalog-document-unreadable": "The document is there and is readable as a JSON object (RFC 8259).",
}
_MECHANICAL: Final = "`earthcode-platform catalog validate --fix` mends it wherever only one mend is right."
_BY_HAND: Final = "The message of each finding says what to do; it takes a decision, so `--fix` leaves it alone."
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def as_sarif(outcome: Outcome) -> str:
    """Return the report as a SARIF log with one run.

    Addresses are relative to the root of the git repository that the catalog lies in, as GitHub asks. Fingerprints hang
    on rule, file, value and message, so they stay the same when lines move.
    """
    report = outcome.report
    rules = _rules(strict=report.strict, findings=report.findings)
    order = {str(rule["id"]): index for index, rule in enumerate(rules)}
    prefix = repository_prefix(outcome.path)
    seen: Counter[str] = Counter()
    results: list[JsonValue] = [_result(found, order[found.code], prefix, seen) for found in report.findings]
    driver: dict[str, JsonValue] = {"name": "earthcode-platform", "version": __version__, "rules": [*rules]}
    run: dict[str, JsonValue] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"catalog-validate/{'strict' if report.strict else 'gate'}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {
            "documents": report.documents,
            "schemas": report.schemas,
            "schemasSkipped": [one.schema_url for one in report.skipped],
        },
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _result(found: CatalogFinding, index: int, prefix: str, seen: Counter[str]) -> JsonValue:
    said = json.dumps([found.code, found.file, found.value, found.message])
    digest = hashlib.sha256(said.encode()).hexdigest()[:32]
    seen[digest] += 1
    place: dict[str, JsonValue] = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(prefix + found.file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": found.line},
        }
    }
    if found.pointer:
        place["logicalLocations"] = [{"fullyQualifiedName": found.pointer, "kind": "value"}]
    return {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": _LEVELS[found.severity],
        "message": {"text": f"{found.message} {found.mend}".rstrip()},
        "locations": [place],
        # GitHub matches findings of different commits by this name; the number tells equal ones apart.
        "partialFingerprints": {"primaryLocationLineHash": f"{digest}:{seen[digest]}"},
    }


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
    return {
        "id": code,
        "name": title.title().replace(" ", ""),
        "shortDescription": {"text": full.partition(" Source:")[0]},
        "fullDescription": {"text": full},
        "help": {"text": helping, "markdown": helping},
        "defaultConfiguration": {"level": _LEVELS[level]},
    }


def _said(check: Check) -> str:
    """Return what a rule's docstring says, on one line; of a rule that a function makes, what that function's says."""
    text = check.__doc__ or ""
    if not text:
        maker = getattr(sys.modules[check.__module__], check.__qualname__.partition(".")[0], None)
        text = (getattr(maker, "__doc__", None) or "").removeprefix(_INTRODUCTION)
        # There it speaks of its parameters.
        text = text.replace("`key`", "the document").replace("the relation `rel`", "the relation that is due")
    return " ".join(f"{text[:1].upper()}{text[1:]}".split())

"""What every SARIF 2.1.0 log of ours has in common (OASIS; GitHub, code scanning)."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pydantic import JsonValue

from earthcode_platform import __version__
from earthcode_platform.models.finding import Severity

__all__ = ["Place", "SarifResults", "sarif_log", "sarif_rule"]

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
"""By our severity: SARIF's level (section 3.27.10)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result is."""

    file: str
    """Path from the root of the repository, with forward slashes."""
    line: int
    """Line, from 1."""
    logical: str = ""
    """Key, pointer, node or asset inside the file; empty if it is the file."""


def sarif_log(
    rules: Sequence[dict[str, JsonValue]],
    results: Sequence[JsonValue],
    identifier: str,
    properties: dict[str, JsonValue],
) -> str:
    """Return a log with one run, as JSON.

    Args:
        rules: The rules that were applied.
        results: What they found.
        identifier: Id of the run, by which GitHub tells kinds of runs apart.
        properties: What else is known of the run.
    """
    driver: dict[str, JsonValue] = {"name": "earthcode-platform", "version": __version__, "rules": [*rules]}
    run: dict[str, JsonValue] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": identifier},
        "columnKind": "unicodeCodePoints",
        "results": [*results],
        "properties": properties,
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def sarif_rule(code: str, name: str, short: str, full: str, helping: str, level: Severity) -> dict[str, JsonValue]:
    """Return the description of a rule."""
    return {
        "id": code,
        "name": name.title().replace(" ", ""),
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": helping, "markdown": helping},
        "defaultConfiguration": {"level": _LEVELS[level]},
    }


class SarifResults:
    """The results of a log, in the order in which they are told.

    Args:
        codes: Codes of the rules, in the order of the log.
    """

    def __init__(self, codes: Iterable[str]) -> None:
        self.told: list[JsonValue] = []
        """The results."""
        self._order = {code: at for at, code in enumerate(codes)}
        self._seen: Counter[str] = Counter()

    def add(self, code: str, level: Severity, message: str, place: Place, said: Sequence[str]) -> None:
        """Tell one more.

        Args:
            code: Code of the rule.
            level: How much it weighs.
            message: What is wrong, and what to do.
            place: Where.
            said: What makes it the same result when lines move.
        """
        digest = hashlib.sha256(json.dumps([*said]).encode()).hexdigest()[:32]
        self._seen[digest] += 1
        location: dict[str, JsonValue] = {
            "physicalLocation": {
                "artifactLocation": {"uri": quote(place.file), "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": place.line},
            }
        }
        if place.logical:
            location["logicalLocations"] = [{"fullyQualifiedName": place.logical, "kind": "value"}]
        self.told.append(
            {
                "ruleId": code,
                "ruleIndex": self._order[code],
                "level": _LEVELS[level],
                "message": {"text": message},
                "locations": [location],
                # GitHub matches findings of different commits by this name; the number tells equal ones apart.
                "partialFingerprints": {"primaryLocationLineHash": f"{digest}:{self._seen[digest]}"},
            }
        )

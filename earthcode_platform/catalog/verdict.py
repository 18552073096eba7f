"""What the rules say of a catalog as it would be after a merge: of the new entries, and of every file touched."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from earthcode_platform.catalog.changeset import Changeset
from earthcode_platform.catalog.rules import RULES_OF_PUBLISHING, check
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import RULES, validate
from earthcode_platform.models.catalog_drift import CatalogDrift, drift
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["Verdict", "judge"]

_STRICT_RULES: Final = len({rule.code for held in RULES.values() for rule in held})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, and what was looked at."""

    findings: tuple[Finding, ...]
    """What the change would bring; what was there before is not among them."""
    files: int
    """How many documents were held against the rules."""
    rules: int
    """How many rules there are."""
    schemas: int
    """How many official schemas the documents were held against; 0 if none were at hand."""
    skipped: int = 0
    """How many more they ask for that could not be had."""

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that refuse nothing."""
        return tuple(found for found in self.findings if found.severity is not Severity.ERROR)


def judge(catalog: Catalog, merged: Catalog, change: Changeset, schemas: Schemas | None = None) -> Verdict:
    """Return what is wrong with `merged` that was not wrong with `catalog`.

    The entries that the change writes meet the rules of publishing; they and every other file that it touches meet the
    rules of the validator in strict mode. A fault that a touched file had before is not blamed on the change.

    Args:
        catalog: The catalog as it is.
        merged: The catalog with the change.
        change: The change.
        schemas: The official schemas; without them our own rules run.

    Raises:
        InputError: A schema of the mirror cannot be used.
    """
    written = [path for path in (*change.entries, *change.created) if change.edits.get(path, b"") is not None]
    only = frozenset({*written, *change.edits})
    before = validate(catalog, strict=True, schemas=schemas, only=only)
    after = validate(merged, strict=True, schemas=schemas, only=only)
    findings = check(merged, written)
    said = {(found.where, found.code.removeprefix("publish-")) for found in findings}
    brought = [
        _finding(found)
        for found in _brought(drift(before.findings, after.findings))
        if (found.file, found.code.removeprefix("catalog-")) not in said
    ]
    return Verdict(
        findings=(*findings, *brought),
        files=after.documents,
        rules=_STRICT_RULES + RULES_OF_PUBLISHING,
        schemas=after.schemas,
        skipped=len(after.skipped),
    )


def _brought(found: CatalogDrift) -> Iterator[CatalogFinding]:
    """Yield what is new and not merely worded anew: a schema's message may show a list that has become longer."""
    gone = {(one.code, one.file, one.pointer) for one in found.gone}
    yield from (one for one in found.new if (one.code, one.file, one.pointer) not in gone)


def _finding(found: CatalogFinding) -> Finding:
    return Finding(
        code=found.code, severity=found.severity, where=found.where, message=found.message, remedy=found.mend
    )

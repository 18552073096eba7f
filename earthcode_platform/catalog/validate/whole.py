"""The verdict on a whole catalog: every rule on every document, and where in the file each finding lies."""

import json
from collections.abc import Container, Iterable, Iterator
from typing import Final

from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.scan import locate
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.borne import borne
from earthcode_platform.catalog.validate.catalog import LISTING, TOP
from earthcode_platform.catalog.validate.everything import EVERYTHING
from earthcode_platform.catalog.validate.experiment import EXPERIMENT
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.linking import LINKING
from earthcode_platform.catalog.validate.mission import MISSION
from earthcode_platform.catalog.validate.product import PRODUCT
from earthcode_platform.catalog.validate.project import PROJECT
from earthcode_platform.catalog.validate.rulebook import Fault, Rule
from earthcode_platform.catalog.validate.schemas import Schemas, schemas_of
from earthcode_platform.catalog.validate.theme import THEME
from earthcode_platform.catalog.validate.variable import VARIABLE
from earthcode_platform.catalog.validate.workflow import WORKFLOW
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport, SkippedSchema
from earthcode_platform.models.finding import Severity

__all__ = ["RULES", "validate"]

_COMMON: Final = (*EVERYTHING.rules, *LINKING.rules)
RULES: Final[dict[Kind | str, tuple[Rule, ...]]] = {
    Kind.PRODUCT: (*_COMMON, *PRODUCT.rules),
    Kind.PROJECT: (*_COMMON, *PROJECT.rules),
    Kind.WORKFLOW: (*_COMMON, *WORKFLOW.rules),
    Kind.EXPERIMENT: (*_COMMON, *EXPERIMENT.rules),
    Kind.THEME: (*_COMMON, *THEME.rules),
    Kind.VARIABLE: (*_COMMON, *VARIABLE.rules),
    Kind.MISSION: (*_COMMON, *MISSION.rules),
    "listing": (*LINKING.rules, *LISTING.rules),
    "top": tuple(TOP.rules),
}
"""The rules by kind of entry, those of the listings, and those of the top."""

_LONGEST: Final = 200


def validate(
    catalog: Catalog, *, strict: bool = False, schemas: Schemas | None = None, only: Container[str] | None = None
) -> CatalogReport:
    """Return everything that is wrong with a catalog.

    Args:
        catalog: The catalog.
        strict: Apply also the rules on what the official validator does not see.
        schemas: The official schemas; without them our own rules run, and the report names what was skipped.
        only: Paths of the documents to look at; None for all.

    Raises:
        InputError: A schema of the mirror cannot be used.
    """
    schemas = schemas or Schemas(None)
    rules = {kind: tuple(one for one in held if strict or not one.strict) for kind, held in RULES.items()}
    paths = [path for path in catalog.files if path.endswith(".json")]
    needed = sorted({*paths, ROOT, *(kind.listing for kind in Kind)})
    if only is not None:
        paths, needed = [path for path in paths if path in only], [path for path in needed if path in only]
    unreadable = dict(_unreadable(catalog, needed))
    # What links to an unreadable document is not to blame: an empty one stands in for it.
    readable = catalog.with_edits(dict.fromkeys(unreadable, b"{}"))
    schemas.prepare(
        url for path in needed if path not in unreadable for url in schemas_of(path, readable.document(path))
    )
    findings: list[CatalogFinding] = []
    unchecked = 0
    for path in needed:
        before = schemas.skipped.total()
        if path in unreadable:
            faults = [("document-unreadable", Severity.ERROR, unreadable[path])]
        else:
            faults = list(_faults(readable, path, rules, schemas))
        findings += sorted((_finding(catalog, path, *fault) for fault in faults), key=lambda found: found.line)
        unchecked += schemas.skipped.total() > before
    return CatalogReport(
        strict=strict,
        documents=len(paths),
        schemas=schemas.used,
        findings=tuple(findings),
        skipped=tuple(
            SkippedSchema(schema_url=_sayable(url), documents=count, reason=schemas.reasons.get(url, ""))
            for url, count in sorted(schemas.skipped.items())
        ),
        unchecked=unchecked,
        stale=schemas.stale,
    )


def _unreadable(catalog: Catalog, paths: Iterable[str]) -> Iterator[tuple[str, Fault]]:
    for path in paths:
        try:
            catalog.document(path)
        except InputError as error:
            yield path, Fault("", error.message, error.remedy)


def _faults(
    catalog: Catalog, path: str, rules: dict[Kind | str, tuple[Rule, ...]], schemas: Schemas
) -> Iterator[tuple[str, Severity, Fault]]:
    """Yield code, severity and fault for everything that is wrong with one document."""
    entry = Inspection(catalog, path)
    for rule in rules.get(_kind(entry), ()):
        for fault in borne(rule, entry):
            yield rule.code, rule.severity, fault
    for url in schemas_of(path, entry.document):
        for fault in schemas.faults(url, entry.document):
            yield "schema", Severity.ERROR, fault


def _kind(entry: Inspection) -> Kind | str:
    if entry.kind is not None:
        return entry.kind
    if entry.path == ROOT:
        return "top"
    return "listing" if entry.listing else "item"


def _finding(catalog: Catalog, path: str, code: str, severity: Severity, fault: Fault) -> CatalogFinding:
    value = "" if fault.value is None else json.dumps(fault.value, ensure_ascii=False)
    return CatalogFinding(
        code=f"catalog-{code}",
        severity=severity,
        file=_sayable(path),
        pointer=_sayable(fault.pointer),
        line=_line(catalog.files.get(path, b""), fault.pointer),
        value=_sayable(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"),
        message=_sayable(fault.message),
        mend=_sayable(fault.mend),
    )


def _sayable(text: str) -> str:
    """Return `text` with lone surrogates, which no file and no terminal takes, as escapes."""
    return text.encode(errors="backslashreplace").decode()


def _line(content: bytes, pointer: str) -> int:
    """Return the line that a pointer leads to, or that of the innermost value that is there."""
    while True:
        try:
            place = locate(content, pointer)
        except (InputError, ValueError):
            if not pointer:
                return 1
            pointer = pointer.rpartition("/")[0]
            continue
        start = place.value.start if place.start is None else place.start
        return content.count(b"\n", 0, start) + 1

"""The verdict on a whole catalog: every rule on every document, and where in the file each finding lies."""

import json
from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from earthcode_platform.catalog.documents import JsonObject, line_of_fault
from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.scan import locate
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.asked import is_passed_over, schemas_asked
from earthcode_platform.catalog.validate.borne import borne
from earthcode_platform.catalog.validate.catalog import LISTING, TOP
from earthcode_platform.catalog.validate.elsewhere import ELSEWHERE, OWN_DATA, is_own_data
from earthcode_platform.catalog.validate.everything import EVERYTHING
from earthcode_platform.catalog.validate.experiment import EXPERIMENT
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.linking import LINKING
from earthcode_platform.catalog.validate.media_types import MEDIA_TYPES
from earthcode_platform.catalog.validate.mission import MISSION
from earthcode_platform.catalog.validate.product import PRODUCT
from earthcode_platform.catalog.validate.project import PROJECT
from earthcode_platform.catalog.validate.reading import is_document, misnamed_folders, read, repaired, tamed
from earthcode_platform.catalog.validate.rulebook import Fault, Rule
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.theme import THEME
from earthcode_platform.catalog.validate.variable import VARIABLE
from earthcode_platform.catalog.validate.workflow import WORKFLOW
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport, SkippedSchema
from earthcode_platform.models.finding import Severity

__all__ = ["RULES", "validate"]

_LINKS: Final = (*LINKING.rules, *MEDIA_TYPES.rules)
_COMMON: Final = (*EVERYTHING.rules, *_LINKS)
RULES: Final[dict[Kind | str, tuple[Rule, ...]]] = {
    Kind.PRODUCT: (*_COMMON, *PRODUCT.rules),
    Kind.PROJECT: (*_COMMON, *PROJECT.rules),
    Kind.WORKFLOW: (*_COMMON, *WORKFLOW.rules),
    Kind.EXPERIMENT: (*_COMMON, *EXPERIMENT.rules),
    Kind.THEME: (*_COMMON, *THEME.rules),
    Kind.VARIABLE: (*_COMMON, *VARIABLE.rules),
    Kind.MISSION: (*_COMMON, *MISSION.rules),
    "listing": (*_LINKS, *LISTING.rules),
    "top": tuple(TOP.rules),
    "own data": tuple(OWN_DATA.rules),
    "elsewhere": tuple(ELSEWHERE.rules),
}
"""The rules by kind of entry, those of the listings, of the top, of products' own data, and of all other places."""

_LONGEST: Final = 200
_UNREAD: Final = "document-unreadable"


class _Found(NamedTuple):
    code: str
    severity: Severity
    exception: str
    fault: Fault


def validate(
    catalog: Catalog, *, strict: bool = False, schemas: Schemas | None = None, only: Container[str] | None = None
) -> CatalogReport:
    """Return everything that is wrong with a catalog.

    Args:
        catalog: The catalog.
        strict: Apply also the rules on what the official validator does not see, and take its errors for errors.
        schemas: The official schemas; without them our own rules run, and the report names what was skipped.
        only: Paths of the documents to look at; None for all.

    Raises:
        InputError: A schema of the mirror cannot be used.
    """
    schemas = schemas or Schemas(None)
    rules = {
        kind: [(one, one.weight(strict=strict)) for one in held if strict or not one.strict]
        for kind, held in RULES.items()
    }
    paths = [path for path in catalog.files if (only is None or path in only) and is_document(path)]
    needed = sorted(
        {*paths, *(path for path in (ROOT, *(kind.listing for kind in Kind)) if only is None or path in only)}
    )
    # What links to an unreadable document is not to blame: an empty one stands in for it.
    unread = {path: fault for path in needed if (fault := read(catalog, path)) is not None}
    readable = catalog.with_edits({path: repaired(catalog, path) for path in unread}) if unread else catalog
    schemas.prepare(
        asked.url for path in needed if path not in unread for asked in schemas_asked(Inspection(readable, path))
    )
    findings: list[CatalogFinding] = []
    unchecked = 0
    for path in needed:
        before = schemas.skipped.total()
        found = [_unread(catalog, path, unread[path], strict=strict)] if path in unread else []
        if not found or found[0].exception == "EX10":
            found += _faults(Inspection(readable, path), rules, schemas, strict=strict)
        findings += sorted((_finding(catalog, path, one) for one in found), key=lambda one: one.line)
        unchecked += schemas.skipped.total() > before
    findings += [
        _finding(catalog, path, _Found("place-unexpected", Severity.ERROR, "", fault))
        for path, fault in misnamed_folders(catalog.files)
        if only is None or path in only
    ]
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


def _unread(catalog: Catalog, path: str, fault: Fault, *, strict: bool) -> _Found:
    exception = ""
    if path not in catalog:
        # Somebody must miss it: a catalog of nothing at all is none.
        exception = "EX08" if any(map(is_document, catalog.files)) else ""
    elif repaired(catalog, path) != b"{}":
        exception = "EX10"
    return _Found(_UNREAD, _weight(exception, strict=strict), exception, fault)


def _faults(
    entry: Inspection, rules: dict[Kind | str, list[tuple[Rule, Severity]]], schemas: Schemas, *, strict: bool
) -> Iterator[_Found]:
    """Yield everything that is wrong with one document."""
    passed_over = "EX01" if is_passed_over(entry.document) else ""
    for rule, severity in rules[_kind(entry)]:
        for fault in borne(rule, entry):
            if passed_over and severity is Severity.ERROR:
                yield _Found(rule.code, _weight(passed_over, strict=strict), passed_over, fault)
            else:
                yield _Found(rule.code, severity, rule.exception, fault)
    document: JsonObject = entry.document
    if entry.listing and not isinstance(document.get("stac_extensions", []), list):
        fault = Fault("/stac_extensions", "it is no array.", "Write an array.", document["stac_extensions"])
        yield _Found("extensions-wrong", _weight("EX11", strict=strict), "EX11", fault)
        document = {key: value for key, value in document.items() if key != "stac_extensions"}
    for asked in schemas_asked(entry):
        exception = asked.exception or passed_over
        faults = list(schemas.faults(asked.url, document))
        if faults and (finite := tamed(document)) is not document:
            fault = Fault("", "it holds a number too large for any reader.", "Write a smaller one.")
            yield _Found("schema", _weight("EX17", strict=strict), "EX17", fault)
            faults = list(schemas.faults(asked.url, finite))
        yield from (_Found("schema", _weight(exception, strict=strict), exception, fault) for fault in faults)


def _weight(exception: str, *, strict: bool) -> Severity:
    return Severity.WARNING if exception and not strict else Severity.ERROR


def _kind(entry: Inspection) -> Kind | str:
    if entry.kind is not None:
        return entry.kind
    if entry.path == ROOT:
        return "top"
    if entry.listing:
        return "listing"
    return "own data" if is_own_data(entry.path) else "elsewhere"


def _finding(catalog: Catalog, path: str, found: _Found) -> CatalogFinding:
    fault = found.fault
    value = "" if fault.value is None else json.dumps(fault.value, ensure_ascii=False)
    message = f"{fault.message.removesuffix('.')} ({found.exception})." if found.exception else fault.message
    return CatalogFinding(
        code=f"catalog-{found.code}",
        severity=found.severity,
        file=_sayable(path),
        pointer=_sayable(fault.pointer),
        line=_line(catalog.files.get(path, b""), found),
        value=_sayable(value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"),
        message=_sayable(message),
        mend=_sayable(fault.mend),
    )


def _sayable(text: str) -> str:
    """Return `text` with lone surrogates, which no file and no terminal takes, as escapes."""
    return text.encode(errors="backslashreplace").decode()


def _line(content: bytes, found: _Found) -> int:
    """Return the line that a finding points at, or that of the innermost value that is there."""
    if found.code == _UNREAD:
        return line_of_fault(content)
    pointer = found.fault.pointer
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

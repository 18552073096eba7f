"""The documents of a catalog, all of them or those that a change can have touched."""

from datetime import datetime
from hashlib import sha256

from earthcode_platform import __version__
from earthcode_platform.catalog.dependence import dependents, validate_part
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import RULES, validate
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.watch_report import DocumentLook

__all__ = ["look", "visible"]


def look(
    catalog: Catalog, moment: datetime, schemas: Schemas, before: tuple[Catalog, DocumentLook] | None = None
) -> DocumentLook:
    """Return everything that is wrong with the documents of a catalog, in strict mode.

    Args:
        catalog: The catalog.
        moment: When the look began, UTC.
        schemas: The official schemas.
        before: The catalog that the run before looked at, and what came of it: only documents that changed since, and
            those that depend on them, are looked at, and for the others the earlier findings stand. All are looked at
            if it is None, or went by other rules or schemas.

    Raises:
        InputError: A schema of the mirror cannot be used.
    """
    basis = _basis(schemas)
    kept: list[CatalogFinding] = []
    if before is None or before[1].basis != basis:
        report = validate(catalog, strict=True, schemas=schemas)
        documents = report.documents
    else:
        changed = _changed(before[0], catalog)
        only = changed | dependents(before[0], catalog, changed)
        report = validate_part(catalog, only, strict=True, schemas=schemas)
        said = {path.encode(errors="backslashreplace").decode() for path in only}
        kept = [found for found in before[1].findings if found.file not in said]
        documents = sum(path.endswith(".json") for path in catalog.files)
    return DocumentLook(
        commit=catalog.commit,
        moment=moment,
        basis=basis,
        documents=documents,
        looked=report.documents,
        skipped=len(report.skipped),
        findings=tuple(sorted((*report.findings, *kept), key=lambda found: found.file)),
    )


def visible(catalog: Catalog) -> Catalog:
    """Return the catalog without hidden files: settings of git, of continuous integration and of editors."""
    shown = {path: held for path, held in catalog.files.items() if not (path.startswith(".") or "/." in path)}
    return catalog if len(shown) == len(catalog.files) else Catalog(shown, catalog.commit)


def _changed(before: Catalog, now: Catalog) -> set[str]:
    paths = before.files.keys() | now.files.keys()
    return {path for path in paths if before.files.get(path) != now.files.get(path)}


def _basis(schemas: Schemas) -> str:
    """Return what the documents are held against, in short; findings of another basis are of no use to this one."""
    rules = sorted({rule.code for held in RULES.values() for rule in held})
    return sha256(repr((__version__, rules, repr(schemas))).encode()).hexdigest()[:16]

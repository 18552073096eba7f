"""The mend of a catalog: every mechanical mend of every error, proved by validating what comes out."""

from collections import defaultdict
from collections.abc import Sequence

from earthcode_platform.catalog.mend.mechanics import step_for
from earthcode_platform.catalog.mend.steps import Step, edited
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_drift import CatalogDrift, drift
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport
from earthcode_platform.models.frozen import Frozen

__all__ = ["Mended", "mend"]


class Mended(Frozen):
    """What mends a catalog, and what is left."""

    edits: dict[str, bytes]
    """New content by path, sorted."""
    mended: tuple[CatalogFinding, ...]
    """The findings that the edited catalog no longer has."""
    report: CatalogReport
    """The verdict on the edited catalog."""


def mend(
    catalog: Catalog,
    report: CatalogReport,
    *,
    schemas: Schemas | None = None,
    wanted: Sequence[CatalogFinding] | None = None,
) -> Mended:
    """Return the edits that mend every error of `report` whose mend is mechanical. Nothing is written.

    The edited catalog is validated again: it lacks every finding that is said to be mended and has no new one. A step
    that does not get rid of its finding, or that brings a new one, is left out.

    Args:
        catalog: The catalog.
        report: The verdict on the whole of it.
        schemas: The schemas that it was reached with.
        wanted: Those of its findings to mend; None for all.

    Raises:
        InputError: A schema of the mirror cannot be used.
    """
    steps = [step for found in (report.findings if wanted is None else wanted) if (step := step_for(catalog, found))]
    while steps:
        edits = _edits(catalog, steps)
        after = validate(catalog.with_edits(edits), strict=report.strict, schemas=schemas)
        change = drift(report.findings, after.findings)
        guilty = _guilty(catalog, change, steps)
        if not guilty:
            left = report.model_copy(update={"findings": after.findings})
            return Mended(edits=edits, mended=change.gone, report=left)
        steps = [step for step in steps if id(step) not in guilty]
    return Mended(edits={}, mended=(), report=report)


def _edits(catalog: Catalog, steps: Sequence[Step]) -> dict[str, bytes]:
    """Return the new content of every document that the steps change; steps that cannot be made are passed over."""
    by_path: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        by_path[step.path].append(step)
    found: dict[str, bytes] = {}
    for path, held in sorted(by_path.items()):
        content = _content(catalog, path, held)
        if content != catalog.content(path):
            found[path] = content
    return found


def _content(catalog: Catalog, path: str, steps: Sequence[Step]) -> bytes:
    content = catalog.content(path)
    try:
        return edited(content, (one for step in steps for one in step.edits))
    except InputError:
        # One of them cannot be made; without it the others can.
        made: list[Step] = []
        for step in steps:
            try:
                content = edited(catalog.content(path), (one for held in (*made, step) for one in held.edits))
            except InputError:
                continue
            made.append(step)
        return content


def _guilty(catalog: Catalog, change: CatalogDrift, steps: Sequence[Step]) -> set[int]:
    """Return the identities of the steps that do not mend their finding or that may have brought a new one."""
    still = {_identity(found) for found in change.still}
    useless = {id(step) for step in steps if _identity(step.finding) in still}
    if useless or not change.new:
        return useless
    return {id(step) for found in change.new for step in _suspects(catalog, found, steps)}


def _suspects(catalog: Catalog, new: CatalogFinding, steps: Sequence[Step]) -> Sequence[Step]:
    """Return the fewest steps that a new finding can be blamed on: on the link, in the file, about the file, all."""
    held = catalog.document(new.file).get("links") if new.file in catalog else None
    last = len(held) if isinstance(held, list) else 0
    in_file = [step for step in steps if step.path == new.file]
    on_link = [step for step in in_file if step.touches(new.pointer, last)]
    about_file = [step for step in steps if step.finding.file == new.file]
    return on_link or in_file or about_file or steps


def _identity(found: CatalogFinding) -> tuple[str, str, str, str]:
    return found.code, found.file, found.value, found.message

"""The catalog's rules for the entries of a submission, checked in the catalog as it would be after the merge.

The rules are the Open Science Catalog's own (its validator and documentation), plus those on back links, which the
catalog asks for and nothing checks. Each rule is one function over one entry; `check` runs those of its kind.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from earthcode_platform.catalog.addresses import CONTACTS, OSC, RECORD_CORE, THEMES
from earthcode_platform.catalog.documents import text, texts
from earthcode_platform.catalog.facts_rules import FACT_RULES, dates_are_utc, extent_is_flat
from earthcode_platform.catalog.inspected import Inspected
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.link_rules import LINK_RULES
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError
from earthcode_platform.models.finding import Finding, Severity

__all__ = ["check"]

_Rule: TypeAlias = Callable[[Inspected], Iterator[Finding]]


def check(catalog: Catalog, paths: Iterable[str]) -> tuple[Finding, ...]:
    """Return what is wrong with the entries at `paths`; codes begin with `publish-`."""
    return tuple(finding for path in paths for finding in _check_entry(catalog, path))


def _check_entry(catalog: Catalog, path: str) -> Iterator[Finding]:
    entry = Kind.of(path)
    if entry is None or path not in catalog:
        yield Finding(
            code="publish-entry-missing",
            severity=Severity.ERROR,
            where=path,
            message="there is no entry at this path.",
            remedy="An entry lies at <kind>/<id>/<file>.json.",
        )
        return
    inspected = Inspected(catalog, *entry)
    try:
        for rule in (*FACT_RULES, *LINK_RULES, *_RULES.get(inspected.kind, ())):
            yield from rule(inspected)
    except InputError as error:
        yield inspected.finding("document-unreadable", error.message, error.remedy)


def _is_product(entry: Inspected) -> Iterator[Finding]:
    if entry.document.get("type") != "Collection" or entry.facts.get("osc:type") != "product":
        yield entry.finding(
            "type-wrong",
            f"type {entry.document.get('type')!r} and osc:type {entry.facts.get('osc:type')!r} are not a product's.",
            "A product is a Collection with osc:type 'product'.",
        )
    if entry.facts.get("osc:status") not in ("planned", "ongoing", "completed"):
        yield entry.finding(
            "status-wrong",
            f"osc:status is {entry.facts.get('osc:status')!r}.",
            "Take planned, ongoing or completed.",
        )
    if entry.document.get("stac_version") not in ("1.0.0", "1.1.0"):
        yield entry.finding(
            "stac-version-wrong", f"stac_version is {entry.document.get('stac_version')!r}.", "Take 1.0.0 or 1.1.0."
        )


def _has_extensions(entry: Inspected) -> Iterator[Finding]:
    needed = {OSC, THEMES} | ({CONTACTS} if "contacts" in entry.document else set())
    for extension in sorted(needed - set(texts(entry.document, "stac_extensions"))):
        yield entry.finding("extension-missing", f"stac_extensions lacks {extension}.", "Add it.")


def _has_access(entry: Inspected) -> Iterator[Finding]:
    if not entry.rel("via"):
        yield entry.finding("via-missing", "no link with relation 'via' says where the product is.", "Add one.")


def _is_record(entry: Inspected) -> Iterator[Finding]:
    wanted = "workflow" if entry.kind is Kind.WORKFLOW else "experiment"
    if entry.document.get("type") != "Feature" or entry.facts.get("type") != wanted:
        yield entry.finding(
            "type-wrong",
            f"type {entry.document.get('type')!r} with properties.type {entry.facts.get('type')!r} is no {wanted}.",
            f"A record is a Feature with properties.type {wanted!r}.",
        )
    if RECORD_CORE not in texts(entry.document, "conformsTo"):
        yield entry.finding("conformance-missing", f"conformsTo lacks {RECORD_CORE}.", "Add it.")


def _has_run_files(entry: Inspected) -> Iterator[Finding]:
    for relation in ("input", "environment"):
        found = entry.rel(relation)
        if len(found) != 1:
            yield entry.finding(
                f"{relation}-missing", f"{len(found)} links have the relation {relation!r}.", "There must be one."
            )


def _refers(key: str, kind: Kind, back: str | None) -> _Rule:
    """Return the rule that what `key` names exists, is linked as related, and links back with the relation `back`."""

    def rule(entry: Inspected) -> Iterator[Finding]:
        value = entry.facts.get(key)
        named = (
            entry.themes
            if key == "themes"
            else texts(entry.facts, key) or tuple(filter(None, [text(entry.facts, key)]))
        )
        if not named and key not in _MAY_BE_EMPTY:
            yield entry.finding("reference-missing", f"{key} is {value!r}.", f"Name a {kind.label} of the catalog.")
        for name in named:
            yield from _refers_to(entry, key, kind, name, back)

    return rule


def _refers_to(entry: Inspected, key: str, kind: Kind, name: str, back: str | None) -> Iterator[Finding]:
    target = kind.path(name)
    if target not in entry.catalog:
        yield entry.finding(
            "reference-unknown", f"{key} names {name!r}, which {kind.listing} does not hold.", "Mend it."
        )
        return
    if not any(link.target == target for link in entry.rel("related")):
        yield entry.finding("related-missing", f"{key} names {name!r}, but no 'related' link leads there.", "Add it.")
    if back and not any(link.rel == back and link.target == entry.path for link in entry.catalog.links(target)):
        yield entry.finding("back-link-missing", f"{target} has no {back!r} link to this entry.", "Add it there.")


def _children(kind: Kind) -> _Rule:
    """Return the rule that `child` links lead to entries of one kind, and the first of them exists."""

    def rule(entry: Inspected) -> Iterator[Finding]:
        for link in entry.rel("child"):
            found = Kind.of(link.target or "")
            if found is None or found[0] is not kind:
                yield entry.finding(
                    "child-wrong",
                    f"the child {link.href!r} is no {kind.label}.",
                    f"Link {kind.value} as children only.",
                )
        if not entry.rel("child"):
            yield entry.finding("child-missing", f"no child link leads to a {kind.label}.", "Add it.")

    return rule


def _known_to_project(entry: Inspected) -> Iterator[Finding]:
    project = Kind.PROJECT.path(text(entry.facts, "osc:project"))
    if project in entry.catalog and entry.id not in texts(entry.catalog.document(project), "osc:workflows"):
        yield entry.finding("back-link-missing", f"osc:workflows of {project} lacks {entry.id!r}.", "Add it there.")


_MAY_BE_EMPTY: Final = ("osc:variables", "osc:missions")
_RULES: Final[dict[Kind, tuple[_Rule, ...]]] = {
    Kind.PRODUCT: (
        _is_product,
        _has_extensions,
        _has_access,
        extent_is_flat,
        dates_are_utc,
        _refers("osc:project", Kind.PROJECT, "child"),
        _refers("themes", Kind.THEME, "child"),
        _refers("osc:variables", Kind.VARIABLE, "child"),
        _refers("osc:missions", Kind.MISSION, "child"),
        _refers("osc:experiment", Kind.EXPERIMENT, "child"),
    ),
    Kind.WORKFLOW: (
        _is_record,
        dates_are_utc,
        _refers("osc:project", Kind.PROJECT, "related"),
        _refers("themes", Kind.THEME, None),
        _children(Kind.EXPERIMENT),
        _known_to_project,
    ),
    Kind.EXPERIMENT: (
        _is_record,
        dates_are_utc,
        _has_run_files,
        _refers("osc:workflow", Kind.WORKFLOW, "child"),
        _refers("themes", Kind.THEME, None),
        _children(Kind.PRODUCT),
    ),
}

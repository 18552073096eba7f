"""The catalog's rules for the entries of a submission, checked in the catalog as it would be after the merge.

Many are those of the catalog's validator in strict mode, taken over as they are. The others ask for more than it does,
for what is newly written can be better than what is there: both dates, every title, a media type on every link.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from earthcode_platform.catalog.addresses import CONTACTS, OSC, THEMES
from earthcode_platform.catalog.documents import text, texts
from earthcode_platform.catalog.facts_rules import FACT_RULES, dates_are_utc, extent_is_flat
from earthcode_platform.catalog.inspected import Inspected, publish_finding
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.link_rules import LINK_RULES
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.whole import RULES
from earthcode_platform.errors import InputError
from earthcode_platform.models.finding import Finding

__all__ = ["RULES_OF_PUBLISHING", "check"]

_Rule: TypeAlias = Callable[[Inspected], Iterator[Finding]]


def check(catalog: Catalog, paths: Iterable[str]) -> tuple[Finding, ...]:
    """Return what is wrong with the entries at `paths`; codes begin with `publish-`."""
    return tuple(finding for path in paths for finding in _check_entry(catalog, path))


def _check_entry(catalog: Catalog, path: str) -> Iterator[Finding]:
    entry = Kind.of(path)
    if entry is None or path not in catalog:
        yield publish_finding(
            path, "entry-missing", "there is no entry at this path.", "An entry lies at <kind>/<id>/<file>.json."
        )
        return
    try:
        inspected = Inspected(catalog, *entry)
        yield from _validated(inspected)
        for rule in (*FACT_RULES, *LINK_RULES, *_RULES.get(inspected.of_kind, ())):
            yield from rule(inspected)
    except InputError as error:
        yield publish_finding(path, "document-unreadable", error.message, error.remedy)


def _validated(entry: Inspected) -> Iterator[Finding]:
    """Yield what the validator's rules find that publishing takes over as they are."""
    for rule in RULES[entry.of_kind]:
        if rule.code in _TAKEN_OVER:
            for fault in rule.check(entry):
                yield entry.finding(rule.code, fault.message, fault.mend, severity=rule.severity)


def _has_extensions(entry: Inspected) -> Iterator[Finding]:
    needed = {OSC, THEMES} | ({CONTACTS} if "contacts" in entry.document else set())
    for extension in sorted(needed - set(texts(entry.document, "stac_extensions"))):
        yield entry.finding("extension-missing", f"stac_extensions lacks {extension}.", "Add it.")


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


_TAKEN_OVER: Final = frozenset(
    {
        *("id-differs", "type-wrong", "status-wrong", "stac-version-wrong", "license-wrong", "conformance-missing"),
        *("via-missing", "input-missing", "environment-missing", "email-wrong", "doi-wrong", "interval-reversed"),
        *("link-repeated", "theme-repeated", "path-too-long", "officer-wrong"),
    }
)
"""Rules of the validator, strict mode included; the others have a stricter counterpart here."""
_MAY_BE_EMPTY: Final = ("osc:variables", "osc:missions")
_RULES: Final[dict[Kind, tuple[_Rule, ...]]] = {
    Kind.PRODUCT: (
        _has_extensions,
        extent_is_flat,
        dates_are_utc,
        _refers("osc:project", Kind.PROJECT, "child"),
        _refers("themes", Kind.THEME, "child"),
        _refers("osc:variables", Kind.VARIABLE, "child"),
        _refers("osc:missions", Kind.MISSION, "child"),
        _refers("osc:experiment", Kind.EXPERIMENT, "child"),
    ),
    Kind.PROJECT: (
        _has_extensions,
        extent_is_flat,
        dates_are_utc,
        _refers("themes", Kind.THEME, None),
    ),
    Kind.VARIABLE: (
        dates_are_utc,
        _refers("themes", Kind.THEME, None),
    ),
    Kind.WORKFLOW: (
        dates_are_utc,
        _refers("osc:project", Kind.PROJECT, "related"),
        _refers("themes", Kind.THEME, None),
        _children(Kind.EXPERIMENT),
        _known_to_project,
    ),
    Kind.EXPERIMENT: (
        dates_are_utc,
        _refers("osc:workflow", Kind.WORKFLOW, "child"),
        _refers("themes", Kind.THEME, None),
        _children(Kind.PRODUCT),
    ),
}
RULES_OF_PUBLISHING: Final = (
    len(FACT_RULES) + len(LINK_RULES) + len({rule for held in _RULES.values() for rule in held})
)
"""How many rules there are beyond those taken over."""

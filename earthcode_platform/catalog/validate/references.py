"""What a document names by id must exist and be linked: the cross references of the Open Science Catalog."""

import posixpath
from collections.abc import Iterator

from earthcode_platform.catalog.addresses import THEME_SCHEME
from earthcode_platform.catalog.documents import sections, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import JSON, Link
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Check, Fault

__all__ = ["Named", "back_links", "named", "named_themes", "references", "required_themes", "theme_references"]

Named = tuple[str, str]
"""Pointer and id of something that a document names."""


def named(entry: Inspection, key: str) -> list[Named]:
    """Return what a key such as `osc:project` or `osc:variables` names."""
    value = entry.facts.get(key)
    at = entry.at(key)
    if isinstance(value, list):
        return [(f"{at}/{index}", name) for index, name in enumerate(value) if isinstance(name, str)]
    return [(at, value)] if isinstance(value, str) else []


def named_themes(entry: Inspection, *, first: bool) -> list[Named]:
    """Return the catalog's themes that a document names.

    Args:
        entry: The document.
        first: Look only at the first `themes` object with the catalog's scheme, as the official validator does.
    """
    found: list[list[Named]] = []
    for place, theme in enumerate(sections(entry.facts, "themes")):
        if theme.get("scheme") == THEME_SCHEME:
            at = f"{entry.prefix}/themes/{place}/concepts"
            concepts = enumerate(sections(theme, "concepts"))
            found.append([(f"{at}/{index}/id", text(concept, "id")) for index, concept in concepts])
    return [one for group in (found[:1] if first else found) for one in group]


def references(key: str, kind: Kind, *, required: bool = False) -> Check:
    """Return the rule that what `key` names exists and has its `related` link with the right title."""

    def check(entry: Inspection) -> Iterator[Fault]:
        found = named(entry, key)
        held = entry.facts.get(key)
        if required and not isinstance(held, str):
            yield Fault(entry.at(key), f"{key} names no {kind.label}.", "Name one by its id.", held)
            return
        for pointer, name in found:
            yield from _refers(entry, pointer, kind, name)

    return check


def theme_references(entry: Inspection, *, first: bool) -> Iterator[Fault]:
    """Yield what is wrong with the themes that a document names."""
    for pointer, name in named_themes(entry, first=first):
        yield from _refers(entry, pointer, Kind.THEME, name)


def required_themes(entry: Inspection) -> Iterator[Fault]:
    """Yield what is wrong with the first `themes` object of the catalog's scheme; there must be one with a concept."""
    if not named_themes(entry, first=True):
        yield Fault(
            entry.at("themes"),
            f"no themes object with the scheme {THEME_SCHEME} names a theme.",
            "Name one by its id.",
            entry.facts.get("themes"),
        )
    yield from theme_references(entry, first=True)


def back_links(key: str, kind: Kind, rel: str) -> Check:
    """Return the rule that what `key` names (`themes` for all themes) links back with the relation `rel`."""

    def check(entry: Inspection) -> Iterator[Fault]:
        found = named_themes(entry, first=False) if key == "themes" else named(entry, key)
        for name, pointer in {name: pointer for pointer, name in reversed(found)}.items():
            target = kind.path(name)
            if target in entry.catalog and not _links_back(entry, target, rel):
                yield Fault(
                    pointer,
                    f"{target} has no {rel!r} link back to this entry.",
                    f"Add a {rel!r} link to {entry.path} there.",
                    name,
                )

    return check


def _links_back(entry: Inspection, source: str, rel: str) -> bool:
    return any(link.rel == rel and link.target == entry.path for link in entry.catalog.links(source))


def _refers(entry: Inspection, pointer: str, kind: Kind, name: str) -> Iterator[Fault]:
    target = kind.path(name)
    if target not in entry.catalog and posixpath.normpath(target) not in entry.catalog:
        yield Fault(pointer, f"there is no {kind.label} {name!r} in {kind.listing}.", "Name one that exists.", name)
        return
    link = _related(entry, target)
    if link is None:
        yield Fault(pointer, f"no 'related' link leads to {target}.", "Add the link.", name)
        return
    at = f"/links/{link.index}"
    if link.media_type != JSON:
        message = f"the 'related' link to {target} has the type {link.media_type!r}."
        yield Fault(at + ("/type" if link.media_type else ""), message, f"Write {JSON}.", link.media_type)
    # A link that leads nowhere, and a target without a title, have findings of their own.
    title = entry.title(entry.leads_to(link))
    wanted = f"{kind.label}: {title}"
    if title and link.title != wanted:
        at += "/title" if link.title is not None else ""
        yield Fault(at, f"the title must be {wanted!r}, the {kind.label.lower()}'s.", f"Write {wanted!r}.", link.title)


def _related(entry: Inspection, target: str) -> Link | None:
    """Return the related link to `target`; the official validator looks at the end of the href alone."""
    ending = f"/{target}"
    for link in entry.links:
        if link.rel == "related" and link.href.endswith(ending):
            return link
    return None

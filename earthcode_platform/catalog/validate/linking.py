"""Rules on the links of every entry and listing: up, down, to itself, once, and to somewhere."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import JSON, PUBLISHED_AT, Link
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["LINKING", "is_absolute", "looked_at", "title_fault", "up"]

LINKING: Final = RuleBook()
"""The rules on links of every entry and every listing."""

_OWN_RULES: Final = ("self", "input", "environment", "child", "item", "root", "parent", "preview")
_OWN_CHILDREN: Final = (Kind.PRODUCT, Kind.WORKFLOW, Kind.EXPERIMENT)
"""Kinds whose children may lie elsewhere, so that their addresses may be absolute."""


@LINKING.gate("root-wrong")
def _leads_to_root(entry: Inspection) -> Iterator[Fault]:
    """A `root` link leads to the top by its relative href. Source: validator, everything."""
    yield from up(entry, "root", "../../catalog.json" if entry.kind else "../catalog.json")


@LINKING.gate("parent-wrong")
def _leads_to_parent(entry: Inspection) -> Iterator[Fault]:
    """A `parent` link leads to the listing, of a listing to the top. Source: validator, everything."""
    yield from up(entry, "parent", "../catalog.json")


@LINKING.gate("link-title-wrong")
def _titles_are_those_of_targets(entry: Inspection) -> Iterator[Fault]:
    """Links up and down carry the title of their target, where it has one. Source: validator, everything."""
    for link in _compared(entry):
        wanted = entry.title(entry.leads_to(link))
        if wanted and link.title != wanted:
            yield title_fault(link, wanted)


@LINKING.excepted("EX12", "link-title-wrong")
def _further_titles_are_those_of_targets(entry: Inspection) -> Iterator[Fault]:
    """So do the links up and down that the official validator passes over. Source: validator, everything.

    Links from a product to its own STAC Items are free to say something else (docs/decisions/0009).
    """
    compared = {link.index for link in _compared(entry)}
    rels = ("root", "parent", "child") if entry.kind is Kind.PRODUCT else ("root", "parent", "child", "item")
    for link in (link for rel in rels for link in entry.rel(rel)):
        if link.index not in compared:
            wanted = entry.title(entry.leads_to(link))
            if wanted and link.title != wanted:
                yield title_fault(link, wanted)


@LINKING.gate("self-foreign")
def _self_is_below_the_catalog(entry: Inspection) -> Iterator[Fault]:
    """`self` starts with the address the catalog is served at. Source: validator, everything."""
    for link in entry.rel("self"):
        if not _is_behind(entry, link) and not link.href.startswith(PUBLISHED_AT):
            yield _self(entry, link, "is not below the catalog's address")


@LINKING.excepted("EX03", "self-foreign")
def _further_self_is_below_the_catalog(entry: Inspection) -> Iterator[Fault]:
    """So does a `self` that comes after the links of the structure. Source: validator, everything."""
    for link in entry.rel("self"):
        if _is_behind(entry, link) and not link.href.startswith(PUBLISHED_AT):
            yield _self(entry, link, "is not below the catalog's address")


@LINKING.gate("link-absolute")
def _first_is_relative(entry: Inspection) -> Iterator[Fault]:
    """The first link of the structure is relative, and so should all be. Source: validator, everything."""
    yield from map(_absolute, _stopping(entry))


@LINKING.excepted("EX03", "link-absolute")
def _further_are_relative(entry: Inspection) -> Iterator[Fault]:
    """So is every `parent`, and every `related` to a record. Source: validator, everything."""
    for link in (*entry.rel("parent"), *entry.rel("related")):
        if is_absolute(link) and link not in _stopping(entry) and (link.rel == "parent" or _is_entry(link)):
            yield _absolute(link)


@LINKING.gate("child-dangling")
def _children_exist(entry: Inspection) -> Iterator[Fault]:
    """A `child` inside the catalog exists; those of a product are its own affair. Source: validator, everything."""
    if entry.kind is Kind.PRODUCT or entry.listing:
        return
    for link in entry.rel("child"):
        if not link.href or entry.leads_to(link) not in entry.catalog:
            yield _dangling(link)


@LINKING.strict("child-dangling")
def _own_data_exists(entry: Inspection) -> Iterator[Fault]:
    """A relative `child` or `item` of a product, and any other `item`, exists. Source: RFC 3986, section 5."""
    if entry.listing:
        return
    for link in (*entry.rel("item"), *(entry.rel("child") if entry.kind is Kind.PRODUCT else ())):
        if _dangles(entry, link):
            yield _dangling(link)


@LINKING.strict("self-stale")
def _self_exists(entry: Inspection) -> Iterator[Fault]:
    """`self` leads to a file of the catalog. Source: STAC 1.1.0, Link Object, relation types."""
    for link in entry.rel("self"):
        if link.target is not None and link.target not in entry.catalog:
            yield _self(entry, link, "leads to a file that does not exist")


@LINKING.strict("self-elsewhere")
def _self_is_itself(entry: Inspection) -> Iterator[Fault]:
    """`self` leads to the document and to no other. Source: STAC 1.1.0, Link Object, relation types."""
    for link in entry.rel("self"):
        if link.target != entry.path and link.target in entry.catalog:
            yield _self(entry, link, "leads to another entry")


@LINKING.strict("link-repeated")
def _links_stand_once(entry: Inspection) -> Iterator[Fault]:
    """A relation leads to a target once. Source: the catalog's documentation, links."""
    seen: dict[tuple[str, str], list[int]] = {}
    for link in entry.links:
        seen.setdefault((link.rel, link.target or link.href), []).append(link.index)
    for (rel, target), places in seen.items():
        if len(places) > 1:
            message = f"the {rel!r} link to {target!r} stands {len(places)} times."
            yield Fault(f"/links/{places[1]}", message, "Keep one.", target)


@LINKING.strict("link-dangling")
def _links_lead_somewhere(entry: Inspection) -> Iterator[Fault]:
    """A relative link of any relation leads to a file of the catalog. Source: RFC 3986, section 5."""
    for link in entry.links:
        if link.rel not in _OWN_RULES and _dangles(entry, link):
            yield _dangling(link)


def up(entry: Inspection, rel: str, wanted: str) -> Iterator[Fault]:
    """Yield a fault unless the first link with the relation leads to the path `wanted`, and is JSON."""
    found = [link for link in entry.rel(rel) if link.href][:1]
    if not found:
        yield Fault("/links" if "links" in entry.document else "", f"it has no {rel!r} link.", f"Add one to {wanted}.")
    for link in found:
        at = f"/links/{link.index}"
        if link.href != wanted and entry.leads_to(link) != entry.resolved(wanted):
            yield Fault(f"{at}/href", f"the {rel!r} link is {link.href!r}.", f"Write {wanted}.", link.href)
        if link.media_type != JSON:
            message = f"the {rel!r} link has the type {link.media_type!r}."
            yield Fault(f"{at}/type" if link.media_type else at, message, f"Write {JSON}.", link.media_type)


def looked_at(entry: Inspection) -> Link | None:
    """Return the link at which the official validator stops looking at addresses; None if it looks at all."""
    rels = ("related", "parent") if entry.kind in _OWN_CHILDREN else ("related", "parent", "item", "child")
    return min((found[0] for found in map(entry.rel, rels) if found), key=lambda link: link.index, default=None)


def _stopping(entry: Inspection) -> list[Link]:
    """Return the link at which the official validator stops, if it is absolute."""
    link = looked_at(entry)
    return [link] if link and is_absolute(link) else []


def _is_behind(entry: Inspection, link: Link) -> bool:
    last = looked_at(entry)
    return last is not None and link.index > last.index


def is_absolute(link: Link) -> bool:
    """Tell whether a link's address names a host, by the official validator's sign for it."""
    return "://" in link.href


def title_fault(link: Link, wanted: str) -> Fault:
    """Return what is wrong with a link whose title is not `wanted`."""
    at = f"/links/{link.index}" + ("/title" if link.title is not None else "")
    return Fault(at, f"the {link.rel!r} link's target is titled {wanted!r}.", f"Write {wanted!r}.", link.title)


def _compared(entry: Inspection) -> Iterator[Link]:
    """Yield the links whose titles the official validator compares."""
    for rel in ("root", "parent"):
        yield from [link for link in entry.rel(rel) if link.href][:1]
    if entry.kind is not Kind.PRODUCT:
        yield from entry.rel(entry.listing.listed_as if entry.listing else "child")


def _is_entry(link: Link) -> bool:
    return Kind.of("/".join(link.href.split("/")[-3:])) is not None


def _dangles(entry: Inspection, link: Link) -> bool:
    return not link.href or (link.target is not None and link.target not in entry.catalog)


def _dangling(link: Link) -> Fault:
    at = f"/links/{link.index}" + ("/href" if link.href else "")
    return Fault(at, f"the {link.rel!r} link to {link.href!r} leads nowhere.", "Mend its href.", link.href)


def _absolute(link: Link) -> Fault:
    message = f"the {link.rel!r} link {link.href!r} is absolute."
    return Fault(f"/links/{link.index}/href", message, "Write it relative to this file.", link.href)


def _self(entry: Inspection, link: Link, what: str) -> Fault:
    mend = f"Write {PUBLISHED_AT}{entry.path}, or leave the link out."
    return Fault(f"/links/{link.index}/href", f"the 'self' link {link.href!r} {what}.", mend, link.href)

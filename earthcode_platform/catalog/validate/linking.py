"""Rules on the links of every entry and listing: up, down, to itself, once, and to somewhere."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import JSON, PUBLISHED_AT, Link
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["LINKING"]

LINKING: Final = RuleBook()
"""The rules on links of every entry and every listing."""

_STRUCTURE: Final = ("root", "parent", "child", "item")
_VIA: Final = ("", JSON, "application/pdf", "application/zip", "text/html", "text/plain")
_OWN_RULES: Final = ("self", "input", "environment", "child", "item", "root", "parent", "preview")


@LINKING.gate("root-wrong")
def _leads_to_root(entry: Inspection) -> Iterator[Fault]:
    """A `root` link leads to the top by its relative href. Source: validator, everything."""
    yield from _up(entry, "root", "../../catalog.json" if entry.kind else "../catalog.json")


@LINKING.gate("parent-wrong")
def _leads_to_parent(entry: Inspection) -> Iterator[Fault]:
    """A `parent` link leads to the listing, of a listing to the top. Source: validator, everything."""
    yield from _up(entry, "parent", "../catalog.json")


@LINKING.gate("link-title-wrong")
def _titles_are_those_of_targets(entry: Inspection) -> Iterator[Fault]:
    """Links up and down carry the title of their target, where it has one. Source: validator, everything.

    Links from a product to its own STAC Items are free to say something else (docs/decisions/0009).
    """
    for link in entry.links:
        own_item = entry.kind is Kind.PRODUCT and link.rel == "item"
        if link.rel in _STRUCTURE and not own_item and _is_document(entry, link):
            wanted = entry.catalog.title(link.target or "")
            if wanted and link.title != wanted:
                yield _title(link, wanted)


@LINKING.gate("link-type-wrong")
def _media_types_are_allowed(entry: Inspection) -> Iterator[Fault]:
    """Links inside are JSON, `via` JSON, PDF, ZIP, HTML or text. Source: validator, definitions of catalog.json.

    A media type may be missing in `via` links and in a product's links to its own data, as in the real catalog.
    """
    for link in entry.links:
        allowed = _allowed(entry, link)
        if allowed and link.media_type not in allowed:
            at = f"/links/{link.index}" + ("/type" if link.media_type else "")
            yield Fault(
                at,
                f"the {link.rel!r} link to {link.href!r} has the type {link.media_type!r}.",
                f"Take {' or '.join(filter(None, allowed))}.",
                link.media_type,
            )


@LINKING.gate("self-foreign")
def _self_is_below_the_catalog(entry: Inspection) -> Iterator[Fault]:
    """`self` starts with the address the catalog is served at. Source: validator, everything."""
    for link in entry.rel("self"):
        if not link.href.startswith(PUBLISHED_AT):
            yield _self(entry, link, "is not below the catalog's address")


@LINKING.gate("child-dangling")
def _children_exist(entry: Inspection) -> Iterator[Fault]:
    """A `child` or `item` inside the catalog exists: its title is compared. Source: validator, everything."""
    for link in entry.links:
        if link.rel in ("child", "item") and _dangles(entry, link):
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


def _up(entry: Inspection, rel: str, wanted: str) -> Iterator[Fault]:
    found = entry.rel(rel)
    if not found:
        yield Fault("/links" if "links" in entry.document else "", f"it has no {rel!r} link.", f"Add one to {wanted}.")
    for link in found[:1]:
        if link.href != wanted:
            yield Fault(
                f"/links/{link.index}/href", f"the {rel!r} link is {link.href!r}.", f"Write {wanted}.", link.href
            )


def _allowed(entry: Inspection, link: Link) -> tuple[str, ...]:
    if link.rel == "via":
        return _VIA
    if link.rel == "related":
        return (JSON, "text/html") if entry.kind is Kind.WORKFLOW else (JSON,)
    if link.rel not in _STRUCTURE:
        return ()
    own_data = entry.kind is Kind.PRODUCT and link.rel in ("child", "item")
    return (JSON, "") if own_data else (JSON,)


def _is_document(entry: Inspection, link: Link) -> bool:
    return link.target is not None and link.target in entry.catalog and link.target.endswith(".json")


def _dangles(entry: Inspection, link: Link) -> bool:
    return not link.href or (link.target is not None and link.target not in entry.catalog)


def _dangling(link: Link) -> Fault:
    at = f"/links/{link.index}" + ("/href" if link.href else "")
    return Fault(at, f"the {link.rel!r} link to {link.href!r} leads nowhere.", "Mend its href.", link.href)


def _title(link: Link, wanted: str) -> Fault:
    at = f"/links/{link.index}" + ("/title" if link.title is not None else "")
    return Fault(at, f"the {link.rel!r} link's target is titled {wanted!r}.", f"Write {wanted!r}.", link.title)


def _self(entry: Inspection, link: Link, what: str) -> Fault:
    mend = f"Write {PUBLISHED_AT}{entry.path}, or leave the link out."
    return Fault(f"/links/{link.index}/href", f"the 'self' link {link.href!r} {what}.", mend, link.href)

"""Rules on the media types of links: which the catalog allows for each relation."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import JSON, Link
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["MEDIA_TYPES"]

MEDIA_TYPES: Final = RuleBook()
"""The rules on media types, of every entry and every listing."""

_VIA: Final = (JSON, "application/pdf", "application/zip", "text/html", "text/plain")
_UNSEEN: Final = (Kind.THEME, Kind.VARIABLE, Kind.MISSION)
"""Kinds whose schemas the official validator never applies."""


@MEDIA_TYPES.gate("link-type-wrong")
def _media_types_are_allowed(entry: Inspection) -> Iterator[Fault]:
    """Links down are JSON; a `via`, where it has a type, JSON, PDF, ZIP, HTML or text. Source: catalog.json.

    A media type may be missing in `via` links and in a product's links to its own data, as in the real catalog.
    """
    yield from (_fault(link, (JSON,)) for link in entry.rel(_down(entry)) if link.media_type != JSON)
    if entry.kind not in _UNSEEN:
        yield from _of_allowed(entry)


@MEDIA_TYPES.excepted("EX02", "link-type-wrong")
def _unseen_media_types_are_allowed(entry: Inspection) -> Iterator[Fault]:
    """So are those of themes, variables and EO missions. Source: validator, definitions of catalog.json."""
    if entry.kind in _UNSEEN:
        yield from _of_allowed(entry)


@MEDIA_TYPES.excepted("EX12", "link-type-wrong")
def _related_has_a_media_type(entry: Inspection) -> Iterator[Fault]:
    """A `related` link says that it is JSON. Source: validator, definitions of catalog.json."""
    if entry.kind is not Kind.WORKFLOW:
        yield from (_fault(link, (JSON,)) for link in entry.rel("related") if not link.media_type)


def _down(entry: Inspection) -> str:
    """Return the relation of the links down, which must have a type; a product's own data need not."""
    if entry.listing:
        return entry.listing.listed_as
    return "" if entry.kind is Kind.PRODUCT else "child"


def _of_allowed(entry: Inspection) -> Iterator[Fault]:
    related = (JSON, "text/html") if entry.kind is Kind.WORKFLOW else (JSON,)
    for rel, allowed in (("via", _VIA), ("related", related), ("child", (JSON,))):
        for link in entry.rel(rel) if rel != _down(entry) else ():
            if link.media_type and link.media_type not in allowed:
                yield _fault(link, allowed)


def _fault(link: Link, allowed: tuple[str, ...]) -> Fault:
    return Fault(
        f"/links/{link.index}" + ("/type" if link.media_type else ""),
        f"the {link.rel!r} link to {link.href!r} has the type {link.media_type!r}.",
        f"Take {' or '.join(allowed)}.",
        link.media_type,
    )

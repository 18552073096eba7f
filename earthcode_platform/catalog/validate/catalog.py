"""Rules for the parents: the top of the catalog and the listing of each kind."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.documents import text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import has_type
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["LISTING", "TOP"]

TOP: Final = RuleBook()
"""The rules of the top of the catalog."""
LISTING: Final = RuleBook()
"""The rules of the listing of each kind."""


@TOP.gate("top-wrong")
def _is_the_top(top: Inspection) -> Iterator[Fault]:
    """The top is a Catalog with `id` osc. Source: validator, layout."""
    yield from has_type(top, "Catalog", "id", "osc")


@TOP.gate("kind-unlisted")
def _lists_every_kind(top: Inspection) -> Iterator[Fault]:
    """The top lists the listing of each kind as `child` once. Source: validator, layout."""
    counted = Counter(link.target for link in top.rel("child"))
    for kind in Kind:
        if counted[kind.listing] != 1:
            yield Fault("/links", f"it names {kind.listing} {counted[kind.listing]} times as 'child'.", "Name it once.")


@LISTING.gate("type-wrong")
def _is_catalog(listing: Inspection) -> Iterator[Fault]:
    """A listing is a Catalog. Source: validator, parent.json of each kind."""
    yield from has_type(listing, "Catalog")


@LISTING.gate("title-missing")
def _has_title(listing: Inspection) -> Iterator[Fault]:
    """A listing has a title and a description. Source: validator, catalog.json."""
    for key in ("title", "description"):
        if not text(listing.facts, key):
            yield Fault(listing.at(key), f"{key} is empty.", "Write it.", listing.facts.get(key))


@LISTING.gate("listing-wrong")
def _lists_every_entry_once(listing: Inspection) -> Iterator[Fault]:
    """Every folder on disk stands in the listing exactly once. Source: validator, parents."""
    kind = listing.listing
    if kind is None:
        return
    links = listing.rel(kind.listed_as)
    counted = Counter(link.target for link in links)
    places = {link.target: link.index for link in links}
    for entry in sorted(_folders(listing, kind)):
        path = kind.path(entry)
        if counted[path] != 1:
            at = f"/links/{places[path]}" if path in places else "/links"
            yield Fault(at, f"it names {path} {counted[path]} times as {kind.listed_as!r}.", "Name it once.", path)
    for target, index in places.items():
        found = Kind.of(target or "")
        if found is None or found[0] is not kind:
            yield Fault(f"/links/{index}", f"{target!r} is no {kind.label}.", "Take the link out.", target)


def _folders(listing: Inspection, kind: Kind) -> set[str]:
    return {
        parts[1]
        for parts in (path.split("/") for path in listing.catalog.files if path.startswith(f"{kind.value}/"))
        if len(parts) > 2  # noqa: PLR2004 - kind, id and at least one file
    }

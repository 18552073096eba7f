"""Rules for the parents: the top of the catalog and the listing of each kind."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.documents import text
from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.links import JSON, Link
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import has_type, says
from earthcode_platform.catalog.validate.linking import is_absolute, looked_at, title_fault, up
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["LISTING", "TOP"]

TOP: Final = RuleBook()
"""The rules of the top of the catalog."""
LISTING: Final = RuleBook()
"""The rules of the listing of each kind."""

_TITLE: Final = "Open Science Catalog"
_VERSIONS: Final = ("1.0.0", "1.1.0")
_IN_FOLDER: Final = 2


@TOP.gate("top-wrong")
def _is_the_top(top: Inspection) -> Iterator[Fault]:
    """The top is a Catalog with `id` osc and the catalog's title. Source: validator, layout."""
    yield from has_type(top, "Catalog", "id", "osc")
    yield from says(top, "title", _TITLE)


@TOP.gate("root-wrong")
def _is_its_own_root(top: Inspection) -> Iterator[Fault]:
    """The top is its own `root` and has no `parent`. Source: validator, layout."""
    yield from up(top, "root", f"./{ROOT}")
    for link in top.rel("parent"):
        yield Fault(f"/links/{link.index}", "the top has a 'parent'.", "Take the link out.", link.href)


@TOP.gate("kind-unlisted")
def _lists_every_kind(top: Inspection) -> Iterator[Fault]:
    """The top lists the listing of each kind as `child`, and nothing else. Source: validator, layout."""
    held = {top.leads_to(link) for link in _down(top, "child")}
    for kind in Kind:
        if kind.listing not in held:
            yield Fault("/links", f"it does not name {kind.listing} as 'child'.", "Name it once.")
    wanted = {kind.listing for kind in Kind}
    for link in _down(top, "child"):
        if top.leads_to(link) not in wanted:
            yield Fault(f"/links/{link.index}", f"{link.href!r} is no listing.", "Take the link out.", link.href)


@TOP.gate("link-type-wrong")
def _top_links_are_json(top: Inspection) -> Iterator[Fault]:
    """Its children are JSON, and its first link down is relative. Source: validator, layout."""
    end = looked_at(top)
    for link in top.links:
        if link.rel == "child" and link.href and link.media_type != JSON:
            message = f"the 'child' link to {link.href!r} has the type {link.media_type!r}."
            yield Fault(f"/links/{link.index}", message, f"Write {JSON}.", link.media_type)
        if link is end and is_absolute(link):
            message = f"the {link.rel!r} link {link.href!r} is absolute."
            yield Fault(f"/links/{link.index}/href", message, "Write it relative to this file.", link.href)


@TOP.gate("link-title-wrong")
def _top_titles_are_those_of_targets(top: Inspection) -> Iterator[Fault]:
    """Its links carry the titles of the listings. Source: validator, layout."""
    for link in [*top.rel("root")[:1], *_down(top, "child")]:
        wanted = top.title(top.leads_to(link))
        if wanted and link.title != wanted:
            yield title_fault(link, wanted)


@TOP.excepted("EX07", "listing-wrong")
def _lists_kinds_once(top: Inspection) -> Iterator[Fault]:
    """The top lists each kind once. Source: the catalog's documentation, layout."""
    yield from _once(top, "child")


@LISTING.gate("type-wrong")
def _is_catalog(listing: Inspection) -> Iterator[Fault]:
    """A listing is a Catalog. Source: validator, parent.json of each kind."""
    yield from has_type(listing, "Catalog")


@LISTING.gate("id-differs")
def _id_is_kind(listing: Inspection) -> Iterator[Fault]:
    """A listing's `id` is its folder's name. Source: validator, layout."""
    yield from says(listing, "id", listing.folder)


@LISTING.gate("title-missing")
def _has_title(listing: Inspection) -> Iterator[Fault]:
    """A listing has a title. Source: validator, catalog.json."""
    yield from _text(listing, "title")


@LISTING.gate("description-missing")
def _has_description(listing: Inspection) -> Iterator[Fault]:
    """A listing has a description. Source: validator, catalog.json."""
    yield from _text(listing, "description")


@LISTING.gate("listing-wrong")
def _lists_every_entry(listing: Inspection) -> Iterator[Fault]:
    """Every folder on disk stands in the listing, and nothing else. Source: validator, parents."""
    kind = listing.listing
    if kind is None:
        return
    links = _down(listing, kind.listed_as)
    folders = {kind.path(entry) for entry in _folders(listing, kind)}
    held = {listing.leads_to(link): link.index for link in links}
    for path in sorted(folders - held.keys()):
        yield Fault("/links", f"it does not name {path} as {kind.listed_as!r}.", "Name it once.", path)
    for link in links:
        target = listing.leads_to(link)
        if target not in folders:
            message = f"{link.href!r} is no {kind.label} of the catalog."
            yield Fault(f"/links/{link.index}", message, "Take the link out, or mend its href.", link.href)


@LISTING.excepted("EX07", "listing-wrong")
def _lists_every_entry_once(listing: Inspection) -> Iterator[Fault]:
    """No entry stands in the listing twice. Source: the catalog's documentation, parents."""
    if listing.listing is not None:
        yield from _once(listing, listing.listing.listed_as)


@LISTING.excepted("EX16", "child-dangling")
def _listed_entries_exist(listing: Inspection) -> Iterator[Fault]:
    """The folder of a listed entry holds the entry. Source: the catalog's documentation, layout."""
    kind = listing.listing
    if kind is None:
        return
    for link in _down(listing, kind.listed_as):
        target = listing.leads_to(link)
        found = None if target in listing.catalog else Kind.of(target)
        if found and found[1] in _folders(listing, kind):
            message = f"the folder {kind.value}/{found[1]} has no {kind.file}."
            yield Fault(f"/links/{link.index}/href", message, "Add the file, or take folder and link out.", link.href)


@LISTING.strict("id-ambiguous")
def _ids_differ_beyond_case(listing: Inspection) -> Iterator[Fault]:
    """Ids differ in more than the case of letters, which Windows and macOS overlook. Source: Win32, naming files."""
    if listing.listing is None:
        return
    seen: dict[str, str] = {}
    for name in sorted(_folders(listing, listing.listing)):
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            message = f"the ids {other!r} and {name!r} differ in the case of letters alone."
            yield Fault("/links", message, "Take another id and folder for one of them.", name)


def _text(listing: Inspection, key: str) -> Iterator[Fault]:
    if not text(listing.facts, key):
        yield Fault(listing.at(key), f"{key} is empty.", "Write it.", listing.facts.get(key))


@TOP.gate("stac-version-wrong")
@LISTING.gate("stac-version-wrong")
def _has_stac_version(entry: Inspection) -> Iterator[Fault]:
    """It is a STAC document of version 1.0.0 or 1.1.0. Source: validator, catalog.json."""
    found = entry.document.get("stac_version")
    if found not in _VERSIONS:
        at = "/stac_version" if "stac_version" in entry.document else ""
        yield Fault(at, f"stac_version is {found!r}.", "Take 1.0.0 or 1.1.0.", found)


def _down(entry: Inspection, rel: str) -> list[Link]:
    return [link for link in entry.rel(rel) if link.href]


def _once(entry: Inspection, rel: str) -> Iterator[Fault]:
    places = {entry.leads_to(link): link.index for link in _down(entry, rel)}
    for target, count in Counter(entry.leads_to(link) for link in _down(entry, rel)).items():
        # What is not there should not be named even once, which is a fault of its own.
        if count > 1 and target in entry.catalog:
            yield Fault(f"/links/{places[target]}/href", f"it names {target} {count} times.", "Name it once.", target)


def _folders(listing: Inspection, kind: Kind) -> set[str]:
    start = f"{kind.value}/"
    inside = (path.split("/", _IN_FOLDER) for path in listing.catalog.files if path.startswith(start))
    return {parts[1] for parts in inside if len(parts) > _IN_FOLDER}

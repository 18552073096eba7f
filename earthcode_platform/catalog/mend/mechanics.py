"""Which findings have exactly one right mend, and which edit makes it.

A mend is mechanical if everything it writes follows from what the catalog says already: a title from its target, an
address from where a file lies, a link from the key that asks for it. Which of two links to keep, where a dangling link
should lead, or which end of an interval is wrong, only a person knows; those findings have no entry here.
"""

import json
from collections.abc import Callable
from typing import Final, TypeAlias

from pydantic import JsonValue

from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.links import JSON, Link, link_to, related_to, relative
from earthcode_platform.catalog.mend.steps import AddLink, DropLink, Edit, Put, Step
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.webp import webp_shape
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.finding import Severity

__all__ = ["MECHANICAL", "step_for"]

_Edits: TypeAlias = tuple[str, tuple[Edit, ...]] | None
_Mechanic: TypeAlias = Callable[[Catalog, CatalogFinding], _Edits]

_INSIDE: Final = ("root", "parent", "child", "item", "related")
_PLAIN_KEYS: Final = {"rel", "href", "type", "title"}
_DEPTH: Final = 3
_NAMES: Final = {
    "osc:project": Kind.PROJECT,
    "osc:variables": Kind.VARIABLE,
    "osc:missions": Kind.MISSION,
    "osc:experiment": Kind.EXPERIMENT,
    "osc:workflow": Kind.WORKFLOW,
    "themes": Kind.THEME,
}
"""Which kind of entry a key names."""


def step_for(catalog: Catalog, finding: CatalogFinding) -> Step | None:
    """Return what mends `finding`; None if it is no error, or if its mend is not mechanical."""
    mechanic = _MECHANICS.get(finding.code)
    if mechanic is None or finding.severity is not Severity.ERROR or finding.file not in catalog:
        return None
    try:
        found = mechanic(catalog, finding)
    except InputError:
        # A document that would have to be read or changed is not readable, which is a finding of its own.
        return None
    return Step(finding, *found) if found and found[1] and _can_be_written(*found) else None


def _can_be_written(path: str, edits: tuple[Edit, ...]) -> bool:
    """Tell whether no text is half a character, which JSON can say and no file can hold."""
    links = [one.link for one in edits if isinstance(one, AddLink)]
    written = [path, *links, *(one.value for one in edits if isinstance(one, Put))]
    try:
        json.dumps(written, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _back_link(catalog: Catalog, finding: CatalogFinding) -> _Edits:
    """The entry that is named gains the link at the end of its links."""
    # In a record the keys are among the properties.
    kind = _NAMES.get(finding.pointer.removeprefix("/properties").split("/")[1]) if finding.pointer else None
    name, title = _value(catalog, finding), catalog.title(finding.file)
    if kind is None or not isinstance(name, str) or not catalog.exists(kind, name) or not title:
        return None
    target = kind.path(name)
    return target, (AddLink(link_to("child", target, finding.file, title)),)


def _up(rel: str) -> _Mechanic:
    """The first link with the relation leads to where it must, with the title found there."""

    def mechanic(catalog: Catalog, finding: CatalogFinding) -> _Edits:
        source, target = finding.file, _above(finding.file, rel)
        if target not in catalog or not catalog.title(target):
            return None
        wanted = link_to(rel, source, target, catalog.title(target))
        held = _link(catalog, finding)
        if held is None and not finding.pointer.startswith("/links/"):
            return source, (AddLink(wanted),)
        if held is None or held.rel != rel:
            return None
        others = [link for link in catalog.links(source) if link.rel == rel and link is not held]
        return None if any(link.target == target for link in others) else (source, _made_to(held, wanted))

    return mechanic


def _title(catalog: Catalog, finding: CatalogFinding) -> _Edits:
    """The link says its target's title."""
    link = _link(catalog, finding)
    if link is None or link.target is None or not catalog.title(link.target):
        return None
    if link.rel in ("root", "parent") and link.target != _above(finding.file, link.rel):
        # It leads to the wrong place, which is mended with the title of the right one.
        return None
    return finding.file, (Put(f"/links/{link.index}/title", catalog.title(link.target)),)


def _media_type(catalog: Catalog, finding: CatalogFinding) -> _Edits:
    """A link to a document of the catalog is JSON."""
    link = _link(catalog, finding)
    if link is None or link.rel not in _INSIDE or link.target not in catalog or not link.href.endswith(".json"):
        return None
    return finding.file, (Put(f"/links/{link.index}/type", JSON),)


def _reference(kind: Kind) -> _Mechanic:
    """What a key names has its `related` link, relative and with the right title."""

    def mechanic(catalog: Catalog, finding: CatalogFinding) -> _Edits:
        source, link = finding.file, _link(catalog, finding)
        if link is not None:
            # The official validator takes a link by the end of its href, so that is what names the target.
            entry = Kind.of("/".join(link.href.split("/")[-_DEPTH:]))
            if entry is None or entry[0] is not kind or not catalog.exists(*entry):
                return None
            wanted = related_to(source, *entry, catalog.title(kind.path(entry[1])))
            # Only its title or its media type is wrong.
            return source, _made_to(link, wanted | {"href": link.href})
        name = _value(catalog, finding)
        if not isinstance(name, str) or not catalog.exists(kind, name) or not catalog.title(kind.path(name)):
            return None
        wanted = related_to(source, kind, name, catalog.title(kind.path(name)))
        for held in catalog.links(source):
            if held.rel == "related" and held.target == kind.path(name):
                return source, _made_to(held, wanted)
        return source, (AddLink(wanted),)

    return mechanic


def _relative(catalog: Catalog, finding: CatalogFinding) -> _Edits:
    """A link to a document of the catalog is relative."""
    link = _link(catalog, finding)
    if link is None or link.target is None or link.target not in catalog:
        return None
    return finding.file, (Put(f"/links/{link.index}/href", relative(finding.file, link.target)),)


def _listing(catalog: Catalog, finding: CatalogFinding) -> _Edits:
    """A listing names an entry once."""
    if finding.file == ROOT:
        return _top(catalog, finding)
    entry = Kind.of(_said(finding))
    if entry is None or entry[0].listing != finding.file or not catalog.exists(*entry):
        return None
    return finding.file, _once(catalog, finding.file, entry[0].listed_as, entry[0].path(entry[1]))


def _top(catalog: Catalog, finding: CatalogFinding) -> _Edits:
    """The top names the listing of each kind once."""
    listings = [kind.listing for kind in Kind if kind.listing in catalog]
    return finding.file, tuple(one for path in listings for one in _once(catalog, finding.file, "child", path))


def _preview(catalog: Catalog, finding: CatalogFinding) -> _Edits:
    """A preview's shape is that of its image."""
    link = _link(catalog, finding)
    shape = webp_shape(catalog.files.get(link.target or "", b"")) if link else None
    if link is None or shape is None or link.media_type != "image/webp":
        return None
    at = f"/links/{link.index}/proj:shape"
    held = _resolve(catalog.document(finding.file), at)
    if isinstance(held, list) and len(held) == len(shape):
        wrong = [index for index, side in enumerate(shape) if held[index] != side]
        return finding.file, tuple(Put(f"{at}/{index}", shape[index]) for index in wrong)
    return finding.file, (Put(at, list(shape)),)


def _once(catalog: Catalog, source: str, rel: str, target: str) -> tuple[Edit, ...]:
    """Return the edits after which `source` links to `target` exactly once with this relation."""
    title = catalog.title(target)
    if not title:
        return ()
    found = [link for link in catalog.links(source) if link.target == target]
    right = [link for link in found if link.rel == rel]
    if not right:
        other = [link for link in found if link.rel in ("child", "item")]
        if other:
            return (Put(f"/links/{other[0].index}/rel", rel),)
        return (AddLink(link_to(rel, source, target, title)),)
    kept = next((link for link in right if link.title == title), right[0])
    spare = [link for link in right if link is not kept]
    held = catalog.document(source).get("links")
    # A link that says more than the others would take what it says with it.
    if not isinstance(held, list) or any(set(_keys(held[link.index])) - _PLAIN_KEYS for link in spare):
        return ()
    return tuple(DropLink(link.index) for link in spare)


def _above(source: str, rel: str) -> str:
    """Return where the `root` or `parent` link of a document must lead."""
    return Kind(source.split("/", maxsplit=1)[0]).listing if rel == "parent" and source.count("/") > 1 else ROOT


def _made_to(link: Link, wanted: dict[str, JsonValue]) -> tuple[Edit, ...]:
    """Return the edits that make address, media type and title of `link` those of `wanted`, where they differ."""
    held = {"href": link.href, "type": link.media_type, "title": link.title}
    return tuple(Put(f"/links/{link.index}/{key}", wanted[key]) for key in held if wanted[key] != held[key])


def _link(catalog: Catalog, finding: CatalogFinding) -> Link | None:
    """Return the link that a finding points at."""
    tokens = finding.pointer.split("/")
    if len(tokens) < _DEPTH or tokens[1] != "links" or not tokens[2].isdecimal():
        return None
    return next((link for link in catalog.links(finding.file) if link.index == int(tokens[2])), None)


def _value(catalog: Catalog, finding: CatalogFinding) -> JsonValue:
    return _resolve(catalog.document(finding.file), finding.pointer)


def _resolve(value: JsonValue, pointer: str) -> JsonValue:
    """Return the value at a pointer; None if there is none."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _said(finding: CatalogFinding) -> str:
    """Return the text that a finding quotes; empty if it was shortened, or is no text."""
    try:
        value: object = json.loads(finding.value)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""


def _keys(value: JsonValue) -> list[str]:
    return list(value) if isinstance(value, dict) else []


_MECHANICS: Final[dict[str, _Mechanic]] = {
    "catalog-back-link-missing": _back_link,
    "catalog-root-wrong": _up("root"),
    "catalog-parent-wrong": _up("parent"),
    "catalog-link-title-wrong": _title,
    "catalog-link-type-wrong": _media_type,
    "catalog-link-absolute": _relative,
    "catalog-listing-wrong": _listing,
    "catalog-kind-unlisted": _top,
    "catalog-preview-wrong": _preview,
    "catalog-project-unknown": _reference(Kind.PROJECT),
    "catalog-variable-unknown": _reference(Kind.VARIABLE),
    "catalog-mission-unknown": _reference(Kind.MISSION),
    "catalog-experiment-unknown": _reference(Kind.EXPERIMENT),
    "catalog-workflow-unknown": _reference(Kind.WORKFLOW),
    "catalog-theme-unknown": _reference(Kind.THEME),
    "catalog-theme-unlinked": _reference(Kind.THEME),
}
MECHANICAL: Final = frozenset(_MECHANICS)
"""Codes of the findings that can have a mechanical mend."""

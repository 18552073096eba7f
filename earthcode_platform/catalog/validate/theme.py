"""Rules for themes: STAC Catalogs with a preview image."""

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import Link
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import children_are, has_type
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook
from earthcode_platform.catalog.validate.webp import image_shape, webp_shape

__all__ = ["THEME"]

THEME: Final = RuleBook()
"""The rules of themes."""

_WEBP: Final = "image/webp"


@THEME.gate("type-wrong")
def _is_catalog(entry: Inspection) -> Iterator[Fault]:
    """A theme is a Catalog. Source: validator, themes/children.json."""
    yield from has_type(entry, "Catalog")


@THEME.gate("preview-wrong")
def _has_preview(entry: Inspection) -> Iterator[Fault]:
    """A theme has a webp preview with its true shape, rows then columns. Source: validator, theme."""
    link = _preview(entry)
    if link is None:
        yield Fault("/links" if "links" in entry.document else "", "it has no 'preview' link.", "Add a webp image.")
        return
    at = f"/links/{link.index}"
    if link.media_type != _WEBP:
        yield Fault(at, f"the preview {link.href!r} is {link.media_type!r}.", "Take a webp image.", link.href)
    code = _written(entry, link).get("proj:epsg")
    if code is not None:
        yield Fault(f"{at}/proj:epsg", f"proj:epsg is {code!r}.", "A preview has none: write null.", code)
    shape = _shape(entry, link)
    if shape is None:
        yield Fault(f"{at}/href", f"the preview {link.href!r} is no image.", "Add the webp file.", link.href)
    elif not _is_roughly(_written(entry, link).get("proj:shape"), shape):
        yield _shape_fault(entry, link, shape)


@THEME.excepted("EX13", "preview-wrong")
def _has_webp_preview(entry: Inspection) -> Iterator[Fault]:
    """The preview is a webp file, and its shape is written in numbers. Source: the catalog's documentation, themes."""
    link = _preview(entry)
    if link is None:
        return
    shape = _shape(entry, link)
    if shape is None:
        return
    said = _written(entry, link).get("proj:shape")
    if said != list(shape) and _is_roughly(said, shape):
        yield _shape_fault(entry, link, shape)
    if not link.href.endswith(".webp") or webp_shape(_file(entry, link)) is None:
        yield Fault(f"/links/{link.index}/href", f"{link.href!r} is no webp file.", "Take one.", link.href)


def _preview(entry: Inspection) -> Link | None:
    return next((link for link in entry.rel("preview") if link.href), None)


def _written(entry: Inspection, link: Link) -> JsonObject:
    links = entry.document.get("links")
    found = links[link.index] if isinstance(links, list) else None
    return found if isinstance(found, dict) else {}


def _file(entry: Inspection, link: Link) -> bytes:
    return entry.catalog.files.get(entry.leads_to(link), b"")


def _shape(entry: Inspection, link: Link) -> tuple[int, int] | None:
    content = _file(entry, link)
    return webp_shape(content) or image_shape(content)


def _is_roughly(said: JsonValue, shape: tuple[int, int]) -> bool:
    """Tell whether a shape is the image's once texts are read as numbers, as the official validator does."""
    return isinstance(said, list) and [_number(one) for one in said] == list(shape)


def _number(value: JsonValue) -> JsonValue:
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


def _shape_fault(entry: Inspection, link: Link, shape: tuple[int, int]) -> Fault:
    said = _written(entry, link).get("proj:shape")
    at = f"/links/{link.index}" + ("/proj:shape" if said is not None else "")
    return Fault(at, f"proj:shape is {said!r}, the image's {list(shape)}.", f"Write {list(shape)}.", said)


THEME.gate("child-wrong")(children_are(Kind.PRODUCT))

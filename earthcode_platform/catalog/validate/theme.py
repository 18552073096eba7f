"""Rules for themes: STAC Catalogs with a preview image."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.documents import sections
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import has_type
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook
from earthcode_platform.catalog.validate.webp import webp_shape

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
    found = entry.rel("preview")
    if not found:
        yield Fault("/links" if "links" in entry.document else "", "it has no 'preview' link.", "Add a webp image.")
        return
    link, at = found[0], f"/links/{found[0].index}"
    if link.media_type != _WEBP or not link.href.endswith(".webp"):
        yield Fault(at, f"the preview {link.href!r} is {link.media_type!r}.", "Take a webp image.", link.href)
        return
    shape = webp_shape(entry.catalog.files.get(link.target or "", b""))
    if shape is None:
        yield Fault(f"{at}/href", f"the preview {link.href!r} is no webp file.", "Add the image.", link.href)
        return
    said = next(one.get("proj:shape") for one in sections(entry.document, "links") if one.get("rel") == "preview")
    if said != list(shape):
        yield Fault(
            f"{at}/proj:shape" if said is not None else at,
            f"proj:shape is {said!r}, the image's {list(shape)}.",
            f"Write {list(shape)}.",
            said,
        )

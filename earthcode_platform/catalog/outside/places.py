"""The addresses outside the catalog that its documents name, and where."""

from collections.abc import Iterator
from dataclasses import dataclass

from earthcode_platform.catalog.documents import JsonObject, section, text
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public

__all__ = ["LinkPlace", "external_links", "shown"]


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """Where an address stands."""

    file: str
    """Path of the file inside the catalog."""
    pointer: str
    """JSON pointer (RFC 6901) of the address."""


def external_links(catalog: Catalog) -> dict[str, tuple[LinkPlace, ...]]:
    """Return every distinct address outside the catalog, with its places, in the order of files and documents.

    They are the hrefs with a scheme and a host (`https://`, but also `ftp://` and `s3://`) of links and of assets. An
    address is as written: it may hold userinfo, so show it as `shown` returns it. Files that cannot be read have none.
    """
    found: dict[str, list[LinkPlace]] = {}
    for path in sorted(catalog.files):
        if path.endswith(".json"):
            for pointer, href in _hrefs(catalog, path):
                found.setdefault(href, []).append(LinkPlace(path, pointer))
    return {href: tuple(places) for href, places in found.items()}


def shown(url: str) -> str:
    """Return an address as it may be told: without userinfo, without what is no text (lone surrogates)."""
    return public(url.encode(errors="backslashreplace").decode())


def _hrefs(catalog: Catalog, path: str) -> Iterator[tuple[str, str]]:
    try:
        document, links = catalog.document(path), catalog.links(path)
    except InputError:
        return
    for link in links:
        if link.target is None and "://" in link.href:
            yield f"/links/{link.index}/href", link.href
    yield from _assets(document)


def _assets(document: JsonObject) -> Iterator[tuple[str, str]]:
    for key, asset in section(document, "assets").items():
        href = text(asset, "href") if isinstance(asset, dict) else ""
        if "://" in href:
            yield f"/assets/{key.replace('~', '~0').replace('/', '~1')}/href", href

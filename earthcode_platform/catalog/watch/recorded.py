"""Files whose checksums STAC documents record (STAC file extension 2.1.0), and deliveries that record them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from earthcode_platform.catalog.documents import JsonObject, section, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.outside.places import shown
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError

__all__ = ["Recorded", "Unit", "assets_of", "items_of", "units"]

_SIZE: Final = "file:size"
_CHECKSUM: Final = "file:checksum"


@dataclass(frozen=True, slots=True)
class Unit:
    """Something that a document of the catalog names and that can be compared: a file, or a delivery of files."""

    file: str
    """Path of the document."""
    pointer: str
    """JSON pointer of the asset or link in it."""
    href: str
    """The address as written there."""
    asset: str
    """Key of the asset, or `links/<number>`; empty for a delivery."""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by from run to run, without secrets: places in a file move."""
        return shown(self.file), shown(self.href)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A file and what is recorded of it."""

    href: str
    """Its address, absolute unless it lies in the catalog."""
    checksum: str
    """Multihash in hexadecimal."""
    size: int | None
    """Bytes; None if nobody recorded them."""


def units(catalog: Catalog) -> list[Unit]:
    """Return every file with a checksum that a document of the catalog names, and every delivery of a product.

    A delivery is a STAC Collection outside the catalog that a product names as `child`.
    """
    found: list[Unit] = []
    for path in sorted(catalog.files):
        if path.endswith(".json"):
            try:
                found += _units(catalog, path)
            except InputError:
                continue  # it is no JSON object, which the look at the documents says
    return list({unit.key: unit for unit in reversed(found)}.values())


def assets_of(document: JsonObject, base: str) -> dict[str, Recorded]:
    """Return the files of a STAC document whose checksum it records, by key of the asset, or `links/<number>`.

    Args:
        document: The document.
        base: Its own address, which relative ones start from; empty if they are to stay as they are.
    """
    named: dict[str, object] = dict(section(document, "assets"))
    links = document.get("links")
    named |= {f"links/{index}": link for index, link in enumerate(links if isinstance(links, list) else ())}
    return {key: found for key, said in named.items() if isinstance(said, dict) and (found := _recorded(said, base))}


def items_of(collection: JsonObject, base: str) -> list[str]:
    """Return the addresses of the items that a STAC Collection at `base` links to, in order, each once."""
    links = collection.get("links")
    named = [link for link in (links if isinstance(links, list) else ()) if isinstance(link, dict)]
    hrefs = (text(link, "href") for link in named if text(link, "rel") == "item")
    return list(dict.fromkeys(absolute for href in hrefs if href and (absolute := _joined(base, href))))


def _units(catalog: Catalog, path: str) -> Iterator[Unit]:
    document = catalog.document(path)
    for key, found in assets_of(document, "").items():
        yield Unit(path, _pointer(key), found.href, key)
    entry = Kind.of(path)
    if entry and entry[0] is Kind.PRODUCT:
        for link in catalog.links(path):
            if link.rel == "child" and link.target is None and link.href:
                yield Unit(path, f"/links/{link.index}", link.href, "")


def _pointer(key: str) -> str:
    escaped = key.replace("~", "~0").replace("/", "~1")
    return f"/{key}" if key.startswith("links/") else f"/assets/{escaped}"


def _recorded(said: Mapping[str, object], base: str) -> Recorded | None:
    href, checksum, size = said.get("href"), said.get(_CHECKSUM), said.get(_SIZE)
    if not (isinstance(href, str) and href and isinstance(checksum, str) and checksum):
        return None
    whole = size if isinstance(size, int) and not isinstance(size, bool) else None
    return Recorded(_joined(base, href) if base else href, checksum.lower(), whole)


def _joined(base: str, href: str) -> str:
    """Return `href` as seen from `base`; as it is if one of them is no address at all."""
    try:
        return urljoin(base, href)
    except ValueError:
        return href

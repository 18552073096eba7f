"""STAC documents as plain JSON: read one, and take the items that stand in it.

Plain JSON is read in place of a STAC library: a catalog of thousands of items opens ten times as fast, and nothing of
a document is migrated or rewritten on the way.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urljoin, urlsplit

from earthcode_platform import checksums
from earthcode_platform.cubes.download import download
from earthcode_platform.cubes.refusal import refusal

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = [
    "LIMIT_BYTES",
    "Document",
    "Item",
    "is_remote",
    "item_of",
    "items_of",
    "mapping",
    "parsed",
    "read_document",
    "resolve",
    "sequence",
    "text",
]

LIMIT_BYTES: Final = 50 * 1024 * 1024
"""Largest STAC document that is read, in bytes."""
_REMOTE: Final = ("http", "https", "s3")
_LONGEST_HREF: Final = 4096
"""Bytes of an address: what Linux takes as a path, and more than servers take."""
_LONGEST_NAME: Final = 255
"""Bytes of the name of a file or folder on the file systems in use."""
_SHOWN: Final = 80
_KINDS: Final = ("Feature", "FeatureCollection", "Collection", "Catalog")


@dataclass(frozen=True, slots=True)
class Document:
    """A STAC document as it was read."""

    href: str
    """Absolute path or URL."""
    checksum: str
    """SHA-256 multihash of its bytes."""
    size: int
    """Bytes."""
    content: dict[str, JsonValue]
    """Its JSON object."""

    @property
    def kind(self) -> str:
        """Its GeoJSON or STAC type: Feature, FeatureCollection, Collection or Catalog."""
        return text(self.content, "type")


@dataclass(frozen=True, slots=True)
class Item:
    """A STAC item with the document it stands in, which is the base of its relative hrefs."""

    id: str
    """Its id."""
    content: dict[str, JsonValue]
    """Its JSON object."""
    document: Document
    """Where it was read: its own document, or the collection of items that embeds it."""
    start: datetime
    """First moment, UTC (`start_datetime`, or `datetime`)."""
    end: datetime
    """Last moment, UTC (`end_datetime`, or `datetime`)."""

    @property
    def moment(self) -> datetime:
        """The nominal moment: `datetime`, or the first moment where that is null."""
        stamp = text(mapping(self.content, "properties"), "datetime")
        return _moment(stamp) if stamp else self.start


def text(content: dict[str, JsonValue], key: str) -> str:
    """Return the string at `key`, or an empty one where there is none."""
    value = content.get(key)
    return value if isinstance(value, str) else ""


def mapping(content: dict[str, JsonValue], key: str) -> dict[str, JsonValue]:
    """Return the object at `key`, or an empty one where there is none."""
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def sequence(content: dict[str, JsonValue], key: str) -> list[dict[str, JsonValue]]:
    """Return the objects in the array at `key`, or none where there is no array."""
    value = content.get(key)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def is_remote(href: str) -> bool:
    """Tell whether `href` is read from the web or from object storage, not from a file system."""
    return urlsplit(href).scheme in _REMOTE


def resolve(href: str, base: str) -> str:
    """Return `href`, as the document at `base` writes it, as an absolute path or URL (RFC 3986, section 5).

    Raises:
        RefusedError: A remote document points at a file of this machine (`inputs-not-allowed`), or it is no address
            at all (`inputs-bad-href`).
    """
    _require_address(href, base)
    if is_remote(href):
        return href
    if is_remote(base):
        if urlsplit(href).scheme:
            remedy = "Use http, https or s3."
            raise refusal("inputs-not-allowed", base, f"this remote document points at {href!r}.", remedy)
        return _joined(base, href)
    path = unquote(urlsplit(href).path) if href.startswith("file:") else href
    found = os.path.normpath(Path(base).parent / path)
    decoded = os.path.normpath(Path(base).parent / unquote(path))
    return found if Path(found).exists() or not Path(decoded).exists() else decoded


def _require_address(href: str, base: str) -> None:
    """Refuse what no file system and no server takes: control characters, half characters, endless ones."""
    told = ""
    if not all(character.isprintable() for character in href):
        told = "holds characters that cannot be printed"
    elif len(href.encode()) > _LONGEST_HREF or any(len(part.encode()) > _LONGEST_NAME for part in _names(href)):
        told = "is longer than file systems and servers take"
    else:
        try:
            urlsplit(href)
        except ValueError as error:
            told = f"is no address: {error}"
    if told:
        shown = ascii(href[:_SHOWN] + ("…" if len(href) > _SHOWN else ""))
        raise refusal("inputs-bad-href", base, f"the href {shown} {told}.", "Mend the href in this document.")


def _names(href: str) -> list[str]:
    return [] if "://" in href else href.split("/")


def _joined(base: str, href: str) -> str:
    """Join as RFC 3986 does for every scheme; the library knows few, and not that of object storage."""
    scheme, _, rest = base.partition("://")
    joined = urljoin(f"https://{rest}", href)
    return f"{scheme}://{joined.partition('://')[2]}"


def read_document(href: str) -> Document:
    """Return the STAC document at `href`, an absolute path, a URL, or an object in storage (`s3://bucket/key`).

    Raises:
        RefusedError: It is missing, too large, no JSON or no STAC.
        UnavailableError: Its server did not answer.
    """
    return parsed(download(href, LIMIT_BYTES) if is_remote(href) else _read_file(Path(href)), href)


def parsed(content: bytes, href: str) -> Document:
    """Return the STAC document that was read from `href`.

    Raises:
        RefusedError: It is no JSON or no STAC.
    """
    return Document(href, checksums.of_bytes(content), len(content), _parse(content, href))


def _read_file(path: Path) -> bytes:
    elsewhere = "Put the STAC document there, or name another one (command line: --input NAME=PATH)."
    try:
        if path.is_dir():
            raise refusal("inputs-not-found", str(path), "this is a folder.", "Name the STAC document inside it.")
        if path.stat().st_size > LIMIT_BYTES:
            raise refusal("inputs-too-large", str(path), f"it has {path.stat().st_size} bytes.", "Split the document.")
        return path.read_bytes()
    except FileNotFoundError:
        raise refusal("inputs-not-found", str(path), "there is no such file.", elsewhere) from None
    except OSError as error:
        raise refusal("inputs-not-readable", str(path), f"it cannot be read: {error.strerror}.", elsewhere) from error


def _parse(content: bytes, href: str) -> dict[str, JsonValue]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise refusal("inputs-not-json", href, _not_json(content, error), "Name a STAC document in JSON.") from None
    kind = parsed.get("type") if isinstance(parsed, dict) else type(parsed).__name__
    if not isinstance(parsed, dict) or kind not in _KINDS:
        raise refusal(
            "inputs-not-stac",
            href,
            f"its type is {kind!r}.",
            "Name a STAC Item (type Feature), FeatureCollection of items, Collection or Catalog.",
        )
    return parsed


def _not_json(content: bytes, error: Exception) -> str:
    if not content.strip():
        return "the file is empty."
    if content.lstrip()[:1] == b"<":
        return "this is HTML or XML, not JSON."
    return f"this is no JSON: {error}."


def items_of(document: Document) -> list[Item]:
    """Return the items that stand in `document` itself.

    Raises:
        RefusedError: One of them is no STAC item (`inputs-not-stac`).
    """
    if document.kind == "Feature":
        return [item_of(document.content, document)]
    if document.kind == "FeatureCollection":
        return [item_of(feature, document) for feature in sequence(document.content, "features")]
    return []


def item_of(content: dict[str, JsonValue], document: Document) -> Item:
    """Return the STAC item in `content`, which was read from `document`.

    Raises:
        RefusedError: It is none (`inputs-not-stac`).
    """
    identifier, properties = text(content, "id"), mapping(content, "properties")
    missing = [key for key in ("id", "assets", "properties") if key not in content]
    if missing or not identifier:
        raise refusal(
            "inputs-not-stac",
            document.href,
            f"the feature {identifier!r} has no {', '.join(missing) or 'id'}.",
            "A STAC item needs id, properties and assets (STAC item specification 1.0 and 1.1).",
        )
    stamp = text(properties, "datetime")
    try:
        start = _moment(text(properties, "start_datetime") or stamp)
        end = _moment(text(properties, "end_datetime") or stamp)
    except ValueError:
        raise refusal(
            "inputs-not-stac",
            document.href,
            f"item {identifier!r} has no usable datetime ({stamp!r}).",
            "Give it datetime, or start_datetime and end_datetime (RFC 3339), in the years 1678 to 2261.",
        ) from None
    return Item(identifier, content, document, start, end)


def _moment(stamp: str) -> datetime:
    """Read a moment that a cube can hold: xarray counts nanoseconds in 64 bits, from 1678 to 2261.

    Raises:
        ValueError: It is no RFC 3339 moment, or lies outside those years.
    """
    moment = datetime.fromisoformat(stamp)
    if not _FIRST_YEAR < moment.year < _LAST_YEAR:
        raise ValueError(stamp)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_FIRST_YEAR: Final = 1677
_LAST_YEAR: Final = 2262

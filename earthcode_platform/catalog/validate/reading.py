"""Which files of a catalog are documents, and whether each can be read as the official validator reads it."""

import sys
from collections.abc import Iterable, Iterator
from math import copysign, isinf
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject, parse
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.rulebook import Fault
from earthcode_platform.errors import InputError

__all__ = ["is_document", "misnamed_folders", "read", "repaired", "tamed"]

_ENDINGS: Final = (".json", ".geojson")
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_FIRST: Final = 4


def is_document(path: str) -> bool:
    """Tell whether the file at `path` is JSON by its name, in letters of any case."""
    name = path.rpartition("/")[2].lower()
    # A name that is nothing but an ending has none.
    return name.endswith(_ENDINGS) and name not in _ENDINGS


def read(catalog: Catalog, path: str) -> Fault | None:
    """Return why the document at `path` cannot be read; None if it can.

    JSON is UTF-8 without a byte order mark (RFC 8259, section 8.1); Python's reader takes more.
    """
    content = catalog.files.get(path, b"")
    if _is_marked(content):
        return Fault("", "it begins with a byte order mark, or is no UTF-8.", "Save it as UTF-8 without a mark.")
    try:
        catalog.document(path)
    except InputError as error:
        return Fault("", error.message, error.remedy)
    return None


def repaired(catalog: Catalog, path: str) -> bytes:
    """Return what the official validator reads in a file that is no UTF-8; an empty object if it can read nothing."""
    content = catalog.files.get(path, b"")
    if _is_marked(content):
        return b"{}"
    replaced = content.decode(errors="replace").encode()
    try:
        parse(replaced, path)
    except InputError:
        return b"{}"
    return replaced


def tamed(document: JsonObject) -> JsonObject:
    """Return a document with numbers beyond all, such as 1e999, made the largest there is; itself if it has none."""
    found = _tamed(document)
    return found if isinstance(found, dict) and found != document else document


def _tamed(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _tamed(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_tamed(held) for held in value]
    if isinstance(value, float) and isinf(value):
        return copysign(sys.float_info.max, value)
    return value


def _is_marked(content: bytes) -> bool:
    # A zero among the first bytes is the sign by which Python's reader takes a file for UTF-16 or UTF-32.
    return content.startswith(_MARKS) or b"\x00" in content[:_FIRST]


def misnamed_folders(paths: Iterable[str]) -> Iterator[tuple[str, Fault]]:
    """Yield each folder whose name ends like a document's, by the first file in it: it is read as one, in vain."""
    seen: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        if folder in seen:
            continue
        seen.add(folder)
        for part in folder.split("/"):
            if is_document(part):
                yield path, Fault("", f"the folder {part!r} is named like a document.", "Take another id.", part)

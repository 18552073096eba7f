"""Steps of a mend: small edits of one document, said by the pointers of the document as it was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import JsonValue

from earthcode_platform.catalog import edit
from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.scan import locate
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_finding import CatalogFinding

__all__ = ["AddLink", "DropLink", "Edit", "Put", "Step", "edited"]


@dataclass(frozen=True, slots=True)
class Put:
    """Make a value another one, or add it if it is missing."""

    pointer: str
    """JSON pointer of the value; what holds it is an object, or an array that has it already."""
    value: JsonValue
    """What it shall be."""


@dataclass(frozen=True, slots=True)
class AddLink:
    """Put a link at the end of the document's links."""

    link: JsonObject
    """The link."""


@dataclass(frozen=True, slots=True)
class DropLink:
    """Take a link out."""

    index: int
    """Its place in the array `links`."""


Edit: TypeAlias = Put | AddLink | DropLink
"""One edit of one document."""


@dataclass(frozen=True, slots=True)
class Step:
    """What mends one finding: edits of one document, which need not be the one that the finding is in."""

    finding: CatalogFinding
    """What is mended."""
    path: str
    """The document that changes."""
    edits: tuple[Edit, ...]
    """How it changes."""

    def touches(self, pointer: str, last: int) -> bool:
        """Tell whether an edit concerns the value at `pointer`; links from index `last` on are new."""
        link = "/".join(pointer.split("/")[:3])
        index = link.removeprefix("/links/")
        if index.isdigit() and int(index) >= last:
            return any(isinstance(one, AddLink) for one in self.edits)
        return any(isinstance(one, Put) and one.pointer.startswith(f"{link}/") for one in self.edits)


def edited(content: bytes, edits: Iterable[Edit]) -> bytes:
    """Return `content` after `edits`; of equal ones only one is made.

    All pointers and indexes are those of `content`: values are put first, then links are added at the end, then links
    are taken out from the last to the first.

    Raises:
        InputError: The document has not the structure that an edit needs.
    """
    unique: list[Edit] = []
    for one in edits:
        if one not in unique:
            unique.append(one)
    for one in unique:
        if isinstance(one, Put):
            content = _put(content, one)
    for one in unique:
        if isinstance(one, AddLink):
            content = _add(content, one.link)
    for index in sorted((one.index for one in unique if isinstance(one, DropLink)), reverse=True):
        content = edit.remove(content, "/links", index)
    return content


def _put(content: bytes, put: Put) -> bytes:
    try:
        locate(content, put.pointer)
    except InputError:
        parent, _, key = put.pointer.rpartition("/")
        return edit.add_member(content, parent, key, put.value)
    return edit.replace(content, put.pointer, put.value)


def _add(content: bytes, link: JsonObject) -> bytes:
    try:
        locate(content, "/links")
    except InputError:
        return edit.add_member(content, "", "links", [link])
    return edit.append(content, "/links", link)

"""Steps of a mend: small edits of one document, said by the pointers of the document as it was found."""

import json
from collections.abc import Iterable, Mapping, Sequence
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
    unique = {_key(one): one for one in edits}.values()
    content = _put(content, {one.pointer: one.value for one in unique if isinstance(one, Put)})
    content = _add(content, [one.link for one in unique if isinstance(one, AddLink)])
    drops = {one.index for one in unique if isinstance(one, DropLink)}
    return edit.remove_all(content, "/links", drops) if drops else content


def _key(one: Edit) -> str:
    """Return the same text for two edits that do the same."""
    return f"{type(one).__name__} {json.dumps(one.link, sort_keys=True) if isinstance(one, AddLink) else one}"


def _put(content: bytes, values: Mapping[str, JsonValue]) -> bytes:
    there = {pointer: value for pointer, value in values.items() if _is_there(content, pointer)}
    content = edit.replace_all(content, there) if there else content
    for pointer in (pointer for pointer in values if pointer not in there):
        parent, _, key = pointer.rpartition("/")
        content = edit.add_member(content, parent, key, values[pointer])
    return content


def _add(content: bytes, links: Sequence[JsonObject]) -> bytes:
    if not links:
        return content
    if _is_there(content, "/links"):
        return edit.extend(content, "/links", links)
    return edit.add_member(content, "", "links", [*links])


def _is_there(content: bytes, pointer: str) -> bool:
    try:
        locate(content, pointer)
    except InputError:
        return False
    return True

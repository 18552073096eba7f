"""A document under inspection: what its rules ask of it, computed once."""

import posixpath
import re
from typing import Final

from earthcode_platform.catalog.documents import JsonObject, facts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import PUBLISHED_AT, Link
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError

__all__ = ["Inspection", "entry_of", "listing_of"]

_KINDS: Final = frozenset(kind.value for kind in Kind)
_SAME: Final = re.compile(r"[A-Za-z0-9_./-]*[A-Za-z0-9_.-]")
"""Addresses that a file system and a reader of addresses (RFC 3986) take for the same path."""
_IN_KIND, _IN_FOLDER = 2, 3


def entry_of(path: str) -> tuple[Kind, str] | None:
    """Return kind and id of the entry that the official validator takes the file at `path` for.

    It looks only at how the name begins, so `collection.json.json` is a collection too.
    """
    found = Kind.of(path)
    if found is not None:
        return found
    parts = path.split("/")
    if len(parts) != _IN_FOLDER or parts[0] not in _KINDS:
        return None
    kind = Kind(parts[0])
    return (kind, parts[1]) if _begins(kind.file, parts[2]) else None


def listing_of(path: str) -> Kind | None:
    """Return the kind whose listing the official validator takes the file at `path` for."""
    parts = path.split("/")
    if len(parts) != _IN_KIND or parts[0] not in _KINDS or not _begins("catalog.json", parts[1]):
        return None
    return Kind(parts[0])


def _begins(wanted: str, name: str) -> bool:
    stem = wanted.removesuffix(".json")
    # One character of any kind stands for the dot.
    return name.startswith(stem) and name[len(stem) + 1 :].startswith("json")


class Inspection:
    """One document of a catalog.

    Args:
        catalog: The whole catalog.
        path: The document's path.

    Raises:
        InputError: The file holds no JSON object.
    """

    __slots__ = (
        "_by_relation",
        "catalog",
        "document",
        "facts",
        "folder",
        "id",
        "kind",
        "links",
        "listing",
        "path",
        "prefix",
    )

    def __init__(self, catalog: Catalog, path: str) -> None:
        self.catalog = catalog
        self.path = path
        self.folder = posixpath.dirname(path)
        self.document: JsonObject = catalog.document(path)
        self.facts: JsonObject = facts(self.document)
        self.links: tuple[Link, ...] = catalog.links(path)
        entry = entry_of(path)
        self.kind: Kind | None = entry[0] if entry else None
        self.id = entry[1] if entry else ""
        self.listing: Kind | None = None if entry else listing_of(path)
        """The kind that the document lists; None if it is no listing."""
        self._by_relation: dict[str, list[Link]] = {}
        for link in self.links:
            self._by_relation.setdefault(link.rel, []).append(link)
        self.prefix = "" if self.facts is self.document else "/properties"

    def __repr__(self) -> str:
        return f"<Inspection of {self.path}>"

    def rel(self, relation: str) -> list[Link]:
        """Return the links with the relation."""
        return self._by_relation.get(relation, [])

    def at(self, key: str) -> str:
        """Return the pointer of a key among the facts, or that of the facts if the key is missing."""
        return f"{self.prefix}/{key}" if key in self.facts else self.prefix

    def resolved(self, href: str) -> str:
        """Return the path that `href` names for the official validator: a path of the file system, no address.

        It knows no query, no fragment and no escapes, and takes the catalog's own address away without looking up
        from where it counts. A path outside the catalog begins with `..` or a slash.
        """
        if href.startswith(PUBLISHED_AT):
            href = href.removeprefix(PUBLISHED_AT)
        return posixpath.normpath(posixpath.join(self.folder, href))

    def title(self, path: str) -> str:
        """Return the title of the JSON document at `path`; empty if there is none, or none that can be read."""
        if path not in self.catalog or not path.endswith(".json"):
            return ""
        try:
            return self.catalog.title(path)
        except InputError:
            return ""

    def leads_to(self, link: Link) -> str:
        """Return the path that a link names for the official validator."""
        if link.target is not None and _SAME.fullmatch(link.href):
            return link.target
        return self.resolved(link.href)

"""A document under inspection: what its rules ask of it, computed once."""

from earthcode_platform.catalog.documents import JsonObject, facts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import Link
from earthcode_platform.catalog.snapshot import Catalog

__all__ = ["Inspection"]


class Inspection:
    """One document of a catalog.

    Args:
        catalog: The whole catalog.
        path: The document's path.

    Raises:
        InputError: The file holds no JSON object.
    """

    __slots__ = ("catalog", "document", "facts", "id", "kind", "links", "path", "prefix")

    def __init__(self, catalog: Catalog, path: str) -> None:
        self.catalog = catalog
        self.path = path
        self.document: JsonObject = catalog.document(path)
        self.facts: JsonObject = facts(self.document)
        self.links: tuple[Link, ...] = catalog.links(path)
        entry = Kind.of(path)
        self.kind: Kind | None = entry[0] if entry else None
        self.id = entry[1] if entry else ""
        self.prefix = "" if self.facts is self.document else "/properties"

    def __repr__(self) -> str:
        return f"<Inspection of {self.path}>"

    @property
    def listing(self) -> Kind | None:
        """The kind that the document lists; None if it is no listing."""
        folder, separator, name = self.path.partition("/")
        return Kind(folder) if separator and name == "catalog.json" and folder in _KINDS else None

    def rel(self, relation: str) -> list[Link]:
        """Return the links with the relation."""
        return [link for link in self.links if link.rel == relation]

    def at(self, key: str) -> str:
        """Return the pointer of a key among the facts, or that of the facts if the key is missing."""
        return f"{self.prefix}/{key}" if key in self.facts else self.prefix


_KINDS = frozenset(kind.value for kind in Kind)

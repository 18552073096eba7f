"""The seven kinds of entries that the Open Science Catalog holds, and where each lies."""

from enum import StrEnum
from typing import Final

__all__ = ["ROOT", "Kind"]

ROOT: Final = "catalog.json"
"""Path of the catalog's root."""


class Kind(StrEnum):
    """A kind of entry; its value is the folder that holds its entries."""

    PRODUCT = "products"
    """STAC Collection: what came out."""
    PROJECT = "projects"
    """STAC Collection: who paid for it."""
    WORKFLOW = "workflows"
    """OGC API Record: what is computed."""
    EXPERIMENT = "experiments"
    """OGC API Record: a workflow with its inputs and configuration."""
    THEME = "themes"
    """STAC Catalog: the field of Earth science."""
    VARIABLE = "variables"
    """STAC Catalog: what is measured."""
    MISSION = "eo-missions"
    """STAC Catalog: the satellite mission or instrument."""

    @property
    def label(self) -> str:
        """What one entry is called; a `related` link's title begins with it and a colon."""
        return _LABELS[self]

    @property
    def file(self) -> str:
        """Name of an entry's file inside its folder."""
        return _FILES.get(self, "catalog.json")

    @property
    def listing(self) -> str:
        """Path of the catalog that lists all entries of the kind."""
        return f"{self.value}/catalog.json"

    @property
    def listed_as(self) -> str:
        """Relation of the listing's links: records are items, everything else is a child."""
        return "item" if self.file == "record.json" else "child"

    def path(self, entry: str) -> str:
        """Return the path of the entry whose id is `entry`."""
        return f"{self.value}/{entry}/{self.file}"

    @classmethod
    def of(cls, path: str) -> "tuple[Kind, str] | None":
        """Return kind and id of the entry at `path`, or None if no entry can lie there."""
        parts = path.split("/")
        if len(parts) != 3 or parts[0] not in _VALUES:  # noqa: PLR2004 - kind, id and file
            return None
        kind = cls(parts[0])
        return (kind, parts[1]) if parts[2] == kind.file else None


_LABELS: Final = {
    Kind.PRODUCT: "Product",
    Kind.PROJECT: "Project",
    Kind.WORKFLOW: "Workflow",
    Kind.EXPERIMENT: "Experiment",
    Kind.THEME: "Theme",
    Kind.VARIABLE: "Variable",
    Kind.MISSION: "EO Mission",
}
_FILES: Final = {
    Kind.PRODUCT: "collection.json",
    Kind.PROJECT: "collection.json",
    Kind.WORKFLOW: "record.json",
    Kind.EXPERIMENT: "record.json",
}
_VALUES: Final = frozenset(Kind)

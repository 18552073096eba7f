"""The facts of a finished lifecycle in one small file."""

from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.product import Novelty, Product, Publication

__all__ = ["Outcome"]


class Outcome(Frozen):
    """Where everything is, for a person or a script that followed the run."""

    workspace: str
    """Folder of the run."""
    product: str
    """Folder (or address) of the archived version."""
    item: str
    """Its STAC item."""
    quicklook: str
    """Its picture."""
    catalog: str
    """The catalog's git repository."""
    branch: str
    """Branch with the entries."""
    commit: str
    """Commit with the entries."""
    published: Novelty
    """Whether the run published anything."""

    @classmethod
    def of(cls, workspace: Path, product: Product, publication: Publication) -> Self:
        """Gather the facts; `file:` addresses become paths."""
        return cls(
            workspace=str(workspace),
            product=_path(product.collection_href.rpartition("/")[0]),
            item=_path(product.item_href),
            quicklook=_path(product.quicklook_href),
            catalog=_path(publication.catalog),
            branch=publication.branch,
            commit=publication.commit,
            published=publication.novelty,
        )

    def write(self, path: Path) -> None:
        """Write the facts to `path` in one step."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        part.replace(path)


def _path(href: str) -> str:
    parts = urlsplit(href)
    return unquote(parts.path) if parts.scheme == "file" else href

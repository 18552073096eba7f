"""The manifest of an archived version: its last file, without which the version does not exist."""

from datetime import datetime
from typing import Final, Self

from pydantic import ValidationError

from earthcode_platform.errors import IntegrityError
from earthcode_platform.models.frozen import Checksum, Frozen
from earthcode_platform.models.product import Novelty, Product, StoredFile
from earthcode_platform.models.window import BBox
from earthcode_platform.stores.contract import Store

__all__ = ["NAME", "Manifest"]

NAME: Final = "manifest.json"
"""Its key below the version's prefix."""


class Manifest(Frozen):
    """Everything about a version but where its store is; keys are relative to `folder`."""

    product: str
    """The product's id."""
    version: str
    """The version."""
    folder: str = ""
    """Folder below the version's prefix that its files lie in; empty if they lie beside the manifest."""
    experiment: str
    """Id of the experiment that made it."""
    title: str
    """The product's title."""
    created: datetime
    """When the run that made it ended, UTC."""
    collection: str
    """Key of the STAC collection."""
    item: str
    """Key of the STAC item."""
    quicklook: str
    """Key of the quicklook."""
    declaration: str
    """Key of `experiment.yaml`."""
    workflow: str
    """Key of the workflow's file."""
    data_checksums: dict[str, Checksum]
    """Checksum of the values of each data asset, by asset key."""
    bbox: BBox
    """Box in degrees, EPSG:4326."""
    start: datetime
    """First moment of the data, UTC."""
    end: datetime
    """Last moment of the data, UTC."""
    files: tuple[StoredFile, ...]
    """Every other file of the version, with size and checksum, in the order of keys."""

    @classmethod
    def parsed(cls, content: bytes, where: str) -> Self:
        """Return what a file holds.

        Raises:
            IntegrityError: It is no manifest.
        """
        try:
            return cls.model_validate_json(content)
        except ValidationError:
            raise IntegrityError(
                "the archived manifest cannot be read.", where=where, remedy="Restore it from a copy."
            ) from None

    @property
    def content(self) -> tuple[object, ...]:
        """What makes two versions the same: the experiment as archived, and the values it produced."""
        package = self.declaration.rpartition("/")[0] + "/"
        declared = tuple((file.key, file.checksum) for file in self.files if file.key.startswith(package))
        return (self.experiment, declared, tuple(sorted(self.data_checksums.items())))

    def base(self, prefix: str) -> str:
        """Return what the keys of its files are relative to."""
        return f"{prefix}/{self.folder}" if self.folder else prefix

    def as_product(self, store: Store, prefix: str, checksum: str, novelty: Novelty) -> Product:
        """Return the version as the rest of the platform knows it, with the addresses that `store` gives it."""
        base = self.base(prefix)
        return Product(
            id=self.product,
            version=self.version,
            experiment=self.experiment,
            title=self.title,
            prefix=prefix,
            collection_href=store.href(f"{base}/{self.collection}"),
            item_href=store.href(f"{base}/{self.item}"),
            quicklook_href=store.href(f"{base}/{self.quicklook}"),
            experiment_href=store.href(f"{base}/{self.declaration}"),
            workflow_href=store.href(f"{base}/{self.workflow}"),
            manifest_checksum=checksum,
            data_checksums=self.data_checksums,
            files=self.files,
            bbox=self.bbox,
            start=self.start,
            end=self.end,
            created=self.created,
            novelty=novelty,
        )

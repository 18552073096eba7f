"""What is kept: an archived version of a product, and its entry in the catalog."""

from datetime import datetime
from enum import StrEnum

from earthcode_platform.models.frozen import Checksum, Frozen
from earthcode_platform.models.window import BBox

__all__ = ["Novelty", "Product", "Publication", "PublishedExperiment", "StoredFile"]


class Novelty(StrEnum):
    """Whether a step changed anything."""

    NEW = "new"
    """It was not there before."""
    UNCHANGED = "unchanged"
    """The same content was there already; nothing was written."""


class StoredFile(Frozen):
    """One file in a store, as it was verified."""

    key: str
    """Its name in the store, with forward slashes."""
    size: int
    """Bytes."""
    checksum: Checksum
    """Checksum of the bytes that were read back."""


class Product(Frozen):
    """A version of a product in the archive: a self-contained STAC collection with everything to run it again."""

    id: str
    """The product's id."""
    version: str
    """The experiment's version."""
    experiment: str
    """Id of the experiment that made it."""
    title: str
    """Its title."""
    prefix: str
    """Where it lies in the store: `<id>/<version>`."""
    collection_href: str
    """Address of its STAC collection."""
    item_href: str
    """Address of its STAC item."""
    quicklook_href: str
    """Address of its quicklook PNG."""
    experiment_href: str
    """Address of the archived `experiment.yaml`, from which it can be run again."""
    workflow_href: str
    """Address of the archived workflow file."""
    manifest_checksum: Checksum
    """Checksum of the manifest, which names every other file with size and checksum."""
    data_checksums: dict[str, Checksum]
    """Checksum of the values of each data asset, by asset key."""
    files: tuple[StoredFile, ...]
    """Every file of the version."""
    bbox: BBox
    """Its box in degrees, EPSG:4326."""
    start: datetime
    """First moment of its data, UTC."""
    end: datetime
    """Last moment of its data, UTC."""
    created: datetime
    """When the run that made it ended, UTC."""
    novelty: Novelty
    """Whether this call archived it or found it."""


class Publication(Frozen):
    """What became of a product, its workflow and its experiment in a catalog: they were published, or withdrawn."""

    catalog: str
    """The catalog's git repository, without userinfo."""
    branch: str
    """Branch that holds the commit."""
    base: str
    """Commit of the catalog that the changeset was computed on."""
    commit: str
    """Commit that holds the change."""
    novelty: Novelty
    """Whether this call made the commit or found the content already there."""
    merged: bool
    """Whether the change is on the catalog's main branch."""
    entries: tuple[str, ...]
    """Paths of the product's, the workflow's and the experiment's entry; of those that went, for a withdrawal."""
    changed: tuple[str, ...]
    """Every path the commit touches; empty if nothing was new."""
    review: str = ""
    """Address of the pull request; empty if the repository has none."""


class PublishedExperiment(Frozen):
    """What the catalog records of an experiment: enough to run it again and to compare the outcome."""

    id: str
    """Its id."""
    version: str
    """The version that was published."""
    title: str
    """Its title."""
    product: str
    """Id of its product."""
    workflow: str
    """Id of its workflow."""
    experiment_href: str
    """Address of the archived `experiment.yaml`."""
    manifest_checksum: Checksum
    """Checksum of the archived version's manifest."""
    data_checksums: dict[str, Checksum]
    """Checksum of the values of each data asset, by asset key."""
    commit: str
    """Commit of the catalog it was read from."""

"""What is told to a results repository that takes over a product."""

from earthcode_platform.models.frozen import Checksum, Frozen
from earthcode_platform.models.product import StoredFile

__all__ = ["Handover"]


class Handover(Frozen):
    """The facts of a delivery: what a message to the results repository has to say, for people and for programs."""

    product: str
    """Id of the product."""
    version: str
    """Its version."""
    title: str
    """Its title."""
    project: str
    """Id of the project in the Open Science Catalog."""
    collection: str
    """The STAC collection in the package: a path, inside the zip file if there is one."""
    items: int
    """How many items it has."""
    zipped: bool
    """Whether the collection is one zip file."""
    size: int
    """Bytes of the package's data and documents."""
    link: str
    """Where the collection lies in the archive it comes from."""
    manifest_checksum: Checksum
    """Checksum of the archived version's manifest, as the catalog records it."""
    license: str
    """Licence of the product, as its collection says."""
    restrictions: str
    """Who may have the data."""
    technical_officer: str
    """Name and address of ESA's technical officer, who gets a copy."""
    contacts: tuple[str, ...]
    """Who made it, as the collection's providers say."""
    files: tuple[StoredFile, ...]
    """Every file of the package besides this document, with size and checksum."""

"""Data that a service offers, as a search for inputs finds them."""

from enum import StrEnum

from earthcode_platform.models.frozen import Frozen, Text
from earthcode_platform.models.window import BBox, TimeWindow

__all__ = ["DataQuery", "FoundData", "SearchedData", "Service"]


class Service(StrEnum):
    """The kinds of services that can be searched."""

    STAC_API = "stac-api"
    """STAC API 1.0."""
    STAC = "stac"
    """A static STAC catalog, of which documents are read one by one."""
    RECORDS = "records"
    """OGC API - Records, part 1."""
    CSW = "csw"
    """OGC Catalogue Services 2.0.2."""


class DataQuery(Frozen):
    """What is looked for; all of it must hold."""

    text: tuple[Text, ...] = ()
    """Words, each of which must stand in title, id, keywords or description."""
    collection: Text | None = None
    """Id of a collection, whose items are wanted; collections are wanted without it."""
    bbox: BBox | None = None
    """A box that must be met."""
    datetime: TimeWindow | None = None
    """A time that must be met."""
    limit: int = 20
    """How many are wanted at most."""


class FoundData(Frozen):
    """One thing that was found."""

    id: str
    """Its id there."""
    title: str
    """Its title; its id if it has none."""
    kind: str
    """What it is: `collection`, `item` or `record`."""
    description: str = ""
    """What it says of itself."""
    href: str = ""
    """Address of its STAC document, which an input can name; empty if there is none."""
    elsewhere: tuple[str, ...] = ()
    """Addresses of its data that are no STAC."""
    license: str = ""
    """Its licence, as it says."""
    bbox: tuple[float, float, float, float] | None = None
    """Its box in degrees, if it says."""
    start: str = ""
    """When its data begin; empty if open or unknown."""
    end: str = ""
    """When its data end; empty if open or unknown."""


class SearchedData(Frozen):
    """What a search found."""

    service: Service
    """What was asked."""
    found: tuple[FoundData, ...]
    """What it found, in the order of the service."""
    more: bool
    """Whether there is more than was wanted."""
    notes: tuple[str, ...] = ()
    """What the service could not be asked, and what could not be read."""

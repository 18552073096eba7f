"""What lies in a bucket, by key below the store's prefix."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earthcode_platform.stores.s3.failures import explained
from earthcode_platform.stores.s3.place import Client, Place

__all__ = ["Listed", "Listing"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One object."""

    key: str
    """Its key, relative to what was listed."""
    size: int
    """Bytes."""
    modified: datetime
    """When it was written last, by the clock of the store."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists objects and folders, page by page."""

    place: Place
    control: Client

    def below(self, prefix: str) -> Iterator[Listed]:
        """Yield every object below `prefix`, with its key relative to it."""
        start = self.place.name(f"{prefix}/") if prefix else self.place.name("")
        for page in self._pages("list_objects_v2", start):
            for one in page.get("Contents", ()):
                yield Listed(one["Key"][len(start) :], one["Size"], one["LastModified"])

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield the names of the folders right below `prefix`; those that begin with a point are ours alone."""
        start = self.place.name(f"{prefix}/") if prefix else self.place.name("")
        for page in self._pages("list_objects_v2", start, Delimiter="/"):
            for one in page.get("CommonPrefixes", ()):
                name = one["Prefix"][len(start) :].rstrip("/")
                if not name.startswith("."):
                    yield name

    def uploads(self, prefix: str) -> Iterator[tuple[str, str, datetime]]:
        """Yield the unfinished uploads in parts below `prefix`: name in the bucket, id, and when it began."""
        for page in self._pages("list_multipart_uploads", self.place.name(f"{prefix}/")):
            for one in page.get("Uploads", ()):
                yield one["Key"], one["UploadId"], one["Initiated"]

    def _pages(self, request: str, start: str, **options: str) -> Iterator[dict[str, Any]]:
        with explained(self.place.shown("")):
            yield from self.control.get_paginator(request).paginate(Bucket=self.place.bucket, Prefix=start, **options)

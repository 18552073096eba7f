"""The contract of a store: a version becomes visible as a whole or not at all, and nothing is ever overwritten."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from earthcode_platform.errors import IntegrityError
from earthcode_platform.models.product import StoredFile
from earthcode_platform.web.signing import ObjectStorage

__all__ = ["Amiss", "Delivery", "Fault", "Leftover", "Seal", "Source", "Store"]

Seal = Callable[[str, Sequence[StoredFile]], bytes]
"""Makes the manifest from the folder below the version's prefix and the files in it, once all of them are verified."""


@dataclass(frozen=True, slots=True)
class Source:
    """One local file of a delivery."""

    key: str
    """Its name in the delivery, with forward slashes."""
    path: Path
    """Where it lies."""
    checksum: str | None = None
    """Multihash that was recorded of it; None if it is not known before the file is sent."""

    def opened(self) -> BinaryIO:
        """Open the file for reading.

        Raises:
            IntegrityError: It is gone, or cannot be read.
        """
        try:
            return self.path.open("rb")
        except OSError as error:
            raise IntegrityError(
                f"it belongs to the product, but cannot be read now: {os.strerror(error.errno or 0)}.",
                where=str(self.path),
                remedy="Restore it, or make it anew.",
            ) from error

    def size(self) -> int:
        """Return its bytes.

        Raises:
            IntegrityError: It is gone, or cannot be read.
        """
        with self.opened() as stream:
            return os.fstat(stream.fileno()).st_size

    def require(self, checksum: str) -> None:
        """Hold what was read to what was recorded.

        Raises:
            IntegrityError: It is something else.
        """
        if self.checksum not in (None, checksum):
            raise IntegrityError(
                f"the SHA-256 multihash is {checksum}, but {self.checksum} was recorded.",
                where=str(self.path),
                remedy="The file changed after it was recorded; make it anew.",
            )


@dataclass(frozen=True, slots=True)
class Delivery:
    """What becomes one version of a product."""

    prefix: str
    """`<product>/<version>`."""
    identity: str
    """Hexadecimal digits that are the same for the same bytes: a run that was broken off goes on where it was."""
    groups: tuple[tuple[Source, ...], ...]
    """The files; each group is stored and read back before the next one, so that no document leads to a gap."""
    seal: Seal
    """What makes the manifest."""


class Fault(StrEnum):
    """What is wrong with a stored file."""

    MISSING = "missing"
    """It is not there."""
    DIFFERS = "differs"
    """Its bytes are not those that were recorded."""


@dataclass(frozen=True, slots=True)
class Amiss:
    """A stored file that is not what was recorded."""

    file: StoredFile
    """What was recorded."""
    fault: Fault
    """What is wrong."""
    found: str
    """What is there instead: a size or a multihash; empty if nothing is."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a run that was broken off left behind. No reader sees it."""

    place: str
    """Where it lies below the store."""
    objects: int
    """How many files, unfinished uploads included."""
    size: int
    """Bytes."""
    age: timedelta
    """How long nothing was done about it."""


class Store(Protocol):
    """Keeps versions of products: files under keys, which are relative paths with forward slashes."""

    @property
    def storage(self) -> ObjectStorage:
        """The right to read the places that `place_of` returns, where they lie in object storage."""

    def place_of(self, key: str) -> str:
        """Return where `key` lies for us, who have the right to read it: a path, or `s3://bucket/key`."""

    def deliver(self, delivery: Delivery) -> str:
        """Store a version and return the multihash of its manifest, which is written last.

        What is there with the right bytes, left by a run that was broken off, is not sent again.

        Raises:
            ConflictError: The version is there already; what is there stays.
            IntegrityError: A file is not what was recorded, or does not read back as it was sent.
            InputError: The store refuses us: the key, the name or the rights are wrong.
            UnavailableError: The store does not answer now.
        """

    def verify(self, prefix: str, files: Sequence[StoredFile]) -> list[Amiss]:
        """Read files back, whose keys are relative to `prefix`, and return those that are not what was recorded."""

    def listed(self, prefix: str) -> dict[str, int]:
        """Return the size in bytes of everything below `prefix`, by key relative to it."""

    def prefixes(self) -> Iterator[str]:
        """Yield every `<product>/<version>` below which something lies, visible or not, sorted."""

    def versions(self) -> Iterator[str]:
        """Yield `<product>/<version>` of every visible version, sorted."""

    def pending(self, prefix: str) -> set[str]:
        """Return the folders right below `prefix` in which a delivery is under way, or was broken off."""

    def read(self, key: str) -> bytes:
        """Return the content of a small file.

        Raises:
            InputError: There is no such key.
        """

    def get(self, key: str, local: Path) -> str:
        """Write the file under `key` to `local`, whose folder is created if needed; return its multihash.

        Raises:
            InputError: There is no such key.
        """

    def exists(self, key: str) -> bool:
        """Tell whether a file lies under `key`."""

    def leftovers(self, older_than: timedelta) -> list[Leftover]:
        """Return what broken runs left behind and nobody touched for so long; nothing that is in use."""

    def clean(self, leftover: Leftover) -> bool:
        """Remove what a broken run left behind; tell whether it was still as `leftovers` saw it, and is gone."""

    def href(self, key: str) -> str:
        """Return the address by which others read `key`."""

    def link(self, key: str, seconds: int) -> str:
        """Return an address by which `key` can be read for a while, without an account. Never record it."""

    def key(self, href: str) -> str:
        """Return the key that `href` addresses.

        Raises:
            InputError: It is no address of this store.
        """

"""The contract of a store: keys in, verified files out, nothing ever overwritten."""

from pathlib import Path
from typing import Protocol

from earthcode_platform.models.product import StoredFile

__all__ = ["Store"]


class Store(Protocol):
    """Keeps files under keys, which are relative paths with forward slashes.

    A version is first put under a staging prefix and then promoted: readers see all of it or nothing.
    """

    def put(self, local: Path, key: str) -> StoredFile:
        """Store the file at `local` under `key`; the checksum is computed while it is written.

        Raises:
            ConflictError: The key is taken.
            UnavailableError: The store cannot be written to now.
        """

    def verify(self, key: str, checksum: str) -> StoredFile:
        """Read the file under `key` back and check it against the multihash `checksum`.

        Raises:
            IntegrityError: The file is missing or its bytes differ.
        """

    def get(self, key: str, local: Path) -> None:
        """Write the file under `key` to `local`, whose folder is created if needed.

        Raises:
            InputError: There is no such key.
        """

    def exists(self, key: str) -> bool:
        """Tell whether a file lies under `key`."""

    def promote(self, staged: str, prefix: str) -> None:
        """Make everything under `staged` visible under `prefix`, in one step.

        Raises:
            ConflictError: Something lies under `prefix`; what is there stays.
        """

    def discard(self, staged: str) -> None:
        """Remove everything under the staging prefix `staged`; nothing else can be removed."""

    def href(self, key: str) -> str:
        """Return the address by which others read `key`."""

    def key(self, href: str) -> str:
        """Return the key that `href` addresses.

        Raises:
            InputError: It is no address of this store.
        """

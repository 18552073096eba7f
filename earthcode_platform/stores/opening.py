"""A store by its address, as the command line takes it."""

from pathlib import Path
from typing import Final

from earthcode_platform.errors import InputError
from earthcode_platform.stores.contract import Store
from earthcode_platform.stores.directory import DirectoryStore
from earthcode_platform.stores.s3.place import Place
from earthcode_platform.stores.s3.store import S3Store
from earthcode_platform.web.signing import ObjectStorage

__all__ = ["open_store"]

_S3: Final = "s3://"


def open_store(where: str, storage: ObjectStorage, public_url: str | None = None) -> Store:
    """Return the store at `where`.

    Args:
        where: A folder, or `s3://bucket/prefix`.
        storage: Endpoint and keys for the latter.
        public_url: Address under which others read it.

    Raises:
        InputError: It is neither.
    """
    if where.startswith(_S3):
        bucket, _, prefix = where.removeprefix(_S3).partition("/")
        return S3Store(Place(storage, bucket, prefix.strip("/")), public_url)
    if "://" in where:
        raise InputError(
            f"{where!r} is no results store.", where="store", remedy="Name a folder, or s3://bucket/prefix."
        )
    return DirectoryStore(Path(where).expanduser(), public_url)

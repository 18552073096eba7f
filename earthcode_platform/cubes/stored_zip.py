"""A Zarr store in one zip file, read where its members lie."""

from __future__ import annotations

import asyncio
import struct
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from zarr.abc.store import OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest
from zarr.storage import ZipStore

from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

__all__ = ["StoredZip", "zip_store"]

_ROOTS: Final = ("zarr.json", ".zgroup", ".zarray")
"""What lies at the root of a store, of version 3 or 2."""
_HEADER: Final = struct.Struct("<26xHH")
"""Local file header (APPNOTE.TXT, section 4.3.7): of its 30 bytes the lengths of name and extra field."""


def zip_store(path: Path) -> Store:
    """Return what reads a Zarr store from a zip file; zarr's own, and slower, if its members are compressed.

    Raises:
        InputError: It is no zip file, or its root is no Zarr store.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"it cannot be read as a zip file: {error}.", where=str(path)) from None
    names = {member.filename for member in members}
    if not names.intersection(_ROOTS):
        first = min(names, default="nothing")
        raise InputError(
            f"the root of the zip file is no Zarr store: it holds {first}.",
            where=str(path),
            remedy="Pack what lies in the folder of the store, not the folder itself.",
        )
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        return ZipStore(path)
    places = {one.filename: (one.header_offset, one.file_size) for one in members if not one.is_dir()}
    return StoredZip(path, places)


class StoredZip(Store):
    """A Zarr store whose values are spans of a local file; it can be read by several threads and processes at once.

    zarr's own goes through a member from its beginning to the part that is asked for (with Python 3.11), one thread at
    a time: read by chunks, a shard of many costs five times as much.

    Args:
        path: The file.
        places: Where the header of each member begins, and how many bytes the member has.
    """

    supports_writes: bool = False
    supports_deletes: bool = False
    supports_listing: bool = True

    def __init__(self, path: Path, places: dict[str, tuple[int, int]]) -> None:
        super().__init__(read_only=True)
        self._path = path
        self._places = places

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredZip) and (self._path, self._places) == (other._path, other._places)

    __hash__ = Store.__hash__

    def __str__(self) -> str:
        return f"zip://{self._path}"

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """Return a value, or a part of it; None if there is none."""
        if key not in self._places:
            return None
        return prototype.buffer.from_bytes(await asyncio.to_thread(self._read, key, byte_range))

    def _read(self, key: str, wanted: ByteRequest | None) -> bytes:
        header, size = self._places[key]
        first, last = _bounds(wanted, size)
        with self._path.open("rb") as stream:
            stream.seek(header)
            lengths: tuple[int, int] = _HEADER.unpack(stream.read(_HEADER.size))
            stream.seek(header + _HEADER.size + sum(lengths) + first)
            return stream.read(last - first)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Return parts of values, in the order in which they are asked for."""
        return [await self.get(key, prototype, wanted) for key, wanted in key_ranges]

    async def exists(self, key: str) -> bool:
        """Tell whether there is a value."""
        return key in self._places

    async def set(self, key: str, value: Buffer) -> None:  # noqa: ARG002 - named by zarr
        """Refuse to write: a zip file of a store is packed once."""
        self._check_writable()

    async def delete(self, key: str) -> None:  # noqa: ARG002 - named by zarr
        """Refuse to delete."""
        self._check_writable()

    async def list(self) -> AsyncIterator[str]:
        """Yield every key."""
        for key in self._places:
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Yield every key that begins so."""
        for key in self._places:
            if key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Yield the names directly below a prefix, each once."""
        above = PurePosixPath(prefix).parts
        below = (PurePosixPath(key).parts for key in self._places)
        for name in dict.fromkeys(parts[len(above)] for parts in below if parts[: len(above)] == above):
            yield name


def _bounds(wanted: ByteRequest | None, size: int) -> tuple[int, int]:
    """Return the first byte of a part, and the one behind it."""
    if isinstance(wanted, RangeByteRequest):
        return wanted.start, min(wanted.end, size)
    if isinstance(wanted, OffsetByteRequest):
        return wanted.offset, size
    if isinstance(wanted, SuffixByteRequest):
        return max(0, size - wanted.suffix), size
    return 0, size

"""Zarr stores that are read and never written, by spans of what holds their values."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from zarr.abc.store import OffsetByteRequest, RangeByteRequest, Store, SuffixByteRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from zarr.abc.store import ByteRequest
    from zarr.core.buffer import Buffer, BufferPrototype

__all__ = ["ReadStore"]


class ReadStore(Store):
    """A Zarr store of which every key and its size are known; several threads and processes may read it at once.

    Args:
        place: Where it lies.
        sizes: Bytes of each value, by key.
    """

    supports_writes: bool = False
    supports_deletes: bool = False
    supports_listing: bool = True

    def __init__(self, place: str, sizes: Mapping[str, int]) -> None:
        super().__init__(read_only=True)
        self.place = place
        self._sizes = dict(sizes)

    @abstractmethod
    def read(self, key: str, first: int, last: int) -> bytes:
        """Return the bytes of a value from the first to before the last; there is at least one."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and (self.place, self._sizes) == (other.place, other._sizes)

    __hash__ = Store.__hash__

    def __str__(self) -> str:
        return self.place

    async def get(self, key: str, prototype: BufferPrototype, byte_range: ByteRequest | None = None) -> Buffer | None:
        """Return a value, or a part of it; None if there is none."""
        if key not in self._sizes:
            return None
        first, last = _bounds(byte_range, self._sizes[key])
        content = await asyncio.to_thread(self.read, key, first, last) if last > first else b""
        return prototype.buffer.from_bytes(content)

    async def get_partial_values(
        self, prototype: BufferPrototype, key_ranges: Iterable[tuple[str, ByteRequest | None]]
    ) -> list[Buffer | None]:
        """Return parts of values, in the order in which they are asked for."""
        return [await self.get(key, prototype, wanted) for key, wanted in key_ranges]

    async def exists(self, key: str) -> bool:
        """Tell whether there is a value."""
        return key in self._sizes

    async def set(self, key: str, value: Buffer) -> None:  # noqa: ARG002 - named by zarr
        """Refuse to write: it is read here."""
        self._check_writable()

    async def delete(self, key: str) -> None:  # noqa: ARG002 - named by zarr
        """Refuse to delete."""
        self._check_writable()

    async def list(self) -> AsyncIterator[str]:
        """Yield every key."""
        for key in self._sizes:
            yield key

    async def list_prefix(self, prefix: str) -> AsyncIterator[str]:
        """Yield every key that begins so."""
        for key in self._sizes:
            if key.startswith(prefix):
                yield key

    async def list_dir(self, prefix: str) -> AsyncIterator[str]:
        """Yield the names directly below a prefix, each once."""
        above = PurePosixPath(prefix).parts
        below = (PurePosixPath(key).parts for key in self._sizes)
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

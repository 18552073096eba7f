"""A Zarr store in one zip file, read where its members lie."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zarr.storage import ZipStore

from earthcode_platform.cubes.read_stores import ReadStore
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zarr.abc.store import Store

__all__ = ["HEADER", "StoredZip", "data_start", "members_of", "zip_store"]

_ROOTS: Final = ("zarr.json", ".zgroup", ".zarray")
"""What lies at the root of a store, of version 3 or 2."""
HEADER: Final = struct.Struct("<26xHH")
"""Local file header (APPNOTE.TXT, section 4.3.7): of its 30 bytes the lengths of name and extra field."""


def zip_store(path: Path) -> Store:
    """Return what reads a Zarr store from a zip file; zarr's own, and slower, if its members are compressed.

    Raises:
        InputError: It is no zip file, or its root is no Zarr store.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = members_of(archive, str(path))
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"it cannot be read as a zip file: {error}.", where=str(path)) from None
    return ZipStore(path) if any(one.compress_type for one in members) else StoredZip(path, members)


def members_of(archive: zipfile.ZipFile, where: str) -> list[zipfile.ZipInfo]:
    """Return the files in an archive that holds a Zarr store.

    Raises:
        InputError: Its root is no Zarr store.
    """
    members = [one for one in archive.infolist() if not one.is_dir()]
    names = {one.filename for one in members}
    if not names.intersection(_ROOTS):
        raise InputError(
            f"the root of the zip file is no Zarr store: it holds {min(names, default='nothing')}.",
            where=where,
            remedy="Pack what lies in the folder of the store, not the folder itself.",
        )
    return members


def data_start(header: int, content: bytes) -> int:
    """Return where the bytes of a member begin.

    Args:
        header: Where its local file header begins.
        content: The header.
    """
    lengths: tuple[int, int] = HEADER.unpack(content)
    return header + HEADER.size + sum(lengths)


class StoredZip(ReadStore):
    """A store in a local zip file.

    zarr's own goes through a member from its beginning to the part that is asked for (with Python 3.11), one thread at
    a time: read by chunks, a shard of many costs five times as much.

    Args:
        path: The file.
        members: What is in it, not compressed.
    """

    def __init__(self, path: Path, members: Sequence[zipfile.ZipInfo]) -> None:
        super().__init__(f"zip://{path}", {one.filename: one.file_size for one in members})
        self._path = path
        self._headers: Mapping[str, int] = {one.filename: one.header_offset for one in members}

    def read(self, key: str, first: int, last: int) -> bytes:
        """Return part of a member."""
        with self._path.open("rb") as stream:
            stream.seek(self._headers[key])
            stream.seek(data_start(self._headers[key], stream.read(HEADER.size)) + first)
            return stream.read(last - first)

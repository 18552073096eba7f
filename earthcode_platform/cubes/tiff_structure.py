"""How a TIFF file is laid out: its directories in their order, and where the pixels of each lie.

Read byte by byte and without GDAL, so that what GDAL wrote is looked at by something else. Sources: TIFF revision 6.0,
section 2; the BigTIFF extension; GDAL, "Cloud Optimized GeoTIFF: header ghost area".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Directory", "TiffStructure", "read_structure"]

_CLASSIC: Final = 42
_BIG: Final = 43
_MOST: Final = 1000
"""Directories that are followed; a chain that bites its own tail ends here."""
_TYPES: Final = {1: "B", 2: "c", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 18: "Q"}
"""Field types (TIFF 6.0, section 2; BigTIFF) as `struct` writes them; others hold nothing that is looked at here."""
_SUBFILE: Final = 254
_WIDTH: Final = 256
_HEIGHT: Final = 257
_STRIPS: Final = (273, 279)
_TILE_WIDTH: Final = 322
_TILES: Final = (324, 325)
_GEO_KEYS: Final = 34735
_WANTED: Final = frozenset((_SUBFILE, _WIDTH, _HEIGHT, *_STRIPS, _TILE_WIDTH, *_TILES, _GEO_KEYS))
_REDUCED: Final = 1
_MASK: Final = 4


@dataclass(frozen=True)
class Directory:
    """One image file directory: the full image, an overview, or a mask of one of them."""

    offset: int
    """Where it begins, in bytes."""
    width: int
    """Columns."""
    height: int
    """Rows."""
    tiled: bool
    """Whether its pixels lie in tiles; in strips otherwise."""
    reduced: bool
    """Whether it is an overview."""
    mask: bool
    """Whether it is a mask."""
    geographic: bool
    """Whether it has GeoTIFF keys."""
    blocks: tuple[tuple[int, int], ...]
    """Offset and bytes of each tile or strip that is there; sparse ones are left out."""

    @property
    def first(self) -> int:
        """Where its first pixels lie; 0 if it has none."""
        return min((offset for offset, _ in self.blocks), default=0)

    @property
    def end(self) -> int:
        """Where its last pixels end; 0 if it has none."""
        return max((offset + size for offset, size in self.blocks), default=0)


@dataclass(frozen=True)
class TiffStructure:
    """The layout of a TIFF file."""

    size: int
    """Bytes of the file."""
    big: bool
    """Whether it is a BigTIFF."""
    directories: tuple[Directory, ...]
    """Its directories, in the order in which they are chained."""

    @property
    def full(self) -> Directory:
        """The first directory, which holds the image at full resolution."""
        return self.directories[0]

    @property
    def overviews(self) -> tuple[Directory, ...]:
        """The overviews of the image, in the order of their directories."""
        return tuple(one for one in self.directories[1:] if one.reduced and not one.mask)


def read_structure(path: Path) -> TiffStructure:
    """Return how the TIFF file at `path` is laid out; no pixel is read.

    Raises:
        InputError: It is no TIFF, or one of its directories lies beyond its end.
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(0)
        try:
            reader, first = _header(stream, size)
            directories = tuple(_chain(reader, first))
        except (struct.error, ValueError) as error:
            raise InputError(f"its directories cannot be read: {error}.", where=str(path)) from None
    if not directories:
        raise InputError("it has no directory, hence no image.", where=str(path))
    return TiffStructure(size, reader.big, directories)


@dataclass(frozen=True)
class _Reader:
    stream: BinaryIO
    order: str
    big: bool
    size: int

    def at(self, offset: int, form: str) -> tuple[int, ...]:
        """Return the numbers that lie at `offset`."""
        form = f"{self.order}{form}"
        length = struct.calcsize(form)
        if offset + length > self.size:
            raise ValueError(f"what lies at byte {offset} has {length} bytes, and the file ends at {self.size}")
        self.stream.seek(offset)
        numbers: tuple[int, ...] = struct.unpack(form, self.stream.read(length))
        return numbers


def _header(stream: BinaryIO, size: int) -> tuple[_Reader, int]:
    """Return what reads the numbers of this file, and where its first directory lies."""
    order = {b"II": "<", b"MM": ">"}.get(stream.read(2))
    if order is None:
        raise ValueError("it does not begin as a TIFF does")
    (version,) = struct.unpack(f"{order}H", stream.read(2))
    if version not in (_CLASSIC, _BIG):
        raise ValueError(f"its version is {version}")
    reader = _Reader(stream, order, version == _BIG, size)
    return reader, reader.at(8, "Q")[0] if reader.big else reader.at(4, "I")[0]


def _chain(reader: _Reader, offset: int) -> list[Directory]:
    found: list[Directory] = []
    while offset:
        if len(found) == _MOST:
            raise ValueError(f"it has more than {_MOST} directories")
        entries, following = _entries(reader, offset)
        found.append(_directory(offset, entries))
        offset = following
    return found


def _entries(reader: _Reader, offset: int) -> tuple[dict[int, tuple[int, ...]], int]:
    """Return the wanted fields of a directory by tag, and where the next directory lies; 0 if it is the last."""
    counted, entry, inline = ("Q", 20, 8) if reader.big else ("H", 12, 4)
    (count,) = reader.at(offset, counted)
    start = offset + struct.calcsize(f"<{counted}")
    fields: dict[int, tuple[int, ...]] = {}
    for place in range(start, start + count * entry, entry):
        tag, kind = reader.at(place, "HH")
        (length,) = reader.at(place + 4, "Q" if reader.big else "I")
        if tag not in _WANTED or kind not in _TYPES:
            continue
        form = f"{length}{_TYPES[kind]}"
        held = place + entry - inline
        if struct.calcsize(f"<{form}") > inline:
            (held,) = reader.at(held, "Q" if reader.big else "I")
        fields[tag] = reader.at(held, form)
    (following,) = reader.at(start + count * entry, "Q" if reader.big else "I")
    return fields, following


def _directory(offset: int, fields: dict[int, tuple[int, ...]]) -> Directory:
    if _WIDTH not in fields or _HEIGHT not in fields:
        raise ValueError(f"the directory at byte {offset} has no width or height")
    tiled = _TILE_WIDTH in fields
    places, sizes = (fields.get(tag, ()) for tag in (_TILES if tiled else _STRIPS))
    if len(places) != len(sizes):
        raise ValueError(f"the directory at byte {offset} has {len(places)} offsets and {len(sizes)} sizes")
    kind = fields.get(_SUBFILE, (0,))[0]
    return Directory(
        offset=offset,
        width=fields[_WIDTH][0],
        height=fields[_HEIGHT][0],
        tiled=tiled,
        reduced=bool(kind & _REDUCED),
        mask=bool(kind & _MASK),
        geographic=_GEO_KEYS in fields,
        blocks=tuple((place, held) for place, held in zip(places, sizes, strict=True) if place and held),
    )

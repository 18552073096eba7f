"""Stored numbers on the disk as they lie in memory, for formats that are written from one end to the other."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import numpy as np

from earthcode_platform.cubes.dimensions import band_units, band_values
from earthcode_platform.cubes.grid import grid_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.cubes.streaming.units import Box
    from earthcode_platform.models.file_options import CogOptions

__all__ = ["Spool", "virtual_raster"]

_TYPES: Final = {
    "int8": "Int8", "uint8": "Byte", "int16": "Int16", "uint16": "UInt16", "int32": "Int32", "uint32": "UInt32",
    "float32": "Float32", "float64": "Float64",
}  # fmt: skip
"""What GDAL calls the types of stored numbers."""


class Spool:
    """A file of numbers (layers, rows, columns), band after band, row after row.

    Args:
        path: The file.
        shape: Layers, rows and columns.
        dtype: Type of the numbers, in the machine's byte order.
    """

    def __init__(self, path: Path, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> None:
        self.path = path
        self.shape = shape
        self.dtype = dtype

    def allocate(self) -> None:
        """Make the file, or bring it to its size; what lies in it stays. Numbers that were never written are 0."""
        with self._opened(os.O_RDWR | os.O_CREAT) as opened:
            os.truncate(opened, int(np.prod(self.shape, dtype="int64")) * self.dtype.itemsize)

    def write(self, box: Box, stored: NDArray[Any]) -> None:
        """Write the numbers (layers, rows, columns) of a box."""
        with self._opened(os.O_WRONLY) as opened:
            for place, row in self._rows(box, np.ascontiguousarray(stored, self.dtype)):
                _write_all(opened, row, place)

    def read(self, box: Box) -> NDArray[Any]:
        """Return the numbers (layers, rows, columns) of a box."""
        found = np.empty((self.shape[0], *box.shape), self.dtype)
        with self._opened(os.O_RDONLY) as opened:
            for place, row in self._rows(box, found):
                _read_all(opened, row, place)
        return found

    @contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        opened = os.open(self.path, flags, 0o666)
        try:
            yield opened
        finally:
            os.close(opened)

    def _rows(self, box: Box, values: NDArray[Any]) -> Iterator[tuple[int, memoryview]]:
        """Yield where each row of the box lies in the file, and its numbers; whole rows of the map come together."""
        layers, rows, columns = self.shape
        if box.shape[1] == columns:
            values = values.reshape(layers, 1, -1)
        for layer in range(layers):
            for at, row in enumerate(values[layer]):
                place = ((layer * rows + box.top + at) * columns + box.left) * self.dtype.itemsize
                yield place, memoryview(row).cast("B")


def _write_all(opened: int, row: memoryview, place: int) -> None:
    """Write all of a row: a disk that fills up takes a part of it without a word, and says so at the next attempt."""
    while row:
        written = os.pwrite(opened, row, place)
        row, place = row[written:], place + written


def _read_all(opened: int, row: memoryview, place: int) -> None:
    while row:
        read = os.preadv(opened, [row], place)
        if not read:
            raise OSError(errno.EIO, f"it ends at byte {place}, and more was written")
        row, place = row[read:], place + read


def virtual_raster(spool: Spool, cube: xr.DataArray, options: CogOptions) -> Path:
    """Write a VRT beside the spool that shows it as a raster, and return its path.

    Grid, CRS, names and units of bands are those of the cube (GDAL, VRT driver: VRTRawRasterBand).
    """
    from rasterio.crs import CRS

    grid = grid_of(cube)
    across, _, west, _, down, north = grid.transform
    lines = [
        f'<VRTDataset rasterXSize="{spool.shape[2]}" rasterYSize="{spool.shape[1]}">',
        f"<SRS>{escape(CRS.from_user_input(grid.crs).to_wkt())}</SRS>",
        f"<GeoTransform>{float(west)!r}, {float(across)!r}, 0, {float(north)!r}, 0, {float(down)!r}</GeoTransform>",
    ]
    for at, (name, unit) in enumerate(zip(band_values(cube), band_units(cube), strict=True)):
        lines += _band(spool, at, options, name, unit)
    path = spool.path.with_suffix(".vrt")
    path.write_text("\n".join([*lines, "</VRTDataset>", ""]), encoding="utf-8")
    return path


def _band(spool: Spool, at: int, options: CogOptions, name: str, unit: str) -> Iterator[str]:
    _, rows, columns = spool.shape
    size = spool.dtype.itemsize
    yield f'<VRTRasterBand dataType="{_TYPES[spool.dtype.name]}" band="{at + 1}" subClass="VRTRawRasterBand">'
    yield f"<Description>{escape(name)}</Description>"
    if unit:
        yield f"<UnitType>{escape(unit)}</UnitType>"
    yield f"<NoDataValue>{options.stored_nodata!r}</NoDataValue>"
    if options.bounds is not None:
        yield f"<Offset>{options.offset!r}</Offset><Scale>{options.scale!r}</Scale>"
    yield f'<SourceFilename relativeToVRT="1">{escape(spool.path.name)}</SourceFilename>'
    yield f"<ImageOffset>{at * rows * columns * size}</ImageOffset>"
    yield f"<PixelOffset>{size}</PixelOffset><LineOffset>{columns * size}</LineOffset>"
    yield f"<ByteOrder>{'LSB' if sys.byteorder == 'little' else 'MSB'}</ByteOrder>"
    yield "</VRTRasterBand>"

"""One band of a file, decoded and read block by block: no more than a few megabytes are in memory at a time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.cubes.dimensions import float_dtype
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from earthcode_platform.cubes.assets import BandSource

__all__ = ["RasterBand", "array_blocks", "opened_raster"]

_SIDE: Final = 1024
"""Rows and columns of a block of a raster: two blocks of a usual COG each way."""
_VALUES: Final = _SIDE * _SIDE
"""Values of a block of an array."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class RasterBand:
    """A band of an open raster, or the part of it that lies in a box."""

    opened: DatasetReader
    """The file."""
    source: BandSource
    """Which band it is, and what its stored numbers mean."""
    box: Box | None = None
    """West, south, east, north in degrees, EPSG:4326; the whole raster if None."""

    @property
    def crs(self) -> str | None:
        """CRS as `EPSG:<code>` or WKT2; None if the file has none."""
        return crs_name(self.opened.crs.to_wkt()) if self.opened.crs else None

    @property
    def span(self) -> tuple[int, int, int, int]:
        """First row, end row, first column and end column of the part that is looked at.

        Raises:
            InputError: The box meets no pixel.
        """
        rows, columns = self.opened.shape
        # A box across the antimeridian is two in most CRS: the whole raster is looked at.
        if self.box is None or self.opened.crs is None or self.box[0] > self.box[2]:
            return 0, rows, 0, columns
        return _within(self.opened, self.box)

    def blocks(self) -> Iterator[NDArray[np.floating]]:
        """Yield the values block by block, from north-west to south-east; no data is NaN.

        Raises:
            InputError: A block cannot be read, or the box meets no pixel.
        """
        from rasterio.errors import RasterioError
        from rasterio.windows import Window

        top, bottom, left, right = self.span
        for row, column in product(range(top, bottom, _SIDE), range(left, right, _SIDE)):
            window = Window(column, row, min(_SIDE, right - column), min(_SIDE, bottom - row))
            try:
                stored = self.opened.read(self.source.index, window=window)
            except RasterioError as error:
                message = f"its rows {row} to {row + window.height} cannot be read: {error.__cause__ or error}."
                raise InputError(message, where=self.opened.name, remedy="Fetch or write the file again.") from None
            yield _decoded(stored, self.source)


def _decoded(stored: NDArray[np.generic], source: BandSource) -> NDArray[np.floating]:
    """Return the numbers that stored ones stand for: no-data becomes NaN, then scale and offset are applied."""
    values: NDArray[np.floating] = stored.astype(float_dtype(str(stored.dtype)))
    if source.nodata is not None and not np.isnan(source.nodata):
        values[stored == np.asarray(source.nodata).astype(stored.dtype)] = np.nan
    if (source.scale, source.offset) == (1.0, 0.0):
        return values
    return values.astype("float64") * source.scale + source.offset


def _within(opened: DatasetReader, box: Box) -> tuple[int, int, int, int]:
    """Return the rows and columns of the pixels whose centres lie in a box in degrees."""
    from rasterio.warp import transform_bounds

    west, south, east, north = transform_bounds("EPSG:4326", opened.crs, *box, densify_pts=21)
    inverse = ~opened.transform
    corners = [
        (inverse.a * x + inverse.b * y + inverse.c, inverse.d * x + inverse.e * y + inverse.f)
        for x in (west, east)
        for y in (south, north)
    ]
    left, right = (bound(corner[0] for corner in corners) for bound in (min, max))
    top, bottom = (bound(corner[1] for corner in corners) for bound in (min, max))
    rows, columns = opened.shape
    first_row, end_row = max(0, int(np.ceil(top - 0.5))), min(rows, int(np.floor(bottom - 0.5)) + 1)
    first_column, end_column = max(0, int(np.ceil(left - 0.5))), min(columns, int(np.floor(right - 0.5)) + 1)
    if first_row >= end_row or first_column >= end_column:
        raise InputError(
            f"the box {list(box)} holds no pixel of it.", where=opened.name, remedy="Choose a box that meets the data."
        )
    return first_row, end_row, first_column, end_column


@contextmanager
def opened_raster(href: str) -> Iterator[DatasetReader]:
    """Open the raster at `href`, a path or an address that can be read as it is.

    Raises:
        InputError: It is none.
    """
    import rasterio
    from rasterio.errors import RasterioError

    try:
        opened = rasterio.open(href)
    except RasterioError as error:
        raise InputError(f"it cannot be opened as a raster: {error}.", where=href) from None
    with opened:
        yield opened


def array_blocks(variable: xr.DataArray) -> Iterator[NDArray[np.floating]]:
    """Yield the values of a decoded variable in blocks of about a million, in the order of its dimensions.

    Args:
        variable: A variable of a NetCDF file or Zarr store, opened lazily, or a lazy cube of one band.

    Raises:
        InputError: A block cannot be read.
    """
    steps = _steps(variable)
    places = [range(0, size, step) for size, step in zip(variable.shape, steps, strict=True)]
    for corner in product(*places):
        part = {
            name: slice(start, start + step) for name, start, step in zip(variable.dims, corner, steps, strict=True)
        }
        try:
            values = variable.isel(part).values
        except (OSError, ValueError, RuntimeError) as error:
            message = f"the variable {variable.name!r} cannot be read at {list(corner)}: {error}."
            raise InputError(message, remedy="Fetch or write the file again.") from None
        yield values.astype(float_dtype(str(values.dtype)), copy=False)


def _steps(variable: xr.DataArray) -> tuple[int, ...]:
    """Return the lengths of a block: whole trailing dimensions, as far as a block holds them."""
    left, steps = _VALUES, []
    for size in reversed(variable.shape):
        step = max(1, min(size, left))
        steps.append(step)
        left //= step
    return tuple(reversed(steps))

"""Raster files of one grid as an array (t, bands, y, x) that reads what is asked of it, and nothing more.

This is how files are read that need no interpolation, which is most: a window of each file, decoded. What files say is
no data is NaN, and where several files make one date, the first with data counts: the values are those of `mosaic`,
which reads everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from earthcode_platform.cubes.branchless import blanked, chosen
from earthcode_platform.cubes.opened import READ_OPTIONS, opened_raster
from earthcode_platform.cubes.placing import Lattice, Place, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

__all__ = ["Band", "Layer", "RasterStack", "Window"]

_Span: TypeAlias = tuple[int, int]
"""First row (or column), and the one behind the last."""


@dataclass(frozen=True, slots=True)
class Band:
    """A band of a file."""

    href: str
    """The file."""
    index: int
    """The band's place in it, from 1."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One band on one date: the files that hold it, and what their stored numbers mean."""

    bands: tuple[Band, ...]
    """The files, the first with data counts; none if the band is missing on that date."""
    nodata: float = float("nan")
    """Stored number that means no data, as the item says it; NaN if it does not."""
    scale: float = 1.0
    """Factor from stored numbers to values."""
    offset: float = 0.0
    """What is added after scaling."""
    stored_bytes: int = 8
    """Bytes of a stored number, 8 if that is not known."""


@dataclass(frozen=True, slots=True)
class Window:
    """A band over all dates in a window, as it is stored: rows of pixels, one row for each date."""

    stored: NDArray[Any]
    """Stored numbers (dates, pixels); floats with NaN for no data if the files do not store alike."""
    nodata: tuple[float, ...]
    """Stored numbers that mean no data."""
    scale: float
    offset: float

    def decoded(self, pixels: slice, dtype: np.dtype[Any]) -> NDArray[np.floating[Any]]:
        """Return the values of some pixels on all dates."""
        return _decoded(self.stored[:, pixels], self.nodata, self.scale, self.offset, dtype)


def _decoded(
    stored: NDArray[Any], nodata: Sequence[float], scale: float, offset: float, dtype: np.dtype[Any]
) -> NDArray[np.floating[Any]]:
    values: NDArray[np.floating[Any]] = stored.astype(dtype)
    with np.errstate(all="ignore"):
        for number in {dtype.type(number) for number in nodata if not np.isnan(number)}:
            values = blanked(values, values == number)
        if scale != 1 or offset != 0:
            values = values * dtype.type(scale) + dtype.type(offset)
    return values


@dataclass(frozen=True)
class RasterStack:
    """Bands on dates, on one grid; what Dask and NumPy need of an array is here: shape, dtype and windows."""

    lattice: Lattice
    """The grid."""
    layers: tuple[tuple[Layer, ...], ...]
    """For each date, each band."""
    moments: tuple[np.datetime64, ...]
    """The dates, in UTC."""
    labels: tuple[str, ...]
    """What the bands are called."""
    dtype: np.dtype[Any]
    """Type of the values: float32 or float64."""

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Dates, bands, rows and columns."""
        return (len(self.layers), len(self.layers[0]), *self.lattice.shape)

    @property
    def ndim(self) -> int:
        """Four."""
        return len(self.shape)

    @property
    def y(self) -> NDArray[np.float64]:
        """Centres of the rows."""
        step, begin = self.lattice.transform[4:]
        return _centres(begin, step, self.lattice.shape[0])

    @property
    def x(self) -> NDArray[np.float64]:
        """Centres of the columns."""
        step, _, begin = self.lattice.transform[:3]
        return _centres(begin, step, self.lattice.shape[1])

    def stored_bytes(self, band: int) -> int:
        """Return how many bytes a stored number of a band takes at most."""
        return max(layer[band].stored_bytes for layer in self.layers)

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[np.floating[Any]]:
        """Return the values of a window; each key is a slice, a whole number or an array of them."""
        import rasterio

        wanted = [np.arange(length)[one] for length, one in zip(self.shape, key, strict=True)]
        dates, bands, rows, columns = (np.atleast_1d(one) for one in wanted)
        read = np.empty((dates.size, bands.size, rows.size, columns.size), self.dtype)
        if read.size:
            with rasterio.Env(**READ_OPTIONS):
                self._fill(read, dates, bands, (rows, columns))
        kept = tuple(0 if one.ndim == 0 else slice(None) for one in wanted)
        return read[kept]

    def _fill(
        self,
        read: NDArray[np.floating[Any]],
        dates: NDArray[np.intp],
        bands: NDArray[np.intp],
        places: tuple[NDArray[np.intp], NDArray[np.intp]],
    ) -> None:
        rows, columns = places
        down, across = (_span(rows), _span(columns))
        for at, band in enumerate(bands.tolist()):
            for place, date in enumerate(dates.tolist()):
                layer = self.layers[date][band]
                found = _decoded(*self._layer(layer, down, across), layer.scale, layer.offset, self.dtype)
                read[place, at] = _picked(found, rows - down[0], columns - across[0])

    def window(self, dates: Sequence[int], band: int, rows: _Span, columns: _Span) -> Window:
        """Return a band over some dates in a window, read but not decoded."""
        import rasterio

        with rasterio.Env(**READ_OPTIONS):
            return self._window(dates, band, rows, columns)

    def _window(self, dates: Sequence[int], band: int, rows: _Span, columns: _Span) -> Window:
        pixels = (rows[1] - rows[0]) * (columns[1] - columns[0])
        found: list[tuple[Layer, tuple[NDArray[Any], tuple[float, ...]]]] = []
        block = np.empty(0)
        alike = True
        for at, date in enumerate(dates):
            layer = self.layers[date][band]
            into = block[at].reshape(rows[1] - rows[0], -1) if at and alike else None
            values = self._layer(layer, rows, columns, into)
            if not at:
                block = np.empty((len(dates), pixels), values[0].dtype)
                first, meaning = layer, values[1]
            same = (layer.scale, layer.offset) == (first.scale, first.offset) and _equal(values[1], meaning)
            alike = alike and same and values[0].dtype == block.dtype
            if alike and values[0] is not into:
                block[at] = values[0].ravel()
            found.append((layer, (block[at], values[1]) if alike else values))
        if alike:
            return Window(block, meaning, first.scale, first.offset)
        floats: NDArray[Any] = np.empty((len(dates), pixels), self.dtype)
        for row, (layer, values) in zip(floats, found, strict=True):
            row[:] = _decoded(values[0].ravel(), values[1], layer.scale, layer.offset, self.dtype)
        return Window(floats, (), 1.0, 0.0)

    def _layer(
        self, layer: Layer, rows: _Span, columns: _Span, into: NDArray[Any] | None = None
    ) -> tuple[NDArray[Any], tuple[float, ...]]:
        """Return stored numbers in a window, and which of them mean no data; written to `into` if that fits."""
        shape = (rows[1] - rows[0], columns[1] - columns[0])
        joined = None
        for band in layer.bands:
            with opened_raster(band.href) as opened:
                values, nodata, inside = _part(opened, band.index, self.lattice, (rows, columns), self.dtype, into)
            if len(layer.bands) == 1 and values.shape == shape:
                return values, (*nodata, layer.nodata)
            if joined is None:
                joined = self._nothing(shape)
            if values.size:
                known = joined[inside]
                joined[inside] = chosen(np.isnan(known), _decoded(values, nodata, 1.0, 0.0, self.dtype), known)
        return (self._nothing(shape) if joined is None else joined), (layer.nodata,)

    def _nothing(self, shape: tuple[int, int]) -> NDArray[Any]:
        return np.full(shape, np.nan, self.dtype)


def _picked(values: NDArray[Any], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[Any]:
    """Return rows and columns by their places; everything as it is where that is meant, which is nearly always."""
    everything = all(
        np.array_equal(places, np.arange(size)) for places, size in zip((rows, columns), values.shape, strict=True)
    )
    return values if everything else values[np.ix_(rows, columns)]


def _centres(begin: float, step: float, count: int) -> NDArray[np.float64]:
    return np.arange(count, dtype="float64") * step + (begin + step / 2)


def _equal(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return len(one) == len(other) and bool(np.array_equal(one, other, equal_nan=True))


def _span(places: NDArray[np.intp]) -> _Span:
    return int(places.min()), int(places.max()) + 1


def _part(
    opened: DatasetReader,
    index: int,
    lattice: Lattice,
    window: tuple[_Span, _Span],
    dtype: np.dtype[Any],
    into: NDArray[Any] | None,
) -> tuple[NDArray[Any], tuple[float, ...], tuple[slice, slice]]:
    """Return what a file has in a window, which numbers mean no data in it, and where in the window it lies."""
    from rasterio.windows import Window as Cut

    rows, columns = window
    nodata = opened.nodatavals[index - 1]
    meaning = () if nodata is None else (float(nodata),)
    place = place_of(tuple(opened.transform), opened.shape, lattice) if _same_crs(opened, lattice) else None
    if place is None:
        whole = (slice(0, rows[1] - rows[0]), slice(0, columns[1] - columns[0]))
        return _warped(opened, index, lattice, window, dtype), (), whole
    down = _overlap(place.row, place.rows_each, opened.height, rows)
    across = _overlap(place.column, place.columns_each, opened.width, columns)
    if down is None or across is None:
        return np.empty((0, 0), dtype), meaning, (slice(0, 0), slice(0, 0))
    cut = Cut(across[0][0], down[0][0], across[0][1] - across[0][0], down[0][1] - down[0][0])
    fits = into is not None and into.shape == (cut.height, cut.width) and into.dtype.name == opened.dtypes[index - 1]
    values = opened.read(index, window=cut, out=into if fits else None)
    return _enlarged(values, place, down[1], across[1]), meaning, (_within(down[1], rows), _within(across[1], columns))


def _overlap(begins: int, each: int, count: int, window: _Span) -> tuple[_Span, _Span] | None:
    """Return which pixels of a file meet a window along one axis, and which pixels of the grid these are."""
    first, last = max(window[0], begins), min(window[1], begins + each * count)
    if first >= last:
        return None
    return ((first - begins) // each, -(-(last - begins) // each)), (first, last)


def _within(span: _Span, window: _Span) -> slice:
    return slice(span[0] - window[0], span[1] - window[0])


def _enlarged(values: NDArray[Any], place: Place, rows: _Span, columns: _Span) -> NDArray[Any]:
    """Return coarse pixels as the pixels of the grid that they cover (nearest neighbour)."""
    if place.rows_each > 1:
        begin = (rows[0] - place.row) % place.rows_each
        values = np.repeat(values, place.rows_each, axis=0)[begin : begin + rows[1] - rows[0]]
    if place.columns_each > 1:
        begin = (columns[0] - place.column) % place.columns_each
        values = np.repeat(values, place.columns_each, axis=1)[:, begin : begin + columns[1] - columns[0]]
    return values


def _same_crs(opened: DatasetReader, lattice: Lattice) -> bool:
    from rasterio.crs import CRS

    return bool(opened.crs == CRS.from_user_input(lattice.crs))


def _warped(
    opened: DatasetReader, index: int, lattice: Lattice, window: tuple[_Span, _Span], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Return the window of a remote file that lies elsewhere than its item says, by nearest neighbour."""
    import rasterio
    from affine import Affine
    from rasterio.warp import reproject

    rows, columns = window
    corner = Affine(*lattice.transform) @ Affine.translation(columns[0], rows[0])
    moved = np.full((rows[1] - rows[0], columns[1] - columns[0]), np.nan, dtype)
    reproject(
        rasterio.band(opened, index), moved, src_nodata=opened.nodatavals[index - 1],
        dst_transform=corner, dst_crs=lattice.crs, dst_nodata=np.nan,
    )  # fmt: skip
    return moved

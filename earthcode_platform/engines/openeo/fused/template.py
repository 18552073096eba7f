"""Where the values of a loaded cube come from, and a cube like it of a few pixels without any place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform.cubes.dimensions import BANDS, TIME, X, Y
from earthcode_platform.cubes.grid import RESOLUTION
from earthcode_platform.cubes.stack import RasterStack

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["Source", "source_of", "template"]


@dataclass(frozen=True)
class Source:
    """The part of a stack of rasters that a cube shows."""

    stack: RasterStack
    dates: tuple[int, ...]
    """Which dates of the stack, in the order of the cube."""
    bands: tuple[int, ...]
    """Which bands of the stack, in the order of the cube."""
    row: int
    """The first row."""
    column: int
    """The first column."""


def source_of(cube: xr.DataArray) -> Source | None:
    """Return where a lazy cube comes from; None if it is anything but a rectangular part of a stack of rasters."""
    stack = _stack(cube)
    if stack is None or cube.dims != (TIME, BANDS, Y, X):
        return None
    places = [
        _places(np.array(stack.moments), cube[TIME].values),
        _places(np.array(stack.labels, dtype=object), cube[BANDS].values.astype(object)),
        _places(stack.y, cube[Y].values),
        _places(stack.x, cube[X].values),
    ]
    dates, bands, rows, columns = places
    if dates is None or bands is None or rows is None or columns is None:
        return None
    if (np.diff(rows) != 1).any() or (np.diff(columns) != 1).any():
        return None
    return Source(stack, tuple(dates.tolist()), tuple(bands.tolist()), int(rows[0]), int(columns[0]))


def _stack(cube: xr.DataArray) -> RasterStack | None:
    """Return the stack below a cube that was cut and nothing else."""
    if not cube.chunks:
        return None
    found = None
    for name, layer in cube.data.dask.layers.items():
        if name.startswith("original-rasters-"):
            found = next((one for one in layer.values() if isinstance(one, RasterStack)), None)
        elif not name.startswith(("rasters-", "getitem-")):
            return None
    return found


def _places(known: NDArray[np.generic], wanted: NDArray[np.generic]) -> NDArray[np.intp] | None:
    """Return where each label lies among those known; None if one is not there, or there twice."""
    by_label = {label: at for at, label in enumerate(known.tolist())}
    listed = wanted.tolist()
    if len(by_label) < len(known) or not listed or any(label not in by_label for label in listed):
        return None
    return np.array([by_label[label] for label in listed], dtype="intp")


def template(cube: xr.DataArray, name: str, pixels: int) -> xr.DataArray:
    """Return a cube with the dates and bands of another and one row of pixels, whose values are still to come.

    Args:
        cube: A cube (t, bands, y, x).
        name: What Dask calls its blocks: `(name, 0, band, 0, 0)` holds one band on all dates.
        pixels: How many pixels.
    """
    import dask.array as da
    import xarray as xr

    dates, bands = cube.sizes[TIME], cube.sizes[BANDS]
    data = da.Array(  # type: ignore[no-untyped-call]  # dask annotates no arrays
        {(name, 0, band, 0, 0): None for band in range(bands)}, name, ((dates,), (1,) * bands, (1,), (pixels,)),
        dtype=cube.dtype,
    )  # fmt: skip
    kept = {key: coord for key, coord in cube.coords.items() if not {Y, X} & set(coord.dims)}
    made = xr.DataArray(data, dims=cube.dims, coords=kept, attrs=cube.attrs)
    along = {Y: (Y, np.zeros(1), {RESOLUTION: -1.0}), X: (X, np.arange(pixels, dtype="float64"), {RESOLUTION: 1.0})}
    return made.assign_coords(along)

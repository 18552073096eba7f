"""Grids: regular coordinates, and where the pixels of a cube lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from earthcode_platform.cubes.crs import crs_of
from earthcode_platform.cubes.dimensions import X, Y
from earthcode_platform.errors import InputError
from earthcode_platform.models.run import Grid

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["RESOLUTION", "grid_of", "regular", "resolution", "upright", "with_resolution"]

RESOLUTION: Final = "resolution"
"""Attribute of the coordinates x and y: the signed step between pixels, known even when one pixel is left."""
_TOLERANCE: Final = 1e-2
"""Largest deviation of a coordinate from the regular grid, in steps: coordinates stored as float32 deviate so much."""


def regular(values: NDArray[np.floating], name: str, where: str) -> NDArray[np.float64]:
    """Return the coordinates on the regular grid that they describe, as float64.

    Raises:
        InputError: They are not evenly spaced; a raster needs one affine transform.
    """
    exact = values.astype("float64")
    if exact.size < 2:  # noqa: PLR2004 - one coordinate is regular by itself
        return exact
    snapped = np.linspace(exact[0], exact[-1], exact.size)
    step = (exact[-1] - exact[0]) / (exact.size - 1)
    if step == 0 or np.abs(exact - snapped).max() > _TOLERANCE * abs(step):
        raise InputError(
            f"the coordinate {name!r} is not evenly spaced: {exact[:4].tolist()} …",
            where=where,
            remedy="Resample the data to a regular grid first.",
        )
    return snapped


def resolution(cube: xr.DataArray, name: str) -> float:
    """Return the signed step of the coordinate `name`, in the units of the CRS.

    Raises:
        InputError: One coordinate is left, and nothing says how far the next would be.
    """
    values = cube[name].values
    if values.size > 1:
        return float((values[-1] - values[0]) / (values.size - 1))
    known = cube[name].attrs.get(RESOLUTION)
    if known is None:
        raise InputError(f"the size of a pixel along {name!r} is unknown: one coordinate is left.")
    return float(known)


def with_resolution(cube: xr.DataArray) -> xr.DataArray:
    """Return the cube with the step of x and y noted on these coordinates."""
    noted = cube.copy(deep=False)
    for name in (Y, X):
        if noted.sizes[name] > 1:
            noted[name].attrs[RESOLUTION] = resolution(cube, name)
    return noted


def grid_of(cube: xr.DataArray) -> Grid:
    """Return where the pixels of a cube lie; its coordinates are the centres of pixels.

    Raises:
        InputError: It has no x and y, no CRS, or one pixel of unknown size.
    """
    if X not in cube.dims or Y not in cube.dims:
        raise InputError(
            f"the cube has no x and y, only {', '.join(map(str, cube.dims)) or 'a single value'}.",
            remedy="Keep both: reduce other dimensions only.",
        )
    dx, dy = resolution(cube, X), resolution(cube, Y)
    west = float(cube[X].values[0]) - dx / 2
    north = float(cube[Y].values[0]) - dy / 2
    rows, columns = cube.sizes[Y], cube.sizes[X]
    east, south = west + dx * columns, north + dy * rows
    return Grid(
        crs=crs_of(cube),
        shape=(rows, columns),
        transform=(dx, 0.0, west, 0.0, dy, north),
        bbox=(min(west, east), min(south, north), max(west, east), max(south, north)),
    )


def upright(cube: xr.DataArray) -> xr.DataArray:
    """Return the cube with its rows from north to south and its columns from west to east; values keep their places.

    What is no map, without x or y, stays as it is.

    Raises:
        InputError: One coordinate is left, and nothing says how far the next would be.
    """
    if X not in cube.dims or Y not in cube.dims:
        return cube
    for name, sign in ((Y, -1), (X, 1)):
        step = resolution(cube, name)
        if step * sign < 0:
            attributes = {**cube[name].attrs, RESOLUTION: -step}
            turned = cube.isel({name: slice(None, None, -1)})
            cube = turned.assign_coords({name: (name, turned[name].values, attributes)})
    return cube

"""Two cubes on one grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform.cubes.dimensions import X, Y
from earthcode_platform.cubes.resample import resampled_like
from earthcode_platform.engines.openeo.along import is_truth, marked_truth

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["on_grid_of"]


def on_grid_of(cube: xr.DataArray, target: xr.DataArray, method: str = "near") -> xr.DataArray:
    """Return the cube on the pixels of the target, as it is if it lies there already.

    Raises:
        InputError: One of them has no grid.
        UnknownNameError: There is no such method.
    """
    if not {X, Y} <= set(cube.dims) or not {X, Y} <= set(target.dims) or _same(cube, target):
        return cube
    moved = resampled_like(cube, target, method)
    return marked_truth(moved) if is_truth(cube) and method == "near" else moved


def _same(one: xr.DataArray, other: xr.DataArray) -> bool:
    return all(
        one.sizes[name] == other.sizes[name] and np.array_equal(one[name].values, other[name].values) for name in (Y, X)
    )

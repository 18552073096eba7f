"""Cubes on other grids and other dates."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.dimensions import X, Y, ordered
from earthcode_platform.cubes.resample import resampled
from earthcode_platform.engines.openeo.aligning import on_grid_of
from earthcode_platform.engines.openeo.allowed import AtLeast, Method, Projection, Resolution
from earthcode_platform.engines.openeo.along import Along, Cube, Value, is_truth, marked_truth
from earthcode_platform.engines.openeo.callbacks import Reducer
from earthcode_platform.engines.openeo.shapes import as_cube, dimension_type, require_cube, require_dimension
from earthcode_platform.errors import ExecutionError

__all__ = ["aggregate_spatial_window", "resample_cube_spatial", "resample_cube_temporal", "resample_spatial"]

_PIXEL: Final = "pixel"
_DAY: Final = np.timedelta64(1, "D") / np.timedelta64(1, "ns")
Corner = Literal["lower-left", "upper-left", "lower-right", "upper-right"]
"""The corner of a cube that stays where it is."""


def resample_spatial(
    data: Cube,
    resolution: Resolution = 0,
    projection: Projection | None = None,
    method: Method = "near",
    align: Literal["upper-left"] = "upper-left",
) -> Cube:
    """Return the cube in another resolution or projection, on a grid that begins at its upper left corner.

    Raises:
        ExecutionError: Neither is asked for, or another alignment.
        InputError: The projection is none.
        UnknownNameError: There is no such method.
    """
    cube = require_cube(data)
    size = (resolution, resolution) if isinstance(resolution, int | float) else tuple(resolution)
    if align != "upper-left":
        raise ExecutionError(f"the alignment {align!r} is not supported.", remedy="Use upper-left, the default.")
    if len(size) != 2 or min(size) < 0 or (not any(size) and projection is None):  # noqa: PLR2004 - width and height
        raise ExecutionError(f"the resolution {resolution!r} asks for nothing.", remedy="Give it, or a projection.")
    crs = f"EPSG:{projection}" if isinstance(projection, int) else projection
    return resampled(cube, (float(size[0]), float(size[1])), crs, method)


def resample_cube_spatial(data: Cube, target: Cube, method: Method = "near") -> Cube:
    """Return the cube on the pixels of another cube.

    Raises:
        InputError: One of them has no grid.
        UnknownNameError: There is no such method.
    """
    return on_grid_of(require_cube(data), require_cube(target), method)


def resample_cube_temporal(
    data: Cube, target: Cube, dimension: str | None = None, valid_within: Annotated[float, AtLeast(0)] | None = None
) -> Cube:
    """Return the cube on the dates of another: for each date there, the nearest one here; of two, the earlier.

    With `valid_within`, the nearest value that is valid and less than so many days away (resample_cube_temporal,
    parameter valid_within); without, the nearest, no-data included. Without `dimension` all temporal dimensions count
    that both cubes have under the same name.

    Raises:
        ExecutionError: The dimension is not in both cubes (DimensionNotAvailable), or not temporal, or they have none
            in common (DimensionMismatch).
    """
    cube, other = require_cube(data), require_cube(target)
    for name in _common(cube, other, dimension):
        stamps, wanted = (one[name].values.astype("datetime64[ns]").astype("float64") for one in (cube, other))
        if not stamps.size:
            raise ExecutionError(f"NoDataAvailable: there are no dates along {name!r}.", remedy="Loosen the filters.")
        far = np.abs(stamps[:, np.newaxis] - wanted)
        nearest = np.lexsort((np.broadcast_to(stamps[:, np.newaxis], far.shape), far), axis=0)
        if valid_within is None:
            moved = cube.isel({name: nearest[0]})
        else:
            moved = _valid(cube, name, nearest, np.take_along_axis(far, nearest, axis=0) < valid_within * _DAY)
        beside = [key for key, coord in moved.coords.items() if name in coord.dims]
        cube = moved.drop_vars(beside).assign_coords({name: other[name]})
    return ordered(cube)


def _common(cube: xr.DataArray, other: xr.DataArray, dimension: str | None) -> list[str]:
    """Return the temporal dimensions that two cubes have in common, or the one named."""
    if dimension is None:
        shared = [str(name) for name in cube.dims if name in other.dims and _has_moments(cube, str(name))]
        if not shared:
            raise ExecutionError(
                "DimensionMismatch: the cubes have no temporal dimension of the same name.",
                remedy="Rename it in one of them (rename_dimension).",
            )
    else:
        shared = [dimension]
        for one in (cube, other):
            require_dimension(one, dimension)
    wrong = next((name for name in shared for one in (cube, other) if not _has_moments(one, name)), None)
    if wrong is not None:
        raise ExecutionError(
            f"DimensionMismatch: {wrong!r} has no moments for labels in both cubes.", remedy="Use cubes with dates."
        )
    return shared


def _has_moments(cube: xr.DataArray, name: str) -> bool:
    return dimension_type(cube, name) == "temporal" and name in cube.coords and cube[name].dtype.kind == "M"


def _valid(cube: xr.DataArray, name: str, nearest: NDArray[np.intp], allowed: NDArray[np.bool_]) -> xr.DataArray:
    """Return for each date wanted the first valid value of those allowed, from the nearest on."""

    def kernel(values: NDArray[np.floating]) -> NDArray[np.floating]:
        found = np.full((*values.shape[:-1], nearest.shape[1]), np.nan, dtype=kind)
        for rank, inside in zip(nearest[::-1], allowed[::-1], strict=True):
            candidates = values[..., rank].astype(kind)
            found = np.where(np.isfinite(candidates) & inside, candidates, found)
        return found

    kind = str(cube.dtype) if cube.dtype.kind == "f" else "float64"
    moved = blockwise(kernel, cube, dtype=kind, over=name, appended=name, count=nearest.shape[1])
    return marked_truth(moved) if is_truth(cube) else moved


def _window(size: Sequence[int]) -> None:
    if len(size) != 2 or min(size) < 1:  # noqa: PLR2004 - width and height
        raise ExecutionError(f"{size!r} is no size of a window.", remedy="Give its width and height in pixels: [3, 3].")


def aggregate_spatial_window(
    data: Cube,
    reducer: Reducer,
    size: Annotated[Sequence[int], _window],
    boundary: Literal["pad", "trim"] = "pad",
    align: Corner = "upper-left",
    context: Value = None,
) -> Cube:
    """Return one value for each window of `size` pixels (width, height); a label is the centre of its window.

    Windows do not overlap. Where the cube ends within one, it goes on with no-data (`pad`), or the rest is left out
    (`trim`), on the sides away from the corner named by `align` (aggregate_spatial_window, parameters).

    Raises:
        ExecutionError: There is no x or y (DimensionNotAvailable), nothing is left, or the reducer gives an array.
    """
    cube = require_cube(data)
    _window(size)
    cube = _cut(cube, X, size[0], boundary, at_end="right" not in align)
    cube = _cut(cube, Y, size[1], boundary, at_end="lower" not in align)
    labels = {name: _centres(cube[name], many) for name, many in ((X, size[0]), (Y, size[1]))}
    apart = cube.drop_vars([key for key, coord in cube.coords.items() if {X, Y} & set(coord.dims)])
    windows = apart.coarsen({X: size[0], Y: size[1]}).construct({X: (X, "column"), Y: (Y, "row")})
    pixels = windows.stack({_PIXEL: ("row", "column")}, create_index=False)
    pixels.attrs = dict(cube.attrs)
    result = reducer(data=Along(pixels, _PIXEL), context=context)
    if isinstance(result, Along | list):
        raise ExecutionError("the reducer gives an array, not one value for each window.", remedy="Reduce it.")
    return ordered(as_cube(result, pixels.isel({_PIXEL: 0}, drop=True)).assign_coords(labels))


def _cut(cube: xr.DataArray, name: str, length: int, boundary: str, *, at_end: bool) -> xr.DataArray:
    """Return the cube with a whole number of windows along a dimension."""
    require_dimension(cube, name)
    size = cube.sizes[name]
    over = size % length
    if boundary == "trim":
        if size < length:
            raise ExecutionError(f"no window of {length} pixels fits into {size} along {name!r}.", remedy="Use pad.")
        return cube.isel({name: slice(0, size - over) if at_end else slice(over, None)})
    if not over:
        return cube
    missing, values = length - over, cube[name].values.astype("float64")
    step = (values[-1] - values[0]) / (size - 1) if size > 1 else 1.0
    more = step * np.arange(1, missing + 1)
    labels = np.concatenate([values, values[-1] + more] if at_end else [values[0] - more[::-1], values])
    floats = cube if cube.dtype.kind == "f" else cube.astype("float64")
    bare = floats.drop_vars([key for key, coord in cube.coords.items() if name in coord.dims])
    padded = bare.pad({name: (0, missing) if at_end else (missing, 0)}, constant_values=np.nan)
    return padded.assign_coords({name: (name, labels, cube[name].attrs)})


def _centres(labels: xr.DataArray, length: int) -> xr.DataArray:
    """Return the labels of windows of so many pixels: their centres."""
    attributes = dict(labels.attrs)
    if "resolution" in attributes:
        attributes["resolution"] = attributes["resolution"] * length
    values = labels.values.astype("float64").reshape(-1, length).mean(axis=1)
    return xr.DataArray(values, dims=labels.dims, attrs=attributes)

"""Cubes on other grids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.blocks import rechunked
from earthcode_platform.cubes.crs import crs_name, with_crs
from earthcode_platform.cubes.dimensions import X, Y
from earthcode_platform.cubes.grid import RESOLUTION, grid_of
from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.run import Grid

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["METHODS", "resampled", "resampled_like"]

METHODS: Final = {
    "near": "nearest",
    "bilinear": "bilinear",
    "cubic": "cubic",
    "cubicspline": "cubic_spline",
    "lanczos": "lanczos",
    "average": "average",
    "mode": "mode",
    "max": "max",
    "min": "min",
    "med": "med",
    "q1": "q1",
    "q3": "q3",
    "sum": "sum",
    "rms": "rms",
}
"""openEO's names of the methods (those of gdalwarp), and rasterio's."""


def resampled_like(cube: xr.DataArray, target: xr.DataArray, method: str) -> xr.DataArray:
    """Return the cube on the pixels of the target, lazily; what lies outside the cube is no-data.

    Raises:
        InputError: One of them has no grid.
        UnknownNameError: There is no such method.
    """
    moved = _warped(cube, grid_of(target), method)
    return moved.assign_coords({Y: target[Y], X: target[X]})


def resampled(cube: xr.DataArray, resolution: tuple[float, float], crs: str | None, method: str) -> xr.DataArray:
    """Return the cube in another resolution or CRS, lazily, on a grid from its upper left corner.

    Args:
        cube: A cube with a grid.
        resolution: Width and height of a pixel in the units of the target CRS; 0 keeps the resolution.
        crs: The target CRS; None keeps the CRS.
        method: One of `METHODS`.

    Raises:
        InputError: The cube has no grid, or the CRS is none.
        UnknownNameError: There is no such method.
    """
    from rasterio.warp import calculate_default_transform

    grid = grid_of(cube)
    target = crs_name(crs) if crs else grid.crs
    if target == grid.crs:
        width, height = (size or abs(own) for size, own in zip(resolution, grid.transform[0::4], strict=True))
        west, south, east, north = grid.bbox
        columns, rows = max(1, round((east - west) / width)), max(1, round((north - south) / height))
    else:
        wanted = resolution if all(resolution) else None
        transform, columns, rows = calculate_default_transform(
            grid.crs, target, grid.shape[1], grid.shape[0], *grid.bbox, resolution=wanted
        )
        width, height, west, north = transform.a, -transform.e, transform.c, transform.f
    shape = (int(rows), int(columns))
    box = (west, north - height * shape[0], west + width * shape[1], north)
    warped = Grid(crs=target, shape=shape, transform=(width, 0.0, west, 0.0, -height, north), bbox=box)
    return with_crs(_warped(cube, warped, method), target)


def _warped(cube: xr.DataArray, target: Grid, method: str) -> xr.DataArray:
    import xarray as xr

    if method not in METHODS:
        raise UnknownNameError.among("resampling method", method, METHODS)
    source = grid_of(cube)

    def kernel(values: NDArray[Any]) -> NDArray[Any]:
        return _warp(values, source, target, METHODS[method])

    attributes = {name: dict(cube[name].attrs) for name in (Y, X)}
    moved: xr.DataArray = xr.apply_ufunc(
        kernel,
        rechunked(cube, {Y: -1, X: -1}) if cube.chunks else cube,
        input_core_dims=[[Y, X]],
        output_core_dims=[[Y, X]],
        exclude_dims={Y, X},
        dask="parallelized",
        dask_gufunc_kwargs={"output_sizes": {Y: target.shape[0], X: target.shape[1]}},
        output_dtypes=[cube.dtype],
        keep_attrs="override",
    )
    moved.attrs = {}
    a, _, c, _, e, f = target.transform
    y, x = f + e * (np.arange(target.shape[0]) + 0.5), c + a * (np.arange(target.shape[1]) + 0.5)
    return moved.assign_coords(
        {
            Y: (Y, y, {**attributes[Y], RESOLUTION: e}),
            X: (X, x, {**attributes[X], RESOLUTION: a}),
        }
    )


def _warp(values: NDArray[Any], source: Grid, target: Grid, method: str) -> NDArray[Any]:
    from affine import Affine
    from rasterio.enums import Resampling
    from rasterio.warp import reproject

    layers = values.reshape(-1, *values.shape[-2:])
    warped = np.full((len(layers), *target.shape), np.nan, dtype=values.dtype)
    for layer, result in zip(layers, warped, strict=True):
        reproject(
            np.ascontiguousarray(layer),
            result,
            src_transform=Affine(*source.transform),
            src_crs=source.crs,
            src_nodata=np.nan,
            dst_transform=Affine(*target.transform),
            dst_crs=target.crs,
            dst_nodata=np.nan,
            resampling=Resampling[method],
        )
    return warped.reshape(*values.shape[:-2], *target.shape)

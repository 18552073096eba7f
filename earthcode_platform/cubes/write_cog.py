"""A map as a cloud-optimised GeoTIFF, by GDAL's COG driver.

The driver reads a raster from one end to the other. Stored numbers wait for it in a spool on the disk, not in memory,
and GDAL's cache is kept small: what it holds beyond a few rows of tiles it never needs again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.dimensions import TIME
from earthcode_platform.cubes.packing import stored_numbers
from earthcode_platform.cubes.streaming.spool import Spool, virtual_raster
from earthcode_platform.cubes.streaming.units import Box

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from earthcode_platform.models.file_options import CogOptions

__all__ = ["CACHE", "cog_from_spool", "write_cog"]

CACHE: Final = 32
"""Megabytes that GDAL may keep of what it has read or will write."""
_ROWS: Final = 256
"""Rows that become stored numbers at a time."""


def write_cog(cube: xr.DataArray, path: Path, options: CogOptions) -> None:
    """Write a cube as `as_written` lays it out, of one date at most; its bands carry their names and units."""
    values = (cube.isel({TIME: 0}) if TIME in cube.dims else cube).values
    layers = values if values.ndim == 3 else values[np.newaxis]  # noqa: PLR2004 - bands, rows, columns
    count, rows, columns = layers.shape
    spool = Spool(path.with_suffix(".spool"), (count, rows, columns), np.dtype(options.dtype or layers.dtype))
    try:
        spool.allocate()
        for top in range(0, rows, _ROWS):
            box = Box(top, min(top + _ROWS, rows), 0, columns)
            spool.write(box, stored_numbers(layers[:, top : box.bottom], options))
        cog_from_spool(spool, cube, path, options)
    finally:
        spool.path.unlink(missing_ok=True)


def cog_from_spool(spool: Spool, cube: xr.DataArray, path: Path, options: CogOptions) -> None:
    """Write stored numbers as a COG.

    Args:
        spool: The numbers.
        cube: A cube with their grid, CRS and bands; its values are not read.
        path: The file to make.
        options: How.
    """
    import rasterio
    import rasterio.shutil
    from dask.system import CPU_COUNT

    shown = virtual_raster(spool, cube, options)
    try:
        with rasterio.Env(GDAL_CACHEMAX=CACHE):
            if options.overviews == "AUTO":
                _overviews(shown, spool.shape[1:], options)
            rasterio.shutil.copy(
                shown, path, driver="COG", bigtiff="IF_SAFER", num_threads=CPU_COUNT, **_creation(options)
            )
    finally:
        for left in (shown, shown.with_suffix(".vrt.ovr")):
            left.unlink(missing_ok=True)


def _overviews(shown: Path, shape: tuple[int, int], options: CogOptions) -> None:
    """Make smaller copies beside a raster, by the same function and of the same sizes as GDAL's COG driver.

    The driver takes those that are there. Its own it would compress and read back, which is a third of its time. Where
    a copy would not have half as many rows and columns exactly, it rounds down and the function up: there it is left
    to the driver, so that equal cubes give equal files.
    """
    import rasterio
    from dask.system import CPU_COUNT
    from rasterio.enums import Resampling

    factors: list[int] = []
    rows, columns = shape
    while max(rows, columns) > options.blocksize:
        factors.append(2 ** (len(factors) + 1))
        rows, columns = rows // 2, columns // 2
    resampling = {"CUBICSPLINE": "cubic_spline"}.get(options.overview_resampling, options.overview_resampling.lower())
    size = str(options.blocksize)
    with rasterio.Env(GDAL_NUM_THREADS=str(CPU_COUNT), COMPRESS_OVERVIEW="NONE", GDAL_TIFF_OVR_BLOCKSIZE=size):
        if factors and not any(length % factors[-1] for length in shape):
            with rasterio.open(shown, "r+") as opened:
                opened.build_overviews(factors, Resampling[resampling])


def _creation(options: CogOptions) -> dict[str, Any]:
    created: dict[str, Any] = {
        "compress": options.compress,
        "predictor": "NO" if options.compress == "NONE" else options.predictor,
        "blocksize": options.blocksize,
        "overviews": options.overviews,
        "overview_resampling": options.overview_resampling,
    }
    return created if options.level is None else {**created, "level": options.level}

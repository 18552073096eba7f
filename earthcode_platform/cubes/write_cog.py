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


def write_cog(cube: xr.DataArray, path: Path, options: CogOptions) -> None:
    """Write a cube as `as_written` lays it out, of one date at most; its bands carry their names and units."""
    values = (cube.isel({TIME: 0}) if TIME in cube.dims else cube).values
    layers = stored_numbers(values if values.ndim == 3 else values[np.newaxis], options)  # noqa: PLR2004 - bands, rows, columns
    count, rows, columns = layers.shape
    spool = Spool(path.with_suffix(".spool"), (count, rows, columns), layers.dtype)
    try:
        spool.allocate()
        spool.write(Box(0, rows, 0, columns), layers)
        del layers
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
            rasterio.shutil.copy(
                shown, path, driver="COG", bigtiff="IF_SAFER", num_threads=CPU_COUNT, **_creation(options)
            )
    finally:
        shown.unlink(missing_ok=True)


def _creation(options: CogOptions) -> dict[str, Any]:
    created: dict[str, Any] = {
        "compress": options.compress,
        "predictor": "NO" if options.compress == "NONE" else options.predictor,
        "blocksize": options.blocksize,
        "overviews": options.overviews,
        "overview_resampling": options.overview_resampling,
    }
    return created if options.level is None else {**created, "level": options.level}

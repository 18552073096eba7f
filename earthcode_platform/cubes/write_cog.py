"""A map as a cloud-optimised GeoTIFF, by GDAL's COG driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from earthcode_platform.cubes.dimensions import TIME, band_units, band_values
from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.packing import stored_numbers

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr

    from earthcode_platform.models.file_options import CogOptions

__all__ = ["write_cog"]


def write_cog(cube: xr.DataArray, path: Path, options: CogOptions) -> None:
    """Write a cube as `as_written` lays it out, of one date at most; its bands carry their names and units."""
    import rasterio
    from affine import Affine

    values = (cube.isel({TIME: 0}) if TIME in cube.dims else cube).values
    layers = stored_numbers(values if values.ndim == 3 else values[np.newaxis], options)  # noqa: PLR2004 - bands, rows, columns
    grid = grid_of(cube)
    profile: dict[str, Any] = {
        "driver": "COG",
        "count": layers.shape[0],
        "height": grid.shape[0],
        "width": grid.shape[1],
        "dtype": str(layers.dtype),
        "nodata": options.stored_nodata,
        "crs": grid.crs,
        "transform": Affine(*grid.transform),
        "bigtiff": "IF_SAFER",
        **_creation(options),
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(layers)
        if options.bounds is not None:
            target.scales, target.offsets = [options.scale] * len(layers), [options.offset] * len(layers)
        for number, (name, unit) in enumerate(zip(band_values(cube), band_units(cube), strict=True), start=1):
            target.set_band_description(number, name)
            if unit:
                target.set_band_unit(number, unit)


def _creation(options: CogOptions) -> dict[str, Any]:
    created: dict[str, Any] = {
        "compress": options.compress,
        "predictor": "NO" if options.compress == "NONE" else options.predictor,
        "blocksize": options.blocksize,
        "overviews": options.overviews,
        "overview_resampling": options.overview_resampling,
    }
    return created if options.level is None else {**created, "level": options.level}

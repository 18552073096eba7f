"""A produced file, read back into memory as a cube."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.crs import crs_name, with_crs
from earthcode_platform.cubes.dimensions import BANDS, TIME, UNITS, X, Y, ordered
from earthcode_platform.cubes.grid import RESOLUTION
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.write import BAND_ORDER
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

__all__ = ["reopen"]


def reopen(path: Path) -> xr.DataArray:
    """Return what `write` wrote to `path`: a cube in memory with bands, y, x, their CRS and units, and t if it has one.

    Raises:
        InputError: The file cannot be read as a raster, NetCDF or Zarr.
    """
    form = container(str(path), None)
    if form is None:
        raise InputError("its name does not tell its format.", where=str(path), remedy="Name it .tif, .nc or .zarr.")
    return _raster(path) if form is Container.RASTER else _gridded(path, form)


def _raster(path: Path) -> xr.DataArray:
    import rasterio
    import xarray as xr
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as opened:
            values = _unpacked(opened)
            names = [name or f"band{number}" for number, name in enumerate(opened.descriptions, start=1)]
            units = [unit or "" for unit in opened.units]
            crs, transform = opened.crs, opened.transform
    except RasterioError as error:
        raise InputError(f"it cannot be read as a raster: {error}.", where=str(path)) from None
    if crs is None or transform.b or transform.d:
        raise InputError(
            "its grid has no CRS, or is rotated.", where=str(path), remedy="Write it north up, with a CRS."
        )
    rows, columns = values.shape[1:]
    y = transform.f + transform.e * (np.arange(rows) + 0.5)
    x = transform.c + transform.a * (np.arange(columns) + 0.5)
    coords = {
        BANDS: names,
        Y: (Y, y, {RESOLUTION: transform.e}),
        X: (X, x, {RESOLUTION: transform.a}),
        UNITS: (BANDS, np.array(units, dtype=object)),
    }
    return with_crs(xr.DataArray(values, dims=(BANDS, Y, X), coords=coords), crs_name(crs.to_wkt()))


def _unpacked(opened: DatasetReader) -> NDArray[np.floating]:
    """Return the numbers that the stored ones stand for (GDAL raster data model, scale and offset), no-data as NaN."""
    stored = opened.read(masked=True)
    if stored.dtype.kind == "c":
        raise InputError("it holds complex numbers.", where=str(opened.name), remedy="Write a part of them.")
    kind = "float32" if stored.dtype.itemsize <= 4 else "float64"  # noqa: PLR2004 - bytes of a float32
    values: NDArray[np.floating] = stored.astype(kind).filled(np.nan)
    if set(opened.scales) != {1.0} or set(opened.offsets) != {0.0}:
        # In double precision, as the checksum of its values is made.
        scales, offsets = (np.array(each)[:, np.newaxis, np.newaxis] for each in (opened.scales, opened.offsets))
        values = stored.astype("float64").filled(np.nan) * scales + offsets
    return values


def _gridded(path: Path, form: Container) -> xr.DataArray:
    with open_gridded(str(path), form) as opened:
        data = opened.load()
    names = json.loads(data.attrs.get(BAND_ORDER, "[]")) or list(map(str, data.data_vars))
    units = [str(data[name].attrs.get("units", "")) for name in names]
    cube = ordered(data[names].reset_coords(drop=True).to_dataarray(dim=BANDS))
    missing = [name for name in (Y, X) if name not in cube.dims]
    if missing or "spatial_ref" not in data.coords:
        raise InputError("it has no x, y and spatial_ref.", where=str(path), remedy="Write it with this platform.")
    cube = cube.assign_coords({UNITS: (BANDS, np.array(units, dtype=object))})
    cube.attrs = {}
    if TIME in cube.dims and cube[TIME].dtype.kind == "M":
        cube = cube.assign_coords({TIME: cube[TIME].values.astype("datetime64[ns]")})
    return with_crs(cube.rename(None), crs_name(data["spatial_ref"].attrs["crs_wkt"]))

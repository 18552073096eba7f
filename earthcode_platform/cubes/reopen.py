"""A produced file, read back into memory as a cube."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import numpy as np

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.crs import crs_name, with_crs
from earthcode_platform.cubes.dimensions import BANDS, TIME, UNITS, X, Y, float_dtype, ordered
from earthcode_platform.cubes.grid import RESOLUTION
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.write_arrays import band_order
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader
    from rasterio.windows import Window

__all__ = ["decoded", "reopen", "reopened"]

_ROWS: Final = 512
"""Rows of a chunk of a lazy cube: one row of tiles."""


def reopen(path: Path) -> xr.DataArray:
    """Return what `write` wrote to `path`: a cube in memory of its bands with their units.

    It has t, y and x as the file has them; a map has its CRS. Scale and offset are applied, and no-data is NaN.

    Raises:
        InputError: The file cannot be read as a raster, NetCDF or Zarr.
    """
    cube = reopened(path)
    return cube.copy(data=cube.data.compute(scheduler="synchronous")) if cube.chunks else cube


def reopened(path: Path) -> xr.DataArray:
    """Return the cube of `reopen` with values that are read when they are asked for; read them with `slabs`.

    Raises:
        InputError: The file cannot be read as a raster, NetCDF or Zarr.
    """
    form = container(str(path), None)
    if form is None:
        raise InputError("its name does not tell its format.", where=str(path), remedy="Name it .tif, .nc or .zarr.")
    return _raster(path) if form is Container.RASTER else _gridded(path, form)


@dataclass(frozen=True)
class _RasterFile:
    """The values of a raster file as an array (bands, rows, columns) that reads the window that is asked for."""

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    ndim: int = 3

    def __getitem__(self, key: tuple[slice, ...]) -> NDArray[np.floating]:
        import rasterio
        from rasterio.windows import Window

        bands, rows, columns = (range(length)[one] for length, one in zip(self.shape, key, strict=True))
        window = Window(columns.start, rows.start, len(columns), len(rows))
        try:
            with rasterio.open(self.path) as opened:
                return _unpacked(opened, [band + 1 for band in bands], window)
        except rasterio.errors.RasterioError as error:
            raise InputError(f"it cannot be read as a raster: {error}.", where=str(self.path)) from None


def _raster(path: Path) -> xr.DataArray:
    import dask.array as da
    import rasterio
    import xarray as xr
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as opened:
            file = _RasterFile(path, (opened.count, *opened.shape), _unpacked_dtype(opened))
            names = [name or f"band{number}" for number, name in enumerate(opened.descriptions, start=1)]
            units = [unit or "" for unit in opened.units]
            crs, transform = opened.crs, opened.transform
    except RasterioError as error:
        raise InputError(f"it cannot be read as a raster: {error}.", where=str(path)) from None
    if crs is None or transform.b or transform.d:
        raise InputError(
            "its grid has no CRS, or is rotated.", where=str(path), remedy="Write it north up, with a CRS."
        )
    count, rows, columns = file.shape
    y = transform.f + transform.e * (np.arange(rows) + 0.5)
    x = transform.c + transform.a * (np.arange(columns) + 0.5)
    coords = {
        BANDS: names,
        Y: (Y, y, {RESOLUTION: transform.e}),
        X: (X, x, {RESOLUTION: transform.a}),
        UNITS: (BANDS, np.array(units, dtype=object)),
    }
    values = da.from_array(  # type: ignore[no-untyped-call]  # dask annotates no arrays
        file, chunks=(count, _ROWS, columns), name=f"raster-{uuid4().hex}", asarray=False, fancy=False,
        meta=np.empty((0, 0, 0), file.dtype),
    )  # fmt: skip
    return with_crs(xr.DataArray(values, dims=(BANDS, Y, X), coords=coords), crs_name(crs.to_wkt()))


def _is_packed(opened: DatasetReader) -> bool:
    return set(opened.scales) != {1.0} or set(opened.offsets) != {0.0}


def _unpacked_dtype(opened: DatasetReader) -> np.dtype[Any]:
    stored = np.result_type(*opened.dtypes)
    if stored.kind == "c":
        raise InputError("it holds complex numbers.", where=str(opened.name), remedy="Write a part of them.")
    return np.dtype("float64" if _is_packed(opened) else float_dtype(str(stored)))


def _unpacked(opened: DatasetReader, bands: list[int], window: Window) -> NDArray[np.floating]:
    """Return the numbers that the stored ones stand for (GDAL raster data model, scale and offset), no-data as NaN."""
    values = decoded(opened, bands, window, _unpacked_dtype(opened))
    if _is_packed(opened):
        # In double precision, as the checksum of its values is made.
        at = [band - 1 for band in bands]
        scales, offsets = (np.array(each)[at][:, np.newaxis, np.newaxis] for each in (opened.scales, opened.offsets))
        values = values * scales + offsets
    return values


def decoded(opened: DatasetReader, bands: list[int], window: Window, dtype: np.dtype[Any]) -> NDArray[np.floating]:
    """Return stored numbers (bands, rows, columns) of a window as floating-point ones, no-data as NaN.

    Where no-data is NaN, or a whole number among whole numbers, the numbers themselves tell; a mask, which GDAL would
    compute from them, is read for other files only.
    """
    numbers = [opened.nodatavals[band - 1] for band in bands]
    if not all(_tells(opened, band, number) for band, number in zip(bands, numbers, strict=True)):
        masked: NDArray[np.floating] = opened.read(bands, window=window, masked=True).astype(dtype).filled(np.nan)
        return masked
    stored = opened.read(bands, window=window)
    values: NDArray[np.floating] = stored.astype(dtype, copy=False)
    for layer, raw, number in zip(values, stored, numbers, strict=True):
        if number is not None and not np.isnan(number):
            layer[raw == number] = np.nan
    return values


def _tells(opened: DatasetReader, band: int, number: float | None) -> bool:
    """Tell whether a band's own numbers say what is no data."""
    from rasterio.enums import MaskFlags

    flags = opened.mask_flag_enums[band - 1]
    if number is None:
        return bool(flags == [MaskFlags.all_valid])
    whole = np.dtype(opened.dtypes[band - 1]).kind in "iu" and float(number).is_integer()
    return flags == [MaskFlags.nodata] and (bool(np.isnan(number)) or whole)


def _gridded(path: Path, form: Container) -> xr.DataArray:
    data = open_gridded(str(path), form)
    if form is Container.ZARR and Y in data.dims:
        data = data.chunk({Y: _ROWS})
    else:
        with data:
            data.load()
    names = band_order(data) or list(map(str, data.data_vars))
    units = [str(data[name].attrs.get("units", "")) for name in names]
    cube = ordered(data[names].reset_coords(drop=True).to_dataarray(dim=BANDS))
    cube = cube.assign_coords({UNITS: (BANDS, np.array(units, dtype=object))}).rename(None)
    cube.attrs = {}
    if TIME in cube.dims and cube[TIME].dtype.kind == "M":
        cube = cube.assign_coords({TIME: cube[TIME].values.astype("datetime64[ns]")})
    if X not in cube.dims or Y not in cube.dims:
        return cube
    if "spatial_ref" not in data.coords:
        raise InputError("it has no spatial_ref.", where=str(path), remedy="Write it with this platform.")
    return with_crs(cube, crs_name(data["spatial_ref"].attrs["crs_wkt"]))

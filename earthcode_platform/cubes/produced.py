"""A file that a workflow wrote with tools of its own: read, described and drawn like one that this platform wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.describe import described
from earthcode_platform.cubes.dimensions import TIME
from earthcode_platform.cubes.gridded import load_gridded, open_gridded, variable_names
from earthcode_platform.cubes.quicklook import draw_quicklook
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.resolved import ResolvedItem
from earthcode_platform.cubes.stac import Document, Item
from earthcode_platform.cubes.write import media_type_of
from earthcode_platform.cubes.write_arrays import BAND_ORDER
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.pinned import PinnedAsset

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import xarray as xr

    from earthcode_platform.models.run import ProducedFile

__all__ = ["describe_produced", "draw_produced", "format_of", "open_produced"]

_FORMATS: Final = {
    Container.RASTER: ProductFormat.COG,
    Container.NETCDF: ProductFormat.NETCDF,
    Container.ZARR: ProductFormat.ZARR,
}
_GEOTIFF: Final = "image/tiff; application=geotiff"
_ZARR_2: Final = "application/vnd.zarr; version=2"


def format_of(path: Path) -> ProductFormat | None:
    """Return the format that the name of a produced file tells; None if it is no data that a product is made of."""
    form = container(path.name, None)
    return None if form is None or path.suffix.lower() == ".jp2" else _FORMATS.get(form)


def describe_produced(path: Path, title: str, start: datetime, end: datetime) -> ProducedFile:
    """Return the description of an existing file, read from the file itself.

    Args:
        path: A GeoTIFF, a NetCDF file or a Zarr store, on a regular grid with a CRS.
        title: What it shows.
        start: First moment of the data it is computed from, UTC; dates in the file go before it.
        end: Last of them.

    Raises:
        InputError: It cannot be read, has no regular grid or CRS, or holds no valid pixel.
    """
    cube = open_produced(path, start)
    if not np.isfinite(cube.values).any():
        raise InputError(
            "it holds no valid pixel.", where=str(path), remedy="Look at the masks and windows of the workflow."
        )
    return described(cube, path, title, _media_type(path), (start, end))


def draw_produced(path: Path, picture: Path, title: str, start: datetime) -> None:
    """Draw the first band of an existing file as the PNG `picture` (`quicklook.draw_quicklook`).

    Raises:
        InputError: As `describe_produced`.
    """
    draw_quicklook(open_produced(path, start), picture, title)


def open_produced(path: Path, moment: datetime) -> xr.DataArray:
    """Return an existing file as a cube in memory: bands, y, x, CRS and units, and t if the file has dates.

    Variables that lie on no grid are left out. Packed numbers are unpacked, no-data is NaN.

    Args:
        path: A GeoTIFF, a NetCDF file or a Zarr store.
        moment: Stands for the date of a variable without dates beside one that has them.

    Raises:
        InputError: It cannot be read, or has no regular grid or CRS.
    """
    form = container(path.name, None)
    if format_of(path) is None or form is None:
        raise InputError(
            f"{path.name!r} does not tell its format.", where=str(path), remedy="Name it .tif, .nc or .zarr."
        )
    if form is Container.RASTER:
        return reopen(path)
    with open_gridded(str(path), form) as opened:
        ours = BAND_ORDER in opened.attrs
        dated = any(variable.dtype.kind == "M" for variable in opened.coords.values())
    return reopen(path) if ours else _foreign(path, form, moment, dated=dated)


def _foreign(path: Path, form: Container, moment: datetime, *, dated: bool) -> xr.DataArray:
    names = variable_names(str(path), form)
    if not names:
        raise InputError(
            "no variable of it lies on a grid of x and y.",
            where=str(path),
            remedy="Give its dimensions coordinates, and them axes (CF conventions, chapter 4).",
        )
    # The reader of inputs asks items for what files do not say; a produced file has nothing but itself.
    nobody = Document(str(path), "", 0, {})
    item = Item(path.stem, {}, nobody, moment, moment)
    asset = PinnedAsset(item=path.stem, key="data", href=str(path))
    cube = load_gridded([ResolvedItem(item, {"data": asset})], names).load()
    return cube if dated else cube.isel({TIME: 0}, drop=True)


def _media_type(path: Path) -> str:
    form = format_of(path)
    if form is ProductFormat.ZARR and path.is_dir() and not (path / "zarr.json").exists():
        return _ZARR_2
    if form is ProductFormat.COG and not _is_cog(path):
        return _GEOTIFF
    return media_type_of(form or ProductFormat.COG, path)


def _is_cog(path: Path) -> bool:
    """Tell whether GDAL wrote the file as a COG (GDAL, COG driver: the image structure metadata LAYOUT)."""
    import rasterio

    with rasterio.open(path) as opened:
        return bool(opened.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG")

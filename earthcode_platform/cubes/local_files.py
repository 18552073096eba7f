"""A file that no STAC item describes, as a lazy cube: what it says itself is all that is known of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.dimensions import TIME
from earthcode_platform.cubes.gridded import load_gridded, open_gridded, variable_names
from earthcode_platform.cubes.rasters import load_rasters
from earthcode_platform.cubes.resolved import ResolvedItem
from earthcode_platform.cubes.stac import Document, Item
from earthcode_platform.errors import InputError
from earthcode_platform.models.pinned import PinnedAsset

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from pydantic import JsonValue

__all__ = ["load_file"]

_KEY: Final = "data"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the date of a file that has none; the cube does not keep it."""
_MEDIA_TYPES: Final = {
    Container.RASTER: "image/tiff",
    Container.NETCDF: "application/x-netcdf",
    Container.ZARR: "application/vnd.zarr",
    Container.GRIB: "application/wmo-GRIB2",
}


def load_file(path: Path, form: Container) -> xr.DataArray:
    """Return a file as a lazy cube of its bands, y and x, and of t where the file itself has dates.

    Bands of rasters are called as the file describes them, or `band1` and so on. Scale, offset and no-data are those of
    the file; no-data is NaN.

    Args:
        path: A GeoTIFF, a NetCDF or GRIB file, or a Zarr store.
        form: Which of these it is, whatever its name.

    Raises:
        InputError: It cannot be read so, or lies on no grid with a CRS.
    """
    if form is Container.RASTER:
        names = _described(path)
        cube = load_rasters([_alone(path, form, names)], [name if len(names) > 1 else _KEY for name in names])
        return cube.assign_coords(bands=names).isel({TIME: 0}, drop=True)
    with open_gridded(str(path), form) as opened:
        dated = any(variable.dtype.kind == "M" for variable in opened.coords.values())
    names = variable_names(str(path), form)
    if not names:
        raise InputError(
            "no variable of it lies on a grid of x and y.",
            where=path.name,
            remedy="Give its dimensions coordinates, and them axes (CF conventions, chapter 4).",
        )
    cube = load_gridded([_alone(path, form, names)], names)
    return cube if dated else cube.isel({TIME: 0}, drop=True)


def _described(path: Path) -> list[str]:
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as opened:
            told = [name or f"band{number}" for number, name in enumerate(opened.descriptions, start=1)]
    except RasterioError as error:
        raise InputError(f"it cannot be read as a raster: {error}.", where=path.name) from None
    # Two bands of one name could not be told apart.
    return told if len(set(told)) == len(told) else [f"band{number}" for number in range(1, len(told) + 1)]


def _alone(path: Path, form: Container, names: list[str]) -> ResolvedItem:
    """Return an item that says nothing but which bands there are."""
    bands: list[JsonValue] = [{"name": name} for name in names]
    content: dict[str, JsonValue] = {
        "id": path.stem,
        "assets": {_KEY: {"href": str(path), "type": _MEDIA_TYPES[form], "bands": bands}},
    }
    item = Item(path.stem, content, Document(str(path), "", 0, {}), _NEVER, _NEVER)
    asset = PinnedAsset(item=path.stem, key=_KEY, href=str(path), media_type=_MEDIA_TYPES[form])
    return ResolvedItem(item, {_KEY: asset})

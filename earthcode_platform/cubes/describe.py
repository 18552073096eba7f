"""What a produced file holds: grid, dimensions, box, statistics and the checksum of its values."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from earthcode_platform import checksums
from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.dimensions import BANDS, TIME, X, Y, band_units, band_values
from earthcode_platform.cubes.extent import lonlat_bbox
from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.reopen import reopened
from earthcode_platform.cubes.slabs import Moments
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.cubes.window import span
from earthcode_platform.models.run import ProducedFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import xarray as xr

    from earthcode_platform.models.run import Grid
    from earthcode_platform.models.window import BBox

__all__ = ["describe", "described", "statistics"]


def describe(
    path: Path, title: str, media_type: str, start: datetime, end: datetime, place: BBox | None = None
) -> ProducedFile:
    """Return the description of a file that `write` made, read from the file itself.

    Args:
        path: The file, or Zarr store.
        title: What it shows.
        media_type: Its media type.
        start: First moment of its data, where it has no dates itself.
        end: Last moment of its data, where it has no dates itself.
        place: Box of its data in degrees, where it has no grid itself; the whole Earth if None.

    Raises:
        InputError: It cannot be read.
    """
    return described(reopened(path), path, title, media_type, (start, end), place)


def described(
    cube: xr.DataArray,
    path: Path,
    title: str,
    media_type: str,
    dates: tuple[datetime, datetime],
    place: BBox | None = None,
) -> ProducedFile:
    """Return the description of a file that was read as `cube`.

    Args:
        cube: What the file holds; a lazy one is read by rows.
        path: The file, or Zarr store.
        title: What it shows.
        media_type: Its media type.
        dates: First and last moment of its data, where it has no dates itself.
        place: Box of its data in degrees, where it has no grid itself; the whole Earth if None.

    Raises:
        InputError: It cannot be read.
    """
    grid = grid_of(cube) if X in cube.dims and Y in cube.dims else None
    with ThreadPoolExecutor(1) as beside:
        checked = beside.submit(data_checksum, path)
        moments = Moments.by_band(cube)
        checksum, of_data = checksums.of_path(path), checked.result()
    first, last = span(cube) or dates
    return ProducedFile(
        path=str(path.absolute()),
        title=title,
        media_type=media_type,
        bands=band_values(cube),
        units=tuple(unit or None for unit in band_units(cube)),
        grid=grid,
        dimensions=_dimensions(cube, grid, path),
        **_stored(path),
        bbox=lonlat_bbox(grid.crs, grid.bbox) if grid else place or (-180.0, -90.0, 180.0, 90.0),
        start=first,
        end=last,
        checksum=checksum,
        data_checksum=of_data,
        statistics=_together(moments),
        band_statistics=tuple(band.statistics for band in moments),
    )


def statistics(cube: xr.DataArray) -> dict[str, float]:
    """Return minimum, maximum, mean, stddev and valid_percent of a cube (STAC 1.1, statistics object).

    No-data is left out; a cube without any valid number has valid_percent alone. A lazy cube is read by rows.
    """
    return _together(Moments.by_band(cube))


def _together(bands: Sequence[Moments]) -> dict[str, float]:
    whole = Moments()
    for band in bands:
        whole = whole.joined(band)
    return whole.statistics


def _dimensions(cube: xr.DataArray, grid: Grid | None, path: Path) -> dict[str, dict[str, Any]]:
    """Return the dimensions as STAC's datacube extension 2.2 describes them; bands are one in rasters alone."""
    banded = container(str(path), None) is Container.RASTER
    found: dict[str, dict[str, Any]] = {}
    for name in (str(dim) for dim in cube.dims if banded or dim != BANDS):
        labels = cube[name].values
        if name == BANDS:
            found[name] = {"type": "bands", "values": labels.tolist()}
        elif name == TIME:
            found[name] = _temporal(labels)
        elif grid is not None and name in (X, Y):
            found[name] = _spatial(name, grid)
        else:
            found[name] = {"type": "spatial", "axis": name, "extent": [float(labels.min()), float(labels.max())]}
    return found


def _temporal(labels: Any) -> dict[str, Any]:  # noqa: ANN401 - an array of moments or of names
    if labels.dtype.kind != "M":
        return {"type": "temporal", "values": list(map(str, labels)), "extent": [None, None]}
    stamps = [f"{stamp}Z" for stamp in np.datetime_as_string(labels, unit="s")]
    return {"type": "temporal", "extent": [stamps[0], stamps[-1]], "values": stamps}


def _spatial(name: str, grid: Grid) -> dict[str, Any]:
    at = 0 if name == X else 1
    code = grid.crs.removeprefix("EPSG:")
    return {
        "type": "spatial",
        "axis": name,
        "extent": [grid.bbox[at], grid.bbox[at + 2]],
        "step": abs(grid.transform[0 if name == X else 4]),
        "reference_system": int(code) if code.isdigit() else grid.crs,
    }


def _stored(path: Path) -> dict[str, Any]:
    """Return type, no-data, scale and offset of the stored numbers, if all bands share them."""
    form = container(str(path), None)
    if form is Container.RASTER:
        import rasterio

        with rasterio.open(path) as opened:
            each = list(zip(opened.dtypes, map(_json, opened.nodatavals), opened.scales, opened.offsets, strict=True))
    else:
        with open_gridded(str(path), form or Container.NETCDF) as opened:
            each = [_encoded(variable.encoding) for variable in opened.data_vars.values()]
    if len(set(each)) != 1:
        return {}
    dtype, nodata, scale, offset = each[0]
    return {"data_type": dtype, "nodata": nodata, "scale": scale, "offset": offset}


def _encoded(encoding: Mapping[Any, Any]) -> tuple[str, float | Literal["nan"] | None, float, float]:
    scale, offset = float(encoding.get("scale_factor", 1.0)), float(encoding.get("add_offset", 0.0))
    return str(np.dtype(encoding.get("dtype", "float64"))), _json(encoding.get("_FillValue")), scale, offset


def _json(number: float | None) -> float | Literal["nan"] | None:
    if number is None:
        return None
    return "nan" if np.isnan(number) else float(number)

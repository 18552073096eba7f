"""Small real cubes, and the files and STAC documents that cubes are loaded from."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import xarray as xr
from affine import Affine
from numpy.typing import ArrayLike, NDArray

from earthcode_platform.cubes.crs import with_crs
from earthcode_platform.cubes.dimensions import described_bands
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.models.experiment import InputReference
from earthcode_platform.models.pinned import PinnedInput

UTM = "EPSG:32633"
ORIGIN = (500_000.0, 5_000_000.0)
"""Upper left corner of the rasters in `UTM`."""


def cube(
    values: ArrayLike,
    bands: Sequence[str] = ("a",),
    *,
    start: str = "2020-01-01",
    units: Sequence[str] | None = None,
    crs: str = UTM,
    step: float = 10.0,
) -> xr.DataArray:
    """Return a lazy cube (t, bands, y, x) of the values, a date a day, pixels of `step` from `ORIGIN`."""
    data = np.asarray(values, dtype="float64")
    days = np.datetime64(start, "ns") + np.arange(data.shape[0]) * np.timedelta64(1, "D")
    x = ORIGIN[0] + step * (np.arange(data.shape[3]) + 0.5) if crs == UTM else step * (np.arange(data.shape[3]) + 0.5)
    y = ORIGIN[1] - step * (np.arange(data.shape[2]) + 0.5) if crs == UTM else -step * (np.arange(data.shape[2]) + 0.5)
    coords = {"t": days, "bands": list(bands), "y": y, "x": x}
    made = xr.DataArray(data, dims=("t", "bands", "y", "x"), coords=coords).chunk(
        {"y": max(2, data.shape[2] // 2), "x": max(2, data.shape[3] // 2)}
    )
    made["x"].attrs["resolution"], made["y"].attrs["resolution"] = step, -step
    blank = [""] * len(bands)
    return with_crs(described_bands(made, list(units or blank), blank, [np.nan] * len(bands)), crs)


def series(values: Sequence[float], *, start: str = "2020-01-01") -> xr.DataArray:
    """Return a cube of one pixel and one band with these values over time, a value a day."""
    return cube(np.asarray(values, dtype="float64").reshape(-1, 1, 1, 1), start=start)


def raster(
    path: Path,
    values: NDArray[Any],
    *,
    nodata: float | None = None,
    crs: str = UTM,
    transform: Affine | None = None,
    scales: tuple[float, float] | None = None,
) -> Path:
    """Write values (rows, columns, or bands before them) as a GeoTIFF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    layers = values if values.ndim == 3 else values[np.newaxis]
    place = transform or Affine(10.0, 0.0, ORIGIN[0], 0.0, -10.0, ORIGIN[1])
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=layers.shape[0],
        height=layers.shape[1],
        width=layers.shape[2],
        dtype=layers.dtype,
        crs=crs,
        transform=place,
        nodata=nodata,
    ) as target:
        target.write(layers)
        if scales is not None:
            target.scales, target.offsets = [scales[0]] * len(layers), [scales[1]] * len(layers)
    return path


def item(name: str, stamp: str, assets: Mapping[str, Mapping[str, Any]], **properties: object) -> dict[str, Any]:
    """Return a STAC item near 15° E, 45° N."""
    west, south, east, north = 14.9, 45.0, 15.1, 45.2
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": name,
        "bbox": [west, south, east, north],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": stamp, **properties},
        "links": [],
        "assets": {key: {"roles": ["data"], **asset} for key, asset in assets.items()},
    }


def write(path: Path, content: object) -> Path:
    """Write JSON and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def collection(folder: Path, items: Sequence[Mapping[str, Any]]) -> Path:
    """Write a STAC collection with one document for each item."""
    for content in items:
        write(folder / f"{content['id']}.json", content)
    links = [{"rel": "item", "href": f"./{content['id']}.json"} for content in items]
    return write(
        folder / "collection.json", {"type": "Collection", "stac_version": "1.1.0", "id": "made", "links": links}
    )


def pinned(path: Path, **window: object) -> PinnedInput:
    """Return the STAC document at `path` as the pinned input `scenes`."""
    reference = InputReference.model_validate({"href": path.name, **window})
    return pin_input("scenes", reference, path.parent)


def gridded(
    path: Path,
    longitudes: ArrayLike,
    latitudes: ArrayLike,
    *,
    months: int = 3,
    names: tuple[str, str, str] = ("time", "lat", "lon"),
    attributes: Mapping[str, Any] | None = None,
) -> Path:
    """Write a NetCDF file whose values tell their place: 1000 * month + latitude + longitude (0 to 360) / 1000."""
    lon, lat = np.asarray(longitudes, dtype="float32"), np.asarray(latitudes, dtype="float32")
    values = (
        1000.0 * np.arange(months)[:, None, None]
        + lat[None, :, None].astype("float64")
        + (lon[None, None, :].astype("float64") % 360) / 1000
    )
    stamps = np.array([f"2020-{month + 1:02d}-15" for month in range(months)], dtype="datetime64[ns]")
    data = xr.Dataset(
        {"temp": (names, values.astype("float32"), {"units": "K", **(attributes or {})})},
        {names[0]: stamps, names[1]: (names[1], lat), names[2]: (names[2], lon)},
    )
    if names[1] == "lat":
        data["lat"].attrs["units"], data["lon"].attrs["units"] = "degrees_north", "degrees_east"
    path.parent.mkdir(parents=True, exist_ok=True)
    data.to_netcdf(path, engine="netcdf4")
    return path


def gridded_input(folder: Path, **window: object) -> PinnedInput:
    """Return the file `data.nc` of the folder as a pinned input of one item, worldwide, for 2020."""
    asset = {"href": "./data.nc", "type": "application/x-netcdf"}
    content = item("cube", "2020-01-01T00:00:00Z", {"data": asset}, end_datetime="2020-12-31T00:00:00Z")
    content["properties"]["start_datetime"] = "2020-01-01T00:00:00Z"
    content["bbox"] = [-180.0, -90.0, 180.0, 90.0]
    return pinned(collection(folder, [content]), **window)

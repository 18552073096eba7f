"""Two invented bands on three dates, as a STAC collection: what a new experiment is tried with, without a network."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from earthcode_platform import checksums

__all__ = ["write_sample"]

_SIDE: Final = 64
"""Pixels of a side."""
_METRES: Final = 10.0
"""Size of a pixel."""
_CORNER: Final = (500_000.0, 5_100_640.0)
"""Upper left corner in metres, EPSG:32633, Alps of Slovenia."""
_CRS: Final = "EPSG:32633"
_SCALE: Final = 0.0001
_NODATA: Final = 0
_DATES: Final = ("2024-06-10", "2024-07-10", "2024-08-09")
_COG: Final = "image/tiff; application=geotiff; profile=cloud-optimized"
_EXTENSIONS: Final = tuple(
    f"https://stac-extensions.github.io/{name}/schema.json" for name in ("projection/v2.0.0", "file/v2.1.0")
)
_SAID: Final = "Invented for a first run, by no satellite: fields that grow, bare ground, and a cloud on each date."

_Document: TypeAlias = dict[str, Any]
_Band: TypeAlias = "np.ndarray[Any, np.dtype[np.uint16]]"


def write_sample(folder: Path) -> Path:
    """Write a STAC collection with one item a date into `folder`, and return its path.

    Each item has the assets `red` and `nir`: cloud-optimised GeoTIFFs of 64 by 64 pixels of 10 m, EPSG:32633, uint16,
    reflectance times 10 000, 0 where there is no data. The same bytes of values each time: nothing is drawn.
    """
    box = _box()
    links = []
    for number, date in enumerate(_DATES):
        name = f"scene-{date}"
        (folder / name).mkdir(parents=True)
        bands = dict(zip(("red", "nir"), _scene(number), strict=True))
        assets = {key: _asset(_raster(folder / name / f"{key}.tif", key, values), key) for key, values in bands.items()}
        _write(folder / name / f"{name}.json", _item(name, date, box, assets))
        links.append({"rel": "item", "href": f"./{name}/{name}.json", "type": "application/geo+json"})
    moments = [f"{_DATES[0]}T10:00:00Z", f"{_DATES[-1]}T10:00:00Z"]
    return _write(
        folder / "collection.json",
        {
            "type": "Collection",
            "stac_version": "1.1.0",
            "id": "invented-scenes",
            "title": "Invented scenes",
            "description": _SAID,
            "license": "CC0-1.0",
            "extent": {"spatial": {"bbox": [box]}, "temporal": {"interval": [moments]}},
            "links": [{"rel": "root", "href": "./collection.json", "type": "application/json"}, *links],
        },
    )


def _scene(number: int) -> tuple[_Band, _Band]:
    """Return red and near infrared of one date; a field's greenness depends on its row, column and the date."""
    row, column = np.mgrid[0:_SIDE, 0:_SIDE]
    field = (row // 16 + column // 16) % 3
    texture = 0.02 * np.sin(row / 3.0) * np.cos(column / 5.0)
    green = np.clip(field / 2 * (0.7 + 0.1 * number) + texture, 0, 1)
    red = 0.22 - 0.17 * green + 0.01 * number
    nir = 0.26 + 0.20 * green
    cloud = (row - 16 * (number + 1)) ** 2 + (column - 40 + 12 * number) ** 2 < 64  # noqa: PLR2004 - 8 pixels of radius
    stored = (np.where(cloud, _NODATA, np.rint(band / _SCALE)).astype("uint16") for band in (red, nir))
    first, second = stored
    return first, second


def _raster(path: Path, name: str, values: _Band) -> Path:
    import rasterio
    from rasterio.transform import from_origin

    with rasterio.open(
        path,
        "w",
        driver="COG",
        width=_SIDE,
        height=_SIDE,
        count=1,
        dtype="uint16",
        crs=_CRS,
        nodata=_NODATA,
        transform=from_origin(*_CORNER, _METRES, _METRES),
        compress="deflate",
    ) as target:
        target.write(values, 1)
        target.scales, target.offsets = (_SCALE,), (0.0,)
        target.set_band_description(1, name)
    return path


def _asset(path: Path, key: str) -> _Document:
    return {
        "href": f"./{path.name}",
        "type": _COG,
        "title": {"red": "Red reflectance", "nir": "Near-infrared reflectance"}[key],
        "roles": ["data", "reflectance"],
        "bands": [{"name": key, "eo:common_name": key}],
        "data_type": "uint16",
        "nodata": _NODATA,
        "raster:scale": _SCALE,
        "raster:offset": 0,
        "file:size": path.stat().st_size,
        "file:checksum": checksums.of_file(path),
    }


def _item(name: str, date: str, box: list[float], assets: _Document) -> _Document:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    x, y = _CORNER
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": [
            *_EXTENSIONS,
            "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
            "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
        ],
        "id": name,
        "bbox": box,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "datetime": datetime.fromisoformat(f"{date}T10:00:00")
            .replace(tzinfo=UTC)
            .isoformat()
            .replace("+00:00", "Z"),
            "description": _SAID,
            "proj:code": _CRS,
            "proj:shape": [_SIDE, _SIDE],
            "proj:transform": [_METRES, 0, x, 0, -_METRES, y, 0, 0, 1],
        },
        "collection": "invented-scenes",
        "links": [
            {"rel": rel, "href": "../collection.json", "type": "application/json"}
            for rel in ("root", "parent", "collection")
        ],
        "assets": assets,
    }


def _box() -> list[float]:
    from rasterio.warp import transform_bounds

    x, y = _CORNER
    side = _SIDE * _METRES
    return [round(edge, 6) for edge in transform_bounds(_CRS, "EPSG:4326", x, y - side, x + side, y)]


def _write(path: Path, content: _Document) -> Path:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path

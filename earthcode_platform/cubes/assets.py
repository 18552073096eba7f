"""Which assets of an item hold data, in which form, and which bands lie in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from earthcode_platform.cubes.stac import mapping, sequence, text

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["GRIDDED", "BandSource", "Container", "container", "data_assets", "raster_bands"]

_BY_MEDIA_TYPE: Final = {"image/tiff": "raster", "image/jp2": "raster", "image/vnd.stac.geotiff": "raster"}
_BY_SUFFIX: Final = {
    ".tif": "raster",
    ".tiff": "raster",
    ".jp2": "raster",
    ".nc": "netcdf",
    ".nc4": "netcdf",
    ".cdf": "netcdf",
    ".zarr": "zarr",
    ".grib": "grib",
    ".grib1": "grib",
    ".grib2": "grib",
    ".grb": "grib",
    ".grb1": "grib",
    ".grb2": "grib",
}
_PACKED: Final = ".zarr.zip"
"""How the name of a Zarr store in one zip file ends."""
_NOT_DATA: Final = frozenset({"thumbnail", "overview", "metadata", "visual"})
"""Roles that say: this asset is about the data, or a picture of it."""


class Container(StrEnum):
    """The form in which an asset holds its data."""

    RASTER = "raster"
    """GeoTIFF or JPEG 2000: bands on one grid."""
    NETCDF = "netcdf"
    """NetCDF classic or NetCDF-4."""
    ZARR = "zarr"
    """Zarr, version 2 or 3: a folder, or one zip file of it."""
    GRIB = "grib"
    """GRIB, edition 1 or 2; read, and never written."""


GRIDDED: Final = (Container.NETCDF, Container.ZARR, Container.GRIB)
"""The forms that hold variables on axes of their own; what one item offers in two is read from the first."""
_MARKS: Final = {
    Container.NETCDF: ("netcdf", "x-hdf"),
    Container.ZARR: ("zarr",),
    Container.GRIB: ("grib",),
}
"""What media types hold: `application/x-netcdf`, `application/wmo-GRIB2` and their like."""


@dataclass(frozen=True, slots=True)
class BandSource:
    """One band of a raster asset, and how its stored numbers become values: `stored * scale + offset`."""

    label: str
    """What it is called in a cube: the asset's key, or for one band of several, its own name."""
    asset: str
    """Key of its asset."""
    index: int = 1
    """Its place in the file, from 1."""
    name: str = ""
    """Its name in `bands` or `eo:bands`."""
    common_name: str = ""
    """Its common name (STAC EO extension), such as nir."""
    wavelength: float = float("nan")
    """Its centre in micrometres (`center_wavelength`)."""
    unit: str = ""
    """Unit of the values."""
    data_type: str = ""
    """NumPy name of the stored type; empty if the item does not say."""
    nodata: float | None = None
    """Stored number that means no data; None if the item does not say."""
    scale: float = 1.0
    """Factor from stored numbers to values."""
    offset: float = 0.0
    """What is added after scaling."""
    described: bool = False
    """Whether the item describes the stored numbers at all."""


def container(href: str, media_type: str | None) -> Container | None:
    """Return the form that the media type says, or else the file's name; None if neither tells."""
    essence = (media_type or "").split(";")[0].strip().lower()
    if essence in _BY_MEDIA_TYPE:
        return Container(_BY_MEDIA_TYPE[essence])
    for form, marks in _MARKS.items():
        if any(mark in essence for mark in marks):
            return form
    name = urlsplit(href).path.rstrip("/").lower()
    suffix = ".zarr" if name.endswith(_PACKED) else PurePosixPath(name).suffix
    return Container(_BY_SUFFIX[suffix]) if suffix in _BY_SUFFIX else None


def data_assets(item: dict[str, JsonValue]) -> dict[str, dict[str, JsonValue]]:
    """Return the assets of `item` that hold data: those of role data, and those in a form that can be read.

    Thumbnails, overviews, renderings and metadata are left out, whatever their form (STAC best practices, asset roles).
    """
    assets = mapping(item, "assets")
    return {
        key: asset
        for key, asset in assets.items()
        if isinstance(asset, dict) and text(asset, "href") and _holds_data(asset)
    }


def _holds_data(asset: dict[str, JsonValue]) -> bool:
    listed = asset.get("roles")
    roles = {role for role in listed if isinstance(role, str)} if isinstance(listed, list) else set()
    if "data" in roles:
        return True
    return not roles & _NOT_DATA and container(text(asset, "href"), text(asset, "type")) is not None


def raster_bands(key: str, asset: dict[str, JsonValue]) -> tuple[BandSource, ...]:
    """Return the bands of a raster asset, as STAC 1.1 `bands`, `raster:bands` and `eo:bands` describe them together.

    An asset without any of them has one band, named by its key.
    """
    described = [sequence(asset, name) for name in ("bands", "raster:bands", "eo:bands")]
    count = max(1, *(len(found) for found in described))
    base = _described(BandSource(label=key, asset=key), asset)
    bands = []
    for index in range(count):
        band = replace(base, index=index + 1)
        for entries in described:
            band = _described(band, entries[index]) if index < len(entries) else band
        bands.append(replace(band, label=key if count == 1 else band.name or f"{key}.{index + 1}"))
    return tuple(bands)


def _described(band: BandSource, entry: dict[str, JsonValue]) -> BandSource:
    scale, offset = (_number(entry, name, f"raster:{name}") for name in ("scale", "offset"))
    nodata, wavelength = _number(entry, "nodata"), _number(entry, "center_wavelength", "eo:center_wavelength")
    data_type = text(entry, "data_type") or band.data_type
    return replace(
        band,
        name=text(entry, "name") or band.name,
        common_name=text(entry, "common_name") or text(entry, "eo:common_name") or band.common_name,
        unit=text(entry, "unit") or band.unit,
        data_type=data_type,
        nodata=band.nodata if nodata is None else nodata,
        scale=band.scale if scale is None else scale,
        offset=band.offset if offset is None else offset,
        wavelength=band.wavelength if wavelength is None else wavelength,
        described=bool(band.described or scale is not None or nodata is not None),
    )


def _number(entry: dict[str, JsonValue], *keys: str) -> float | None:
    for key in keys:
        value = entry.get(key)
        if isinstance(value, bool):
            continue
        if isinstance(value, int | float):
            return float(value)
        if value in ("nan", "inf", "-inf"):
            return float(str(value))
    return None

"""Which files are read and written here, as an openEO back-end publishes it: `GET /file_formats` (openEO API 1.2)."""

from __future__ import annotations

from typing import Any, Final

from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.file_options import OPTIONS

__all__ = ["file_formats"]

_TITLES: Final = {
    ProductFormat.COG: (
        "Cloud-optimised GeoTIFF",
        "Maps; one band each for the bands of a cube, and one date at most.",
    ),
    ProductFormat.NETCDF: (
        "NetCDF-4 with CF metadata",
        "Cubes, series, single values and vector cubes; a variable for each band.",
    ),
    ProductFormat.ZARR: ("Zarr version 3 with CF metadata", "Large cubes; an array for each band."),
    ProductFormat.CSV: ("Comma-separated values", "Series and vector cubes; a line for each geometry and label."),
    ProductFormat.GEOJSON: ("GeoJSON", "Vector cubes; a feature for each geometry and label."),
    ProductFormat.PARQUET: ("GeoParquet 1.1", "Vector cubes of many geometries; a row for each geometry and label."),
}
_KINDS: Final = {
    ProductFormat.NETCDF: ["raster", "vector"],
    ProductFormat.CSV: ["table", "vector"],
    ProductFormat.GEOJSON: ["vector"],
    ProductFormat.PARQUET: ["vector"],
}
_READ: Final = {
    "GTiff": ("GeoTIFF", "raster"),
    "JP2OpenJPEG": ("JPEG 2000", "raster"),
    "netCDF": ("NetCDF classic and NetCDF-4, by the CF conventions", "raster"),
    "Zarr": ("Zarr, version 2 and 3, by the CF conventions", "raster"),
    "GRIB": ("GRIB, edition 1 and 2; a band for each parameter and level", "raster"),
    "GeoJSON": ("GeoJSON, by load_url", "vector"),
    "Parquet": ("GeoParquet, by load_url", "vector"),
}


def file_formats() -> dict[str, Any]:
    """Return the formats by their names, those written with their options: description, schema and default of each."""
    return {
        "output": {form.value: _written(form) for form in ProductFormat},
        "input": {
            name: {"title": title, "gis_data_types": [kind], "parameters": {}} for name, (title, kind) in _READ.items()
        },
    }


def _written(form: ProductFormat) -> dict[str, Any]:
    title, description = _TITLES[form]
    described = OPTIONS[form].model_json_schema()["properties"]
    return {
        "title": title,
        "description": description,
        "gis_data_types": _KINDS.get(form, ["raster"]),
        "parameters": {name: _parameter(dict(schema)) for name, schema in described.items()},
    }


def _parameter(schema: dict[str, Any]) -> dict[str, Any]:
    schema.pop("title", None)
    return {**schema, "required": False}

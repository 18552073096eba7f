"""Files of geometries as GeoJSON objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.errors import ExecutionError, MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

    from pyarrow import DataType

__all__ = ["FORMATS", "geojson_in"]

FORMATS: Final = ("GeoJSON", "Parquet")
"""Names of the formats that are read, as `GET /file_formats` gives them."""
_MAGIC: Final = b"PAR1"
"""How Parquet files begin (Apache Parquet, file format)."""


def geojson_in(path: Path) -> dict[str, Any]:
    """Return the GeoJSON object in a file, or the rows of a GeoParquet file as one.

    Its coordinates are in degrees unless its member `crs` says otherwise.

    Raises:
        ExecutionError: It is neither.
        MissingExtraError: It is Parquet, and the extra `parquet` is not installed.
    """
    content = path.read_bytes()
    if content.startswith(_MAGIC):
        return _from_parquet(path)
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not isinstance(value, dict) or "type" not in value:
        raise ExecutionError(
            f"{path.name} is neither GeoJSON nor GeoParquet.", remedy="Convert it with ogr2ogr, or with geopandas."
        )
    return value


def _from_parquet(path: Path) -> dict[str, Any]:
    """Return the geometries of a GeoParquet file (OGC GeoParquet 1.1, section 5), with plain columns as properties."""
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise MissingExtraError.of("reading Parquet", "parquet") from None
    import shapely

    try:
        table = parquet.read_table(path)
        told = json.loads(table.schema.metadata[b"geo"])
        column = told["primary_column"]
        described = told["columns"][column]
        shapes = shapely.from_wkb(table.column(column).to_pylist())
        plain = table.select([name for name in table.column_names if _is_plain(table.schema.field(name).type)])
    except (ArrowException, shapely.errors.GEOSException, ValueError, TypeError, KeyError) as error:
        raise ExecutionError(
            f"{path.name} is no GeoParquet: {type(error).__name__}: {error}.",
            remedy="Write it with geopandas.to_parquet.",
        ) from None
    features = [
        {"type": "Feature", "properties": row, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape, row in zip(shapes, plain.to_pylist() or [{}] * len(shapes), strict=True)
        if shape is not None
    ]
    return {"type": "FeatureCollection", "features": features, **_reference_system(described.get("crs"))}


def _is_plain(kind: DataType) -> bool:
    """Tell whether a column holds what JSON can: texts, numbers and truth values."""
    from pyarrow import types

    tests = (types.is_string, types.is_large_string, types.is_integer, types.is_floating, types.is_boolean)
    return any(test(kind) for test in tests)


def _reference_system(crs: object) -> dict[str, Any]:
    """Return the member `crs` for the PROJJSON of a column; without one the coordinates are in degrees."""
    if not isinstance(crs, dict):
        return {}
    from pyproj import CRS

    system = CRS.from_json_dict(crs)
    authority = system.to_authority()
    if authority in (("OGC", "CRS84"), ("EPSG", "4326")):
        return {}
    name = ":".join(authority) if authority else system.to_wkt()
    return {"crs": {"type": "name", "properties": {"name": name}}}

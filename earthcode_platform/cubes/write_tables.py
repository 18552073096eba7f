"""Tables as CSV, GeoJSON or GeoParquet. Equal tables give equal files."""

from __future__ import annotations

import csv
import json
import math
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.cubes.features import GEOMETRY, LONLAT
from earthcode_platform.errors import InputError
from earthcode_platform.models.file_options import CsvOptions, GeoJSONOptions, ParquetOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from shapely import Geometry

    from earthcode_platform.cubes.tables import Cell, Table
    from earthcode_platform.models.file_options import TableOptions

__all__ = ["PRECISION", "write_table"]

PRECISION: Final = 7
"""Decimals of longitudes and latitudes in CSV: a centimetre."""
_WORLD: Final = (180.0, 90.0)


def write_table(table: Table, path: Path, options: TableOptions) -> None:
    """Write a table to `path`.

    Geometries of CSV and GeoJSON are in longitudes and latitudes, WGS 84; GeoParquet keeps their reference system.

    Raises:
        InputError: A geometry has no longitudes and latitudes, or GeoJSON cannot hold a value.
        OSError: It cannot be written.
    """
    if isinstance(options, CsvOptions):
        _csv(table, path, options)
    elif isinstance(options, GeoJSONOptions):
        _geojson(table, path, options)
    elif isinstance(options, ParquetOptions):
        _parquet(table, path, options)


def _csv(table: Table, path: Path, options: CsvOptions) -> None:
    import shapely

    columns: dict[str, Sequence[Cell]] = dict(table.columns)
    if table.shapes is not None and options.geometry == "AS_WKT":
        placed = _lonlat(table, PRECISION)
        columns[GEOMETRY] = [
            shapely.to_wkt(shape, rounding_precision=PRECISION) if not shape.is_empty else None for shape in placed
        ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=options.separator, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(map(_field, column) for column in columns.values()), strict=True))


def _field(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 else str(cell)


def _geojson(table: Table, path: Path, options: GeoJSONOptions) -> None:
    import shapely

    shapes = _lonlat(table, options.coordinate_precision)
    features = []
    for shape, row in zip(shapes, table.rows(), strict=True):
        properties = dict(zip(table.columns, row, strict=True))
        infinite = next((name for name, cell in properties.items() if isinstance(cell, float) and math.isinf(cell)), "")
        if infinite:
            raise InputError(
                f"the column {infinite!r} has an infinite value, which JSON cannot hold.",
                where=path.name,
                remedy="Choose CSV or Parquet, or clip the values in the workflow.",
            )
        geometry = None if shape.is_empty else json.loads(shapely.to_geojson(shape))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    # One feature a line: what differs between two files can be seen.
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, allow_nan=False) for feature in features)
    path.write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n', encoding="utf-8")


def _lonlat(table: Table, decimals: int) -> list[Geometry]:
    """Return the geometries of the rows in longitudes and latitudes, rounded; each is moved once."""
    import numpy as np
    import shapely
    from pyproj import Transformer

    move = Transformer.from_crs(table.crs, LONLAT, always_xy=True).transform
    known: dict[Geometry, Geometry] = {}
    for shape in table.shapes or ():
        if shape not in known:
            there = shape if table.crs == LONLAT else shapely.transform(shape, move, interleaved=False)
            corners = shapely.get_coordinates(there)
            if not np.isfinite(corners).all() or (np.abs(corners) > _WORLD).any():
                raise InputError(
                    "a geometry has no longitudes and latitudes.",
                    where="the result of the workflow",
                    remedy="Choose Parquet, which keeps the reference system, or look at the coordinates.",
                )
            known[shape] = shapely.transform(there, lambda places: np.round(places, decimals) + 0.0)
    return [known[shape] for shape in table.shapes or ()]


def _parquet(table: Table, path: Path, options: ParquetOptions) -> None:
    import pyarrow as pa
    import shapely
    from pyarrow import parquet

    arrays = {name: pa.array(*_typed(name in table.bands, column)) for name, column in table.columns.items()}
    arrays[GEOMETRY] = pa.array(
        [None if shape.is_empty else shapely.to_wkb(shape) for shape in table.shapes or ()], pa.binary()
    )
    column = {"encoding": "WKB", "geometry_types": _kinds(table), **_reference(table.crs)}
    told = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    made = pa.table(arrays).replace_schema_metadata({"geo": json.dumps(told)})
    parquet.write_table(made, path, compression=options.compression)


def _typed(is_band: bool, column: list[Cell]) -> tuple[list[Any], Any]:  # noqa: FBT001 - one question
    """Return the cells of a column and its type: that of all its cells, else text; bands are numbers, even if empty."""
    import pyarrow as pa

    kinds = {type(cell) for cell in column if cell is not None}
    if (is_band and kinds != {int}) or kinds in ({float}, {int, float}):
        return [None if cell is None else float(cell) for cell in column], pa.float64()
    for kind, stored in ((bool, pa.bool_()), (int, pa.int64())):
        if kinds == {kind}:
            return column, stored
    return [None if cell is None else _field(cell) for cell in column], pa.string()


def _kinds(table: Table) -> list[str]:
    return sorted({shape.geom_type for shape in table.shapes or () if not shape.is_empty})


def _reference(crs: str) -> dict[str, Any]:
    """Return the reference system of a column; x is always the easting or longitude (GeoParquet 1.1, axis order)."""
    from pyproj import CRS

    return {} if crs == LONLAT else {"crs": CRS.from_user_input(crs).to_json_dict()}

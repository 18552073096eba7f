"""Tables, read back from CSV, GeoJSON and GeoParquet."""

from __future__ import annotations

import csv
import json
import math
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.cubes.features import GEOMETRY, LONLAT
from earthcode_platform.cubes.tables import Cell, Table
from earthcode_platform.errors import InputError, IntegrityError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from shapely import Geometry

__all__ = ["READERS", "canonical", "read_table", "require_same"]

_SEPARATORS: Final = ",;\t"
_LONGEST_FIELD: Final = 2**31 - 1
_APART: Final = 2e-7
"""Degrees, or metres, that a corner may lie away from where it was: what rounding to a centimetre moves it by."""


def read_table(path: Path) -> Table:
    """Return the table in a file; no-data are None, and fields that read as numbers are numbers.

    Raises:
        InputError: It is none, or cannot be read.
        MissingExtraError: It is Parquet, and the extra `parquet` is not installed.
    """
    from shapely.errors import ShapelyError

    try:
        return READERS[path.suffix](path)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error, ShapelyError) as error:
        raise InputError(f"it cannot be read as a table: {error}.", where=str(path)) from None


def require_same(table: Table, path: Path) -> None:
    """Compare a file with the table that was to be in it.

    Raises:
        IntegrityError: They differ.
    """
    found = read_table(path)
    alike = all(_alike(column, found.columns.get(name, [])) for name, column in table.columns.items())
    if not alike or not _same_places(table, found):
        raise IntegrityError(
            "the file does not hold what was computed.", where=str(path), remedy="Check the disk, and run again."
        )


def canonical(table: Table) -> dict[str, Any]:
    """Return what a table means as JSON: equal for equal tables, whatever the file's bytes."""
    import shapely

    columns = {name: [_plain(cell) for cell in column] for name, column in table.columns.items()}
    shapes = [shapely.to_wkb(shape, hex=True) for shape in table.shapes or ()]
    return {"form": "table", "order": list(columns), "columns": columns, "shapes": shapes, "crs": table.crs}


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    return float(cell) + 0.0 if isinstance(cell, int | float) and not isinstance(cell, bool) else cell


def _alike(wanted: list[Cell], found: list[Cell]) -> bool:
    """Tell whether two columns mean the same: CSV tells numbers and truth from texts by their looks alone."""
    return len(wanted) == len(found) and all(
        _plain(one) == _plain(other) or _plain(_cell(_text(one))) == _plain(_cell(_text(other)))
        for one, other in zip(wanted, found, strict=True)
    )


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return "" if cell is None else str(cell)


def _same_places(wanted: Table, found: Table) -> bool:
    """Tell whether the geometries are the same; those that were moved to longitudes and latitudes are counted."""
    import shapely

    if wanted.shapes is None or found.shapes is None:
        return True
    if len(wanted.shapes) != len(found.shapes):
        return False
    if wanted.crs != found.crs:
        return all(one.is_empty == other.is_empty for one, other in zip(wanted.shapes, found.shapes, strict=True))
    return all(
        (one.is_empty and other.is_empty) or shapely.equals_exact(one, other, _APART)
        for one, other in zip(wanted.shapes, found.shapes, strict=True)
    )


def _csv(path: Path) -> Table:
    import shapely

    csv.field_size_limit(_LONGEST_FIELD)
    with path.open(encoding="utf-8", newline="") as file:
        head = file.readline()
        file.seek(0)
        separator = max(_SEPARATORS, key=lambda one: len(next(csv.reader([head], delimiter=one))))
        names, *lines = csv.reader(file, delimiter=separator)
    columns = {name: [_cell(line[at]) for line in lines] for at, name in enumerate(names) if name != GEOMETRY}
    if GEOMETRY not in names:
        return Table(columns)
    at = names.index(GEOMETRY)
    return Table(columns, shapes=tuple(_shape(line[at], shapely.from_wkt) for line in lines))


def _cell(text: str) -> Cell:
    try:
        return float(text)
    except ValueError:
        return text or None


def _shape(stored: object, read: Callable[[Any], Geometry]) -> Geometry:
    import shapely

    return read(stored) if stored else shapely.Polygon()


def _geojson(path: Path) -> Table:
    from shapely.geometry import shape

    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    names = list(features[0]["properties"]) if features else []
    columns = {name: [feature["properties"][name] for feature in features] for name in names}
    return Table(columns, shapes=_shapes((feature["geometry"] for feature in features), shape))


def _shapes(stored: Iterable[object], read: Callable[[Any], Geometry]) -> tuple[Geometry, ...]:
    return tuple(_shape(one, read) for one in stored)


def _parquet(path: Path) -> Table:
    try:
        from pyarrow import parquet
    except ImportError:
        raise MissingExtraError.of("reading Parquet", "parquet") from None
    import shapely

    from earthcode_platform.cubes.crs import crs_name

    read = parquet.read_table(path)
    told = json.loads(read.schema.metadata[b"geo"])["columns"][GEOMETRY]
    columns = {name: read.column(name).to_pylist() for name in read.column_names if name != GEOMETRY}
    shapes = _shapes(read.column(GEOMETRY).to_pylist(), shapely.from_wkb)
    return Table(columns, shapes=shapes, crs=crs_name(json.dumps(told["crs"])) if "crs" in told else LONLAT)


READERS: Final[dict[str, Callable[[Path], Table]]] = {".csv": _csv, ".geojson": _geojson, ".parquet": _parquet}
"""What reads a table, by the end of the file's name."""

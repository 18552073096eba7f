"""What the platform tells of tables and vector cubes that a workflow produced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform import checksums
from earthcode_platform.cubes.describe import statistics
from earthcode_platform.cubes.dimensions import BANDS, TIME, band_units, band_values, ordered
from earthcode_platform.cubes.features import GEOMETRY, LONLAT, features_of, is_vector, moved
from earthcode_platform.cubes.tables import INDEX
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.cubes.window import span
from earthcode_platform.models.run import ProducedFile, TableColumn, TableShape

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import xarray as xr

    from earthcode_platform.cubes.features import Feature
    from earthcode_platform.cubes.tables import Cell, Table
    from earthcode_platform.models.window import BBox

__all__ = ["describe_table", "with_geometries"]

_TYPES: Final = {str: "string", int: "int64", float: "double", bool: "bool"}
_WORLD: Final[BBox] = (-180.0, -90.0, 180.0, 90.0)


def describe_table(
    cube: xr.DataArray,
    table: Table,
    path: Path,
    named: tuple[str, str],
    dates: tuple[datetime, datetime],
    place: BBox | None = None,
) -> ProducedFile:
    """Return the description of a file of a table, which was compared with what it should hold.

    Args:
        cube: What the table was made of, as it was written.
        table: The same as a table.
        path: The file.
        named: Its title and its media type.
        dates: First and last moment of its data, where it has no dates itself.
        place: Box of its data in degrees, where it has no geometries; the whole Earth if None.
    """
    first, last = span(cube) or dates
    features = features_of(cube) if is_vector(cube) else ()
    return ProducedFile(
        path=str(path.absolute()),
        title=named[0],
        media_type=named[1],
        bands=band_values(cube),
        units=tuple(unit or None for unit in band_units(cube)),
        dimensions=_dimensions(cube, features),
        table=_shape(table),
        bbox=_box(features) or place or _WORLD,
        start=first,
        end=last,
        checksum=checksums.of_path(path),
        data_checksum=data_checksum(path),
        statistics=statistics(cube),
        band_statistics=tuple(
            statistics(cube.isel({BANDS: at}) if BANDS in cube.dims else cube) for at in range(len(band_values(cube)))
        ),
    )


def with_geometries(produced: ProducedFile, cube: xr.DataArray) -> ProducedFile:
    """Return the description of a file of a vector cube with its geometries: their dimension, and their box."""
    features = features_of(cube)
    box = _box(features) or produced.bbox
    return produced.model_copy(update={"dimensions": _dimensions(cube, features), "bbox": box})


def _shape(table: Table) -> TableShape:
    columns = [
        TableColumn(name=name, type=_type(column), description=_description(name, table))
        for name, column in table.columns.items()
    ]
    if table.shapes is None:
        return TableShape(columns=tuple(columns), rows=table.size)
    columns.append(TableColumn(name=GEOMETRY, type="geometry", description="The geometry of the row."))
    return TableShape(columns=tuple(columns), rows=table.size, primary_geometry=GEOMETRY, crs=table.crs)


def _type(column: list[Cell]) -> str:
    kinds = {type(cell) for cell in column if cell is not None}
    if kinds == {int, float} or not kinds:
        return "double"
    return _TYPES[kinds.pop()] if len(kinds) == 1 else "string"


def _description(name: str, table: Table) -> str:
    if name == INDEX:
        return "The place of the geometry, from 0; rows of one geometry have the same."
    return "Values, empty where there is no data." if name in table.bands else ""


def _dimensions(cube: xr.DataArray, features: tuple[Feature, ...]) -> dict[str, dict[str, Any]]:
    """Return the dimensions as STAC's datacube extension 2.2 describes them; bands are variables."""
    found: dict[str, dict[str, Any]] = {}
    for name in (str(dim) for dim in ordered(cube).dims if dim != BANDS):
        labels = cube[name].values
        if name == GEOMETRY and features:
            found[name] = _geometry(features)
        elif labels.dtype.kind == "M":
            stamps = [f"{stamp}Z" for stamp in np.datetime_as_string(labels, unit="s")]
            found[name] = {"type": "temporal", "extent": [min(stamps), max(stamps)], "values": stamps}
        elif name == TIME:
            found[name] = {"type": "temporal", "values": list(map(str, labels)), "extent": [None, None]}
        else:
            found[name] = {"type": "other", "values": labels.tolist()}
    return found


def _geometry(features: tuple[Feature, ...]) -> dict[str, Any]:
    crs = features[0].crs
    code = crs.removeprefix("EPSG:")
    return {
        "type": "geometry",
        "axes": ["x", "y"],
        "bbox": list(_bounds(features) or (0.0, 0.0, 0.0, 0.0)),
        "geometry_types": sorted({feature.shape.geom_type for feature in features if not feature.shape.is_empty}),
        "reference_system": int(code) if code.isdigit() else crs,
    }


def _box(features: tuple[Feature, ...]) -> BBox | None:
    found = _bounds(moved(features, LONLAT))
    if found is None or not np.isfinite(found).all():
        return None
    west, south, east, north = found
    return max(-180.0, west), max(-90.0, south), min(180.0, east), min(90.0, north)


def _bounds(features: tuple[Feature, ...]) -> tuple[float, float, float, float] | None:
    boxes = [feature.shape.bounds for feature in features if not feature.shape.is_empty]
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)

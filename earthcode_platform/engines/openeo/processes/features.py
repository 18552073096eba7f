"""Geometries of a graph: read, moved to other reference systems, widened and chosen."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final, Literal, TypeAlias

import numpy as np
import xarray as xr

from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.cubes.features import GEOMETRY, labels
from earthcode_platform.engines.openeo.allowed import Projection
from earthcode_platform.engines.openeo.along import Cube
from earthcode_platform.engines.openeo.geometries import Geometries, geometries_of, reprojected
from earthcode_platform.engines.openeo.shapes import typed
from earthcode_platform.errors import ExecutionError

__all__ = ["filter_vector", "load_geojson", "vector_buffer", "vector_reproject"]

Shapes = Annotated[dict[str, object] | Geometries | Cube, geometries_of]
"""GeoJSON, a geometry, a Feature or a FeatureCollection; or a vector cube."""
Vector: TypeAlias = Geometries | Cube
"""Geometries alone, or with values: a vector cube."""
Relation = Literal["intersects", "disjoint", "equals", "touches", "crosses", "overlaps", "contains", "within"]
"""Predicates of Simple Features (filter_vector)."""
PROPERTIES: Final = "properties"
"""Name of the dimension that holds properties (load_geojson, parameter properties)."""


def _distance(distance: float) -> None:
    if not distance:
        raise ExecutionError("a buffer of 0 metres changes nothing.", remedy="Give a distance, or leave the node out.")


def load_geojson(data: Shapes, properties: Sequence[str] = ()) -> Vector:
    """Return the geometries of a GeoJSON object, in longitudes and latitudes (load_geojson; RFC 7946).

    With `properties`, the values of these properties lie along a further dimension of that name; a feature that lacks
    one has no-data there.

    Raises:
        ExecutionError: It is no such object, no feature has the property, or its values are no numbers.
    """
    found = geometries_of(data)
    if not properties:
        return found
    rows = [[_number(feature.known.get(name), name) for name in properties] for feature in found.features]
    known = {name for feature in found.features for name in feature.known}
    missing = next((name for name in properties if name not in known), None)
    if missing is not None:
        raise ExecutionError(
            f"no feature has the property {missing!r}.", remedy=f"Take one of {', '.join(sorted(known)) or 'none'}."
        )
    coords = {GEOMETRY: labels(found.features), PROPERTIES: list(properties)}
    made = xr.DataArray(np.array(rows, dtype="float64"), coords, (GEOMETRY, PROPERTIES))
    return typed(made, PROPERTIES, "other")


def _number(value: object, name: str) -> float:
    if value is None:
        return float("nan")
    if not isinstance(value, int | float):
        raise ExecutionError(
            f"ProcessParameterUnsupported: the property {name!r} is {value!r}, and cubes hold numbers.",
            remedy="Leave it out of 'properties': features keep all their properties.",
        )
    return float(value)


def vector_reproject(data: Shapes, projection: Projection, dimension: str | None = None) -> Vector:
    """Return geometries in another reference system.

    Raises:
        ExecutionError: Another dimension than `geometry` is named (DimensionNotAvailable), or a geometry has no place
            there.
        InputError: There is no such reference system.
    """
    if dimension not in (None, GEOMETRY):
        raise ExecutionError(
            f"DimensionNotAvailable: geometries have no dimension {dimension!r}.", remedy="Leave it out."
        )
    crs = crs_name(f"EPSG:{projection}" if isinstance(projection, int) else projection)
    return _relabelled(data, reprojected(geometries_of(data), crs))


def vector_buffer(geometries: Shapes, distance: Annotated[float, _distance]) -> Vector:
    """Return each geometry widened by a distance in metres, or narrowed by a negative one; what vanishes is empty.

    Raises:
        ExecutionError: The unit of the reference system is not the metre (UnitMismatch).
    """
    import shapely
    from pyproj import CRS

    _distance(distance)
    given = geometries_of(geometries)
    units = {axis.unit_name for axis in CRS.from_user_input(given.crs).axis_info}
    if units != {"metre"}:
        raise ExecutionError(
            f"UnitMismatch: the unit of {given.crs[:40]} is the {' and '.join(sorted(units))}, not the metre.",
            remedy="Use vector_reproject first.",
        )
    wider = tuple(replace(feature, shape=shapely.buffer(feature.shape, distance)) for feature in given.features)
    return _relabelled(geometries, Geometries(wider, given.crs))


def filter_vector(data: Shapes, geometries: Shapes, relation: Relation = "intersects") -> Vector:
    """Return those geometries to which the others, taken together, stand in a relation of Simple Features.

    With `contains` the others contain them, with `within` they lie within each of them (filter_vector, parameter
    relation). Everything is compared in the reference system of `data`. Empty geometries are left out.

    Raises:
        ExecutionError: One of the arguments is no GeoJSON, or the others have no place in the system of `data`.
    """
    import shapely

    candidates = geometries_of(data)
    base = shapely.union_all(reprojected(geometries_of(geometries), candidates.crs).shapes)
    shapes = np.array([feature.shape for feature in candidates.features], dtype=object)
    kept = np.flatnonzero(getattr(shapely, relation)(base, shapes) & ~shapely.is_empty(shapes))
    if isinstance(data, xr.DataArray):
        return data.isel({GEOMETRY: kept})
    return Geometries(tuple(candidates.features[at] for at in kept), candidates.crs)


def _relabelled(data: object, made: Geometries) -> Vector:
    """Return changed geometries, with the values of a vector cube where they had some."""
    return data.assign_coords({GEOMETRY: labels(made.features)}) if isinstance(data, xr.DataArray) else made

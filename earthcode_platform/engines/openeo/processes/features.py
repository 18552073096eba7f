"""Geometries of a graph: read, moved to other reference systems, widened and chosen.

They have no values of their own here, and are used to cut, mask or choose.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np

from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.engines.openeo.allowed import Projection
from earthcode_platform.engines.openeo.geometries import Geometries, geometries_of, reprojected
from earthcode_platform.errors import ExecutionError

__all__ = ["filter_vector", "load_geojson", "vector_buffer", "vector_reproject"]

Shapes = Annotated[dict[str, object] | Geometries, geometries_of]
"""GeoJSON: a geometry, a Feature or a FeatureCollection."""
Relation = Literal["intersects", "disjoint", "equals", "touches", "crosses", "overlaps", "contains", "within"]
"""Predicates of Simple Features (filter_vector)."""


def _no_properties(properties: Sequence[str]) -> None:
    if properties:
        raise ExecutionError(
            f"ProcessParameterUnsupported: properties of features are not read: {', '.join(properties)}.",
            remedy="Leave 'properties' out: geometries are used to cut and to mask.",
        )


def _distance(distance: float) -> None:
    if not distance:
        raise ExecutionError("a buffer of 0 metres changes nothing.", remedy="Give a distance, or leave the node out.")


def load_geojson(data: Shapes, properties: Annotated[Sequence[str], _no_properties] = ()) -> Geometries:
    """Return the geometries of a GeoJSON object, in longitudes and latitudes (load_geojson; RFC 7946).

    Raises:
        ExecutionError: It is no such object, or properties are asked for (ProcessParameterUnsupported).
    """
    _no_properties(properties)
    return geometries_of(data)


def vector_reproject(data: Shapes, projection: Projection, dimension: str | None = None) -> Geometries:
    """Return geometries in another reference system.

    Raises:
        ExecutionError: Another dimension than `geometry` is named (DimensionNotAvailable), or a geometry has no place
            there.
        InputError: There is no such reference system.
    """
    if dimension not in (None, "geometry"):
        raise ExecutionError(
            f"DimensionNotAvailable: geometries have no dimension {dimension!r}.", remedy="Leave it out."
        )
    return reprojected(
        geometries_of(data), crs_name(f"EPSG:{projection}" if isinstance(projection, int) else projection)
    )


def vector_buffer(geometries: Shapes, distance: Annotated[float, _distance]) -> Geometries:
    """Return each geometry widened by a distance in metres, or narrowed by a negative one; what vanishes is left out.

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
    wider = (shapely.buffer(shape, distance) for shape in given.shapes)
    return Geometries(tuple(shape for shape in wider if not shape.is_empty), given.crs)


def filter_vector(data: Shapes, geometries: Shapes, relation: Relation = "intersects") -> Geometries:
    """Return those geometries to which the others, taken together, stand in a relation of Simple Features.

    With `contains` the others contain them, with `within` they lie within each of them (filter_vector, parameter
    relation). Everything is compared in the reference system of `data`.

    Raises:
        ExecutionError: One of the arguments is no GeoJSON, or the others have no place in the system of `data`.
    """
    import shapely

    candidates = geometries_of(data)
    base = shapely.union_all(reprojected(geometries_of(geometries), candidates.crs).shapes)
    predicate = getattr(shapely, relation)
    met = predicate(base, np.array(candidates.shapes, dtype=object))
    return Geometries(tuple(shape for shape, kept in zip(candidates.shapes, met, strict=True) if kept), candidates.crs)

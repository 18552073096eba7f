"""GeoJSON objects as features."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.cubes.features import LONLAT, Feature
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    from shapely import Geometry

__all__ = ["features_in", "reference_system"]

_KINDS: Final = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


def features_in(value: dict[str, Any]) -> tuple[Feature, ...]:
    """Return what a GeoJSON object holds: a geometry, a Feature or a FeatureCollection, empty geometries included.

    A polygon that crosses itself is mended; what that leaves of lines and points encloses nothing and is dropped.

    Raises:
        ExecutionError: It is no such object, or a geometry is none (a GeometryCollection among others).
        InputError: Its reference system is none.
    """
    crs = reference_system(value)
    return tuple(_feature(member, crs) for member in _members(value))


def reference_system(value: dict[str, Any]) -> str:
    """Return the reference system of a GeoJSON object: its member `crs`, as clients still write it, or WGS 84.

    The member is of GeoJSON's first edition; to overlook it would move the geometries.

    Raises:
        InputError: It names none.
    """
    member = value.get("crs")
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else member
    if name is None:
        return LONLAT
    if not isinstance(name, str | int):
        raise InputError(f"{member!r} names no reference system.", remedy="Leave 'crs' out: GeoJSON is in WGS 84.")
    found = crs_name(f"EPSG:{name}" if isinstance(name, int) else name)
    return LONLAT if "CRS84" in str(name) else found


def _members(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the Features of an object; a bare geometry is one without properties."""
    if value.get("type") == "FeatureCollection":
        listed = value.get("features")
        if not isinstance(listed, list):
            raise ExecutionError("the FeatureCollection has no list of features.", remedy="Give it 'features'.")
        return [found for feature in listed if isinstance(feature, dict) for found in _members(feature)]
    return [value] if value.get("type") == "Feature" else [{"geometry": value}]


def _feature(member: dict[str, Any], crs: str) -> Feature:
    told, name = member.get("properties"), member.get("id")
    return Feature(
        shape=_shape(member.get("geometry")),
        crs=crs,
        properties=json.dumps(told if isinstance(told, dict) else {}, ensure_ascii=False),
        id=name if isinstance(name, str | int | float) and not isinstance(name, bool) else None,
    )


def _shape(geometry: object) -> Geometry:
    import shapely

    if geometry is None:
        return shapely.Polygon()
    if not isinstance(geometry, dict) or geometry.get("type") not in _KINDS:
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        raise ExecutionError(f"{kind!r} is no geometry that can be used.", remedy=f"Known: {', '.join(_KINDS)}.")
    try:
        made = _flat(geometry)
    except (ValueError, TypeError, LookupError, AttributeError, shapely.errors.ShapelyError) as error:
        raise ExecutionError(
            f"a {geometry['type']} has no usable coordinates: {error}.",
            remedy="Give them as RFC 7946 has them: longitude before latitude, in as many arrays as the type needs.",
        ) from None
    if made.is_empty or made.is_valid or not made.geom_type.endswith("Polygon"):
        return made
    parts = [part for part in shapely.get_parts(shapely.make_valid(made)) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _flat(geometry: dict[str, Any]) -> Geometry:
    """Return a geometry without heights.

    Raises:
        ValueError: A coordinate is no finite number, or shapely wants others.
    """
    import shapely
    from shapely.geometry import shape

    made = shapely.force_2d(shape(geometry))
    if not np.isfinite(shapely.get_coordinates(made)).all():
        raise ValueError("a coordinate is no finite number")
    return made

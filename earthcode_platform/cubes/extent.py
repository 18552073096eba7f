"""Boxes in degrees: those of items, whether two of them meet, and that of a grid in any CRS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue

    from earthcode_platform.models.window import BBox

__all__ = ["intersects", "item_bbox", "lonlat_bbox"]

_FLAT: Final = 4
_WITH_HEIGHT: Final = 6
_FULL_TURN: Final = 360.0
_SAMPLES: Final = 21
"""Points along each edge of a box when it is projected, so that bent edges are caught."""


def item_bbox(item: dict[str, JsonValue]) -> tuple[float, float, float, float] | None:
    """Return the box of a STAC item, from `bbox` or from its geometry; None where it has neither."""
    listed = item.get("bbox")
    numbers = [float(edge) for edge in listed if isinstance(edge, int | float)] if isinstance(listed, list) else []
    if len(numbers) == _FLAT:
        return numbers[0], numbers[1], numbers[2], numbers[3]
    if len(numbers) == _WITH_HEIGHT:
        return numbers[0], numbers[1], numbers[3], numbers[4]
    points = list(_points(item.get("geometry")))
    if not points:
        return None
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return min(lons), min(lats), max(lons), max(lats)


def _points(geometry: JsonValue) -> Iterator[tuple[float, float]]:
    if isinstance(geometry, dict):
        parts = geometry.get("geometries")
        geometry = parts if isinstance(parts, list) else geometry.get("coordinates")
    if not isinstance(geometry, list) or not geometry:
        return
    head = geometry[:2]
    if len(head) == 2 and all(isinstance(number, int | float) for number in head):  # noqa: PLR2004 - a position (RFC 7946)
        yield float(str(head[0])), float(str(head[1]))
        return
    for part in geometry:
        yield from _points(part)


def intersects(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Tell whether two boxes in degrees share a point; each may cross the antimeridian (RFC 7946, section 5.2)."""
    if one[1] > other[3] or other[1] > one[3]:
        return False
    return any(
        a_west <= b_east and b_west <= a_east for a_west, a_east in _spans(one) for b_west, b_east in _spans(other)
    )


def _spans(box: tuple[float, float, float, float]) -> tuple[tuple[float, float], ...]:
    west, _, east, _ = box
    return ((west, east),) if west <= east else ((west, 180.0), (-180.0, east))


def lonlat_bbox(crs: str, box: tuple[float, float, float, float]) -> BBox:
    """Return a box of the CRS (`EPSG:<code>` or WKT2) in degrees, EPSG:4326, inside -180 to 180 and -90 to 90.

    A box that spans the whole turn becomes -180 to 180; one that crosses the antimeridian has its west above its east.
    """
    from rasterio.warp import transform_bounds

    west, south, east, north = transform_bounds(crs, "EPSG:4326", *box, densify_pts=_SAMPLES)
    south, north = max(-90.0, south), min(90.0, north)
    if east - west >= _FULL_TURN - 1e-9:
        return -180.0, south, 180.0, north
    return _wrapped(west), south, _wrapped(east), north


def _wrapped(longitude: float) -> float:
    inside = -180.0 <= longitude <= 180.0  # noqa: PLR2004 - degrees of longitude
    return longitude if inside else (longitude + 180.0) % _FULL_TURN - 180.0

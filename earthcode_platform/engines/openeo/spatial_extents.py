"""The part of space that is loaded: a bounding box, or polygons."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from earthcode_platform.engines.openeo.along import Cube
from earthcode_platform.engines.openeo.extents import require_box
from earthcode_platform.engines.openeo.geometries import Geometries, geometries_of, is_area
from earthcode_platform.errors import ExecutionError

__all__ = ["Extent", "is_geojson", "require_extent"]


def require_extent(extent: object) -> None:
    """Check that a spatial extent is a bounding box that can hold a pixel, or GeoJSON of polygons.

    Raises:
        ExecutionError: It is neither.
        InputError: Its CRS is none.
    """
    if not is_geojson(extent):
        require_box(extent)
        return
    shapes = geometries_of(extent).shapes
    wrong = next((shape.geom_type for shape in shapes if not is_area(shape)), None)
    if wrong is not None or not shapes:
        raise ExecutionError(
            f"a {wrong} is no polygon." if wrong else "the GeoJSON holds no geometry.",
            remedy="Give polygons, or a bounding box.",
        )


Extent: TypeAlias = Annotated[dict[str, object] | Geometries | Cube, require_extent]
"""A bounding box with its CRS, or polygons: GeoJSON, or a vector cube."""


def is_geojson(extent: object) -> bool:
    """Tell whether an extent is GeoJSON or a vector cube, not a bounding box."""
    return isinstance(extent, Geometries | Cube) or (isinstance(extent, dict) and "type" in extent)

"""Geometries as arguments of processes, and the pixels of a cube that they meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import xarray as xr

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.crs import crs_name, crs_of, is_geographic
from earthcode_platform.cubes.dimensions import SPATIAL, X, Y
from earthcode_platform.engines.openeo.along import marked_truth
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from shapely import Geometry

__all__ = ["Geometries", "bounds_on", "geometries_of", "met", "reprojected"]

_KINDS: Final = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
_LONLAT: Final = "EPSG:4326"
_TURN: Final = 360.0
_SAMPLES: Final = 21
_PARTS: Final = 64
"""Into how many pieces the longest edge of a geometry is cut before it is brought to another reference system."""


@dataclass(frozen=True, slots=True)
class Geometries:
    """Geometries in one reference system, without empty ones."""

    shapes: tuple[Geometry, ...]
    """Points, lines and polygons, single or multiple."""
    crs: str
    """Their reference system: `EPSG:<code>` or WKT2; GeoJSON is in longitudes and latitudes (RFC 7946, section 4)."""


def geometries_of(value: object) -> Geometries:
    """Return what a GeoJSON object holds: a geometry, a Feature or a FeatureCollection; empty geometries are left out.

    A reference system is read from the member `crs` of GeoJSON's first edition, which clients still write: to overlook
    it would move the geometries.

    Raises:
        ExecutionError: It is no such object, or a geometry is none (a GeometryCollection among others).
        InputError: Its reference system is none.
    """
    if isinstance(value, Geometries):
        return value
    if not isinstance(value, dict):
        raise ExecutionError(f"{value!r} is no GeoJSON object.", remedy="Give a geometry, a Feature or a collection.")
    shapes = tuple(shape for found in _members(value) if (shape := _shape(found)) is not None)
    return Geometries(shapes, _crs(value))


def reprojected(geometries: Geometries, crs: str) -> Geometries:
    """Return geometries with their corners in another reference system.

    Raises:
        ExecutionError: A corner has no place there.
    """
    import shapely
    from pyproj import Transformer

    move = Transformer.from_crs(geometries.crs, crs, always_xy=True).transform
    shapes = tuple(shapely.transform(shape, move, interleaved=False) for shape in geometries.shapes)
    if not all(np.isfinite(shapely.get_coordinates(shape)).all() for shape in shapes):
        raise ExecutionError(
            f"a geometry reaches beyond what {crs[:40]} can show.", remedy="Choose a reference system of its region."
        )
    return Geometries(shapes, crs)


def bounds_on(cube: xr.DataArray, geometries: Geometries) -> tuple[float, float, float, float] | None:
    """Return the box around the pixels of the cube that geometries may meet; None if there is nothing to enclose.

    It is the box around the geometries in the reference system of the cube, and half a pixel more around points and
    lines.

    Raises:
        InputError: The cube has no reference system.
    """
    width, height = (_spacing(cube[name].values) / 2 for name in (X, Y))
    boxes: list[tuple[float, float, float, float]] = []
    for shape in _on(cube, geometries.shapes, geometries.crs):
        west, south, east, north = shape.bounds
        area = shape.geom_type.endswith("Polygon")
        boxes.append(shape.bounds if area else (west - width, south - height, east + width, north + height))
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def met(cube: xr.DataArray, geometries: Geometries) -> xr.DataArray:
    """Return the pixels that geometries meet, as a lazy cube of truth values along y and x, in the chunks of the cube.

    A polygon meets the pixels whose centres lie in it or on its edge; a point meets the pixel whose centre is next to
    it, a line those whose centres are next to one of its points (openEO, filter_spatial). Edges of polygons are
    straight in the reference system of the geometries.

    Raises:
        ExecutionError: The cube has no x or y.
        InputError: It has no reference system.
    """
    missing = [name for name in SPATIAL if name not in cube.dims]
    if missing:
        raise ExecutionError(f"DimensionMissing: the cube has no dimension {missing[0]!r}.")
    areas = [shape for shape in geometries.shapes if shape.geom_type.endswith("Polygon")]
    others = [shape for shape in geometries.shapes if not shape.geom_type.endswith("Polygon")]
    kernels = [_inside(areas, crs_of(cube), geometries.crs)] if areas else []
    kernels += [_touched(others, cube, geometries.crs)] if others else []

    def kernel(y: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
        columns, rows = np.broadcast_arrays(x, y)
        found = np.zeros(columns.shape, dtype=bool)
        for one in kernels:
            found |= one(columns, rows)
        return found.astype("float32")

    axes = [_axis(cube, name) for name in SPATIAL]
    return marked_truth(blockwise(kernel, *axes, dtype="float32"))


def _axis(cube: xr.DataArray, name: str) -> xr.DataArray:
    values = xr.DataArray(cube[name].values.astype("float64"), {name: cube[name]}, [name])
    return values.chunk({name: dict(cube.chunksizes).get(name, -1)})


def _inside(areas: list[Geometry], target: str, source: str) -> Callable[..., NDArray[np.bool_]]:
    """Return a function of centres that tells which lie in one of the areas."""
    import shapely

    area = shapely.union_all(areas)
    west, south, east, north = area.bounds

    def kernel(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        from pyproj import Transformer

        shapely.prepare(area)
        if is_geographic(target) and is_geographic(source):
            x = (x + _TURN / 2) % _TURN - _TURN / 2
        if target != source:
            x, y = Transformer.from_crs(target, source, always_xy=True).transform(x, y)
        # What has no place in the other system is infinite, and lies in no box either.
        near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        found = np.zeros(x.shape, dtype=bool)
        found[near] = shapely.intersects_xy(area, x[near], y[near])
        return found

    return kernel


def _touched(shapes: list[Geometry], cube: xr.DataArray, source: str) -> Callable[..., NDArray[np.bool_]]:
    """Return a function of centres that tells whose pixels meet one of the points and lines."""
    import shapely

    moved = _on(cube, shapes, source)
    width, height = (_spacing(cube[name].values) for name in (X, Y))

    def kernel(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        found = np.zeros(x.shape, dtype=bool)
        for shape in moved:
            west, south, east, north = shape.bounds
            near = (x >= west - width) & (x <= east + width) & (y >= south - height) & (y <= north + height)
            left, right = x[near] - width / 2, x[near] + width / 2
            cells = shapely.box(left, y[near] - height / 2, right, y[near] + height / 2)
            found[near] |= shapely.intersects(cells, shape)
        return found

    return kernel


def _spacing(values: NDArray[Any]) -> float:
    return float(np.abs(np.diff(values.astype("float64"))).mean()) if values.size > 1 else 0.0


def _on(cube: xr.DataArray, shapes: Sequence[Geometry], source: str) -> list[Geometry]:
    """Return geometries in the reference system of a cube, as far as they lie near it: far from there it may end."""
    import shapely
    from pyproj import Transformer

    target = crs_of(cube)
    if source == target or not cube.sizes[X] or not cube.sizes[Y]:
        return list(shapes)
    clipped = shapely.intersection(np.array(shapes, dtype=object), _neighbourhood(cube, target, source))
    transformer = Transformer.from_crs(target, source, always_xy=True)
    moved = []
    for shape in clipped[~shapely.is_empty(clipped)]:
        west, south, east, north = shape.bounds
        longest = max(east - west, north - south)
        fine = shapely.segmentize(shape, longest / _PARTS) if longest > 0 else shape
        back = shapely.transform(fine, lambda x, y: transformer.transform(x, y, direction="INVERSE"), interleaved=False)
        moved.append(back)
    return moved


def _neighbourhood(cube: xr.DataArray, target: str, source: str) -> Geometry:
    """Return the box of a cube and as much again around it, in another reference system."""
    import shapely
    from rasterio.warp import transform_bounds

    x, y = cube[X].values, cube[Y].values
    width, height = _spacing(x), _spacing(y)
    edges = (x.min() - width, y.min() - height, x.max() + width, y.max() + height)
    west, south, east, north = transform_bounds(target, source, *edges, densify_pts=_SAMPLES)
    if east < west:
        west, east = -_TURN / 2, _TURN / 2
    return shapely.box(west - (east - west), south - (north - south), east + (east - west), north + (north - south))


def _members(value: dict[str, Any]) -> list[object]:
    if value.get("type") == "FeatureCollection":
        listed = value.get("features")
        if not isinstance(listed, list):
            raise ExecutionError("the FeatureCollection has no list of features.", remedy="Give it 'features'.")
        return [found for feature in listed if isinstance(feature, dict) for found in _members(feature)]
    return [value.get("geometry")] if value.get("type") == "Feature" else [value]


def _shape(geometry: object) -> Geometry | None:
    """Return a geometry of GeoJSON; None if it is empty."""
    import shapely
    from shapely.geometry import shape

    if geometry is None:
        return None
    if not isinstance(geometry, dict) or geometry.get("type") not in _KINDS:
        kind = geometry.get("type") if isinstance(geometry, dict) else geometry
        raise ExecutionError(f"{kind!r} is no geometry that can be used.", remedy=f"Known: {', '.join(_KINDS)}.")
    try:
        made = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, LookupError, AttributeError, shapely.errors.ShapelyError) as error:
        raise ExecutionError(f"a {geometry['type']} has no usable coordinates: {error}.") from None
    if made.is_empty or made.is_valid or not made.geom_type.endswith("Polygon"):
        return None if made.is_empty else made
    # What a mended polygon leaves of lines and points encloses nothing.
    parts = [part for part in shapely.get_parts(shapely.make_valid(made)) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else None


def _crs(value: dict[str, Any]) -> str:
    member = value.get("crs")
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else member
    if name is None:
        return _LONLAT
    if not isinstance(name, str | int):
        raise InputError(f"{member!r} names no reference system.", remedy="Leave 'crs' out: GeoJSON is in WGS 84.")
    found = crs_name(f"EPSG:{name}" if isinstance(name, int) else name)
    return _LONLAT if "CRS84" in str(name) else found

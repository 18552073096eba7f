"""Which centres of pixels lie in geometries, or next to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.crs import crs_of, is_geographic
from earthcode_platform.cubes.dimensions import X, Y

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from numpy.typing import NDArray
    from shapely import Geometry

__all__ = ["inside", "moved_near", "spacing", "touched", "wrapped"]

_TURN: Final = 360.0
_SAMPLES: Final = 21
_PARTS: Final = 64
"""Into how many pieces the longest edge of a geometry is cut before it is brought to another reference system."""


def inside(area: Geometry, target: str, source: str) -> Callable[..., NDArray[np.bool_]]:
    """Return a function of centres that tells which lie in an area or on its edge.

    Edges are straight in the reference system of the area.

    Args:
        area: A polygon, single or multiple.
        target: The reference system of the centres.
        source: That of the area.
    """
    import shapely

    west, south, east, north = area.bounds

    def kernel(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        from pyproj import Transformer

        shapely.prepare(area)
        if is_geographic(target) and is_geographic(source):
            x = wrapped(x)
        if target != source:
            x, y = Transformer.from_crs(target, source, always_xy=True).transform(x, y)
        # What has no place in the other system is infinite, and lies in no box either.
        near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        found = np.zeros(x.shape, dtype=bool)
        found[near] = shapely.intersects_xy(area, x[near], y[near])
        return found

    return kernel


def wrapped(x: NDArray[Any]) -> NDArray[Any]:
    """Return longitudes between -180 and 180 degrees."""
    turned: NDArray[Any] = (x + _TURN / 2) % _TURN - _TURN / 2
    return turned


def touched(shapes: Sequence[Geometry], cube: xr.DataArray) -> Callable[..., NDArray[np.bool_]]:
    """Return a function of centres that tells whose pixels meet one of the points and lines.

    Args:
        shapes: Points and lines in the reference system of the cube.
        cube: What the pixels are of.
    """
    import shapely

    width, height = (spacing(cube[name].values) for name in (X, Y))
    around = is_geographic(crs_of(cube))

    def kernel(x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
        found = np.zeros(x.shape, dtype=bool)
        x = wrapped(x) if around else x
        for shape in shapes:
            west, south, east, north = shape.bounds
            near = (x >= west - width) & (x <= east + width) & (y >= south - height) & (y <= north + height)
            left, right = x[near] - width / 2, x[near] + width / 2
            cells = shapely.box(left, y[near] - height / 2, right, y[near] + height / 2)
            found[near] |= shapely.intersects(cells, shape)
        return found

    return kernel


def spacing(values: NDArray[Any]) -> float:
    """Return the distance between neighbouring centres; 0 for a single one."""
    return float(np.abs(np.diff(values.astype("float64"))).mean()) if values.size > 1 else 0.0


def moved_near(cube: xr.DataArray, shapes: Sequence[Geometry], source: str) -> list[Geometry]:
    """Return geometries in the reference system of a cube, as far as they lie near it: far from there it may end.

    What lies far away is empty.
    """
    import shapely
    from pyproj import Transformer

    target = crs_of(cube)
    if source == target or not cube.sizes[X] or not cube.sizes[Y]:
        return list(shapes)
    clipped = shapely.intersection(np.array(shapes, dtype=object), _neighbourhood(cube, target, source))
    transformer = Transformer.from_crs(target, source, always_xy=True)

    def back(x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        moved: tuple[NDArray[Any], NDArray[Any]] = transformer.transform(x, y, direction="INVERSE")
        return moved

    moved = []
    for shape in clipped:
        west, south, east, north = (0.0,) * 4 if shape.is_empty else shape.bounds
        longest = max(east - west, north - south)
        fine = shapely.segmentize(shape, longest / _PARTS) if longest > 0 else shape
        moved.append(shapely.transform(fine, back, interleaved=False))
    return moved


def _neighbourhood(cube: xr.DataArray, target: str, source: str) -> Geometry:
    """Return the box of a cube and as much again around it, in another reference system."""
    import shapely
    from rasterio.warp import transform_bounds

    x, y = cube[X].values, cube[Y].values
    width, height = spacing(x), spacing(y)
    edges = (x.min() - width, y.min() - height, x.max() + width, y.max() + height)
    west, south, east, north = transform_bounds(target, source, *edges, densify_pts=_SAMPLES)
    if east < west:
        west, east = -_TURN / 2, _TURN / 2
    return shapely.box(west - (east - west), south - (north - south), east + (east - west), north + (north - south))

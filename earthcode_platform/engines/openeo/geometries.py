"""Geometries as arguments of processes, and the pixels of a cube that they meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.crs import crs_of, is_geographic
from earthcode_platform.cubes.dimensions import SPATIAL, X, Y
from earthcode_platform.cubes.features import LONLAT, Feature, features_of, moved
from earthcode_platform.engines.openeo.along import marked_truth
from earthcode_platform.engines.openeo.geojson_objects import features_in
from earthcode_platform.engines.openeo.meeting import inside, moved_near, spacing, touched
from earthcode_platform.errors import ExecutionError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import Geometry

__all__ = [
    "Geometries",
    "areas_of",
    "bounds_on",
    "boxes_of",
    "geometries_of",
    "is_area",
    "lies_near",
    "met",
    "reprojected",
    "require_places",
]


@dataclass(frozen=True, slots=True)
class Geometries:
    """Geometries in one reference system, with their properties."""

    features: tuple[Feature, ...]
    """The geometries in order, empty ones included."""
    crs: str = LONLAT
    """Their reference system: `EPSG:<code>` or WKT2."""

    @property
    def shapes(self) -> tuple[Geometry, ...]:
        """Points, lines and polygons, single or multiple; empty ones are left out."""
        return tuple(feature.shape for feature in self.features if not feature.shape.is_empty)


def geometries_of(value: object) -> Geometries:
    """Return the geometries of a GeoJSON object, of a vector cube, or of what a process made of one.

    Raises:
        ExecutionError: It is none of these, or a geometry is none (a GeometryCollection among others).
        InputError: Its reference system is none, or the cube has no geometries.
    """
    if isinstance(value, Geometries):
        return value
    if isinstance(value, xr.DataArray):
        found = features_of(value)
    elif isinstance(value, dict):
        found = features_in(value)
    else:
        raise ExecutionError(f"{value!r} is no GeoJSON object.", remedy="Give a geometry, a Feature or a collection.")
    return Geometries(found, found[0].crs if found else LONLAT)


def areas_of(value: object) -> Geometries:
    """Return geometries of which all are polygons.

    Raises:
        ExecutionError: One is something else, or it is no GeoJSON.
    """
    found = geometries_of(value)
    wrong = next((shape.geom_type for shape in found.shapes if not is_area(shape)), None)
    if wrong is not None:
        raise ExecutionError(f"a {wrong} is no polygon.", remedy="Give polygons, or use filter_spatial.")
    return found


def is_area(shape: Geometry) -> bool:
    """Tell whether a geometry is a polygon, single or multiple."""
    return bool(shape.geom_type.endswith("Polygon"))


def reprojected(geometries: Geometries, crs: str) -> Geometries:
    """Return geometries with their corners in another reference system.

    Raises:
        ExecutionError: A corner has no place there.
    """
    import shapely

    features = moved(geometries.features, crs)
    if not all(np.isfinite(shapely.get_coordinates(feature.shape)).all() for feature in features):
        raise ExecutionError(
            f"a geometry reaches beyond what {crs[:40]} can show.", remedy="Choose a reference system of its region."
        )
    return Geometries(features, crs)


def bounds_on(cube: xr.DataArray, geometries: Geometries) -> tuple[float, float, float, float] | None:
    """Return the box around the pixels of the cube that geometries may meet; None if there is nothing to enclose.

    It is the box around the geometries in the reference system of the cube, and half a pixel more around points and
    lines.

    Raises:
        InputError: The cube has no reference system.
    """
    width, height = (spacing(cube[name].values) / 2 for name in (X, Y))
    boxes: list[tuple[float, float, float, float]] = []
    for shape in _near(cube, geometries.shapes, geometries.crs):
        west, south, east, north = shape.bounds
        boxes.append(shape.bounds if is_area(shape) else (west - width, south - height, east + width, north + height))
    if not boxes:
        return None
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def lies_near(cube: xr.DataArray, geometries: Geometries) -> bool:
    """Tell whether the box of a geometry meets that of the pixels of a cube.

    Raises:
        InputError: The cube has no reference system.
    """
    west, south, east, north = _edges(cube)
    around = is_geographic(crs_of(cube))
    for shape in _near(cube, geometries.shapes, geometries.crs):
        left, bottom, right, top = shape.bounds
        # A globe may count its longitudes from Greenwich or from the antimeridian.
        turns = (0.0, 360.0, -360.0) if around else (0.0,)
        if bottom <= north and top >= south and any(left + turn <= east and right + turn >= west for turn in turns):
            return True
    return False


def boxes_of(cube: xr.DataArray, geometries: Geometries) -> tuple[str, str]:
    """Return in words where geometries lie, each end in their own reference system, and where the pixels of a cube."""
    bounds = np.array([shape.bounds for shape in geometries.shapes])
    there = (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0))
    return (
        f"the geometries lie within {_told(there)} ({geometries.crs[:40]})",
        f"the data within {_told(_edges(cube))} ({crs_of(cube)[:40]})",
    )


def _told(box: tuple[float, ...]) -> str:
    return ", ".join(f"{edge:.10g}" for edge in box)


def _edges(cube: xr.DataArray) -> tuple[float, float, float, float]:
    x, y = (cube[name].values.astype("float64") for name in (X, Y))
    width, height = spacing(x) / 2, spacing(y) / 2
    return float(x.min() - width), float(y.min() - height), float(x.max() + width), float(y.max() + height)


def require_places(cube: xr.DataArray) -> None:
    """Check that a cube has x and y.

    Raises:
        ExecutionError: It has not (DimensionMissing).
    """
    missing = [name for name in SPATIAL if name not in cube.dims]
    if missing:
        raise ExecutionError(f"DimensionMissing: the cube has no dimension {missing[0]!r}.")


def met(cube: xr.DataArray, geometries: Geometries) -> xr.DataArray:
    """Return the pixels that geometries meet, as a lazy cube of truth values along y and x, in the chunks of the cube.

    A polygon meets the pixels whose centres lie in it or on its edge; a point meets the pixel whose centre is next to
    it, a line those whose centres are next to one of its points (openEO, filter_spatial). Edges of polygons are
    straight in the reference system of the geometries.

    Raises:
        ExecutionError: The cube has no x or y.
        InputError: It has no reference system.
    """
    import shapely

    require_places(cube)
    areas = [shape for shape in geometries.shapes if is_area(shape)]
    others = _near(cube, tuple(shape for shape in geometries.shapes if not is_area(shape)), geometries.crs)
    kernels = [inside(shapely.union_all(areas), crs_of(cube), geometries.crs)] if areas else []
    kernels += [touched(others, cube)] if others else []

    def kernel(y: NDArray[Any], x: NDArray[Any]) -> NDArray[Any]:
        columns, rows = np.broadcast_arrays(x, y)
        found = np.zeros(columns.shape, dtype=bool)
        for one in kernels:
            found |= one(columns, rows)
        return found.astype("float32")

    axes = [_axis(cube, name) for name in SPATIAL]
    return marked_truth(blockwise(kernel, *axes, dtype="float32"))


def _near(cube: xr.DataArray, shapes: tuple[Geometry, ...], source: str) -> list[Geometry]:
    return [shape for shape in moved_near(cube, shapes, source) if not shape.is_empty]


def _axis(cube: xr.DataArray, name: str) -> xr.DataArray:
    values = xr.DataArray(cube[name].values.astype("float64"), {name: cube[name]}, [name])
    return values.chunk({name: dict(cube.chunksizes).get(name, -1)})

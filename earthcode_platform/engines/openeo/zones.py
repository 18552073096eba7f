"""The pixels of each geometry by itself: zones of a raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from earthcode_platform.cubes.crs import crs_of, is_geographic
from earthcode_platform.cubes.dimensions import X, Y
from earthcode_platform.engines.openeo.geometries import is_area, require_places
from earthcode_platform.engines.openeo.meeting import inside, moved_near, spacing, touched, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import xarray as xr
    from numpy.typing import NDArray
    from shapely import Geometry

    from earthcode_platform.engines.openeo.geometries import Geometries

__all__ = ["Zone", "zones"]

_AT_ONCE: Final = 4_000_000
"""Centres that are looked at in one go."""


@dataclass(frozen=True, slots=True)
class Zone:
    """The pixels of one geometry, as indices along y and x."""

    rows: NDArray[np.int64]
    """Index along y of each pixel."""
    columns: NDArray[np.int64]
    """Index along x of each pixel."""

    @property
    def size(self) -> int:
        """How many pixels it has."""
        return int(self.rows.size)

    def window(self) -> tuple[slice, slice]:
        """Return the smallest rows and columns that hold all pixels of a zone that has some."""
        return _around(self.rows), _around(self.columns)

    def mask(self) -> NDArray[np.bool_]:
        """Return which pixels of the window are its own."""
        rows, columns = self.window()
        found = np.zeros((rows.stop - rows.start, columns.stop - columns.start), dtype=bool)
        found[self.rows - rows.start, self.columns - columns.start] = True
        return found


def zones(cube: xr.DataArray, geometries: Geometries) -> list[Zone]:
    """Return the pixels of each geometry, in the order of the geometries; none for those that are empty or elsewhere.

    Of a polygon these are the pixels whose centres lie in it or on its edge, of a point the one whose centre is next to
    it, of a line those whose centres are next to one of its points (openEO, aggregate_spatial). No pixel is read.

    Raises:
        ExecutionError: The cube has no x or y (DimensionMissing).
        InputError: It has no reference system.
    """
    require_places(cube)
    target = crs_of(cube)
    shapes = [feature.shape for feature in geometries.features]
    moved = moved_near(cube, shapes, geometries.crs)
    return [_zone(cube, shape, near, (target, geometries.crs)) for shape, near in zip(shapes, moved, strict=True)]


def _zone(cube: xr.DataArray, shape: Geometry, near: Geometry, systems: tuple[str, str]) -> Zone:
    """Return the pixels of a geometry.

    Args:
        cube: The raster.
        shape: The geometry in its own reference system.
        near: The same in that of the raster, as far as it lies near it.
        systems: The reference systems of the raster and of the geometry.
    """
    if near.is_empty:
        return _joined([])
    if near.geom_type.endswith("Point"):
        return _joined([_nearest(cube, point, systems[0]) for point in shapely.get_parts(near)])
    test = inside(shape, *systems) if is_area(shape) else touched([near], cube)
    y, x = (cube[name].values.astype("float64") for name in (Y, X))
    rows, columns = _candidates(cube, near, systems[0])
    return _joined([_found(test, y, x, part, columns) for part in _pieces(rows, columns)])


def _found(
    test: Callable[..., NDArray[np.bool_]],
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> Zone:
    across, down = np.meshgrid(x[columns], y[rows])
    row, column = np.nonzero(test(across, down))
    return Zone(rows[row], columns[column])


def _candidates(cube: xr.DataArray, near: Geometry, crs: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and columns that a geometry may meet: those in its box, and one more on every side."""
    west, south, east, north = near.bounds
    y, x = cube[Y].values.astype("float64"), _eastings(cube, crs)
    height, width = spacing(y), spacing(x)
    return (
        np.flatnonzero((y >= south - height) & (y <= north + height)),
        np.flatnonzero((x >= west - width) & (x <= east + width)),
    )


def _eastings(cube: xr.DataArray, crs: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = cube[X].values.astype("float64")
    return wrapped(values) if is_geographic(crs) else values


def _pieces(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    step = max(1, _AT_ONCE // max(1, columns.size))
    for start in range(0, rows.size, step):
        yield rows[start : start + step]


def _nearest(cube: xr.DataArray, point: Geometry, crs: str) -> Zone:
    """Return the pixel whose centre is next to a point; the first of two that are as near. None beyond the cube."""
    row = _closest(cube[Y].values.astype("float64"), point.y)
    column = _closest(_eastings(cube, crs), point.x)
    if row is None or column is None:
        return _joined([])
    return Zone(np.array([row]), np.array([column]))


def _closest(centres: NDArray[np.float64], place: float) -> int | None:
    if not centres.size:
        return None
    away = np.abs(centres - place)
    at = int(away.argmin())
    # Half a pixel, and what float32 moves a centre by; a single pixel has no known size and takes no other place.
    return at if away[at] <= spacing(centres) * (0.5 + 1e-6) or centres.size == 1 else None


def _joined(parts: list[Zone]) -> Zone:
    """Return several zones as one, each pixel once."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Zone(np.empty(0, dtype="int64"), np.empty(0, dtype="int64"))
    both = np.stack([np.concatenate([part.rows for part in parts]), np.concatenate([part.columns for part in parts])])
    rows, columns = np.unique(both, axis=1)
    return Zone(rows, columns)


def _around(indices: NDArray[Any]) -> slice:
    return slice(int(indices.min()), int(indices.max()) + 1)

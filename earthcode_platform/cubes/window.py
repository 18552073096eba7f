"""The part of a cube that lies in a span of time or in a box on the ground."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from earthcode_platform.cubes.crs import crs_name, crs_of, is_geographic
from earthcode_platform.cubes.dimensions import TIME, X, Y
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.models.window import TimeWindow

__all__ = ["in_box", "in_window", "span", "within_box"]

Box: TypeAlias = tuple[float, float, float, float]
_TURN: Final = 360.0
_MARGIN: Final = 1.0
"""Degrees around the data within which a box is looked at."""
_SLACK: Final = 2e-5
"""Degrees within which a longitude lies on the edge of a box: coordinates stored as float32 deviate so much."""
_SAMPLES: Final = 21


def span(cube: xr.DataArray) -> tuple[datetime, datetime] | None:
    """Return the first and last moment of `t` in UTC; None if it has no moments."""
    if TIME not in cube.dims or cube[TIME].dtype.kind != "M" or not cube.sizes[TIME]:
        return None
    stamps = cube[TIME].values.astype("datetime64[us]")
    return stamps.min().item().replace(tzinfo=UTC), stamps.max().item().replace(tzinfo=UTC)


def in_window(cube: xr.DataArray, window: TimeWindow) -> xr.DataArray:
    """Return the dates of the cube inside the window, both ends included.

    Raises:
        InputError: None is inside; the message says what the cube covers.
    """
    stamps = cube[TIME].values
    inside = np.ones(stamps.size, dtype=bool)
    if window.start is not None:
        inside &= stamps >= np.datetime64(window.start.astimezone(UTC).replace(tzinfo=None))
    if window.end is not None:
        inside &= stamps <= np.datetime64(window.end.astimezone(UTC).replace(tzinfo=None))
    if not inside.any():
        raise InputError(f"no date lies in {window}; the data cover {_shown(cube)}.", remedy="Widen the time window.")
    return cube.isel({TIME: _positions(np.flatnonzero(inside))})


def _shown(cube: xr.DataArray) -> str:
    covered = span(cube)
    return "no moments" if covered is None else f"{covered[0].isoformat()} to {covered[1].isoformat()}"


def _positions(indices: NDArray[np.intp]) -> slice | NDArray[np.intp]:
    """Return the indices as a slice where they are one: slices read and chunk best."""
    contiguous = bool((np.diff(indices) == 1).all())
    return slice(int(indices[0]), int(indices[-1]) + 1) if contiguous else indices


def in_box(cube: xr.DataArray, box: Box, crs: str = "EPSG:4326") -> xr.DataArray:
    """Return the pixels whose centres lie in the box, at least one; otherwise as `within_box`.

    Raises:
        InputError: No pixel lies in the box, or its west lies east of its east in a projected CRS.
    """
    part = within_box(cube, box, crs)
    if not part.sizes[X] or not part.sizes[Y]:
        raise _outside(cube, box, crs_of(cube))
    return part


def within_box(cube: xr.DataArray, box: Box, crs: str = "EPSG:4326") -> xr.DataArray:
    """Return the pixels whose centres lie in the box, edges included; without rows and columns if there is none.

    On a grid in degrees longitudes are taken around the globe: a box across the antimeridian (west above east) gives
    one contiguous cube whose longitudes run on beyond 180. A box that begins beyond 180 is the same as one turn back.

    Args:
        cube: A cube with x, y and a CRS.
        box: West, south, east, north in the units of `crs`.
        crs: CRS of the box; it is reprojected to that of the cube.

    Raises:
        InputError: A box across the antimeridian meets a projected grid.
    """
    target = crs_of(cube)
    if is_geographic(target) and is_geographic(crs):
        west, south, east, north = _on_globe(box)
        columns, longitudes = _around(cube[X].values.astype("float64"), west, east)
    else:
        edges = _reprojected(cube, box, crs_name(crs), target)
        if edges is None:
            return cube.isel({Y: slice(0), X: slice(0)})
        west, south, east, north = edges
        columns, longitudes = np.flatnonzero((cube[X].values >= west) & (cube[X].values <= east)), None
    rows = np.flatnonzero((cube[Y].values >= south - _SLACK) & (cube[Y].values <= north + _SLACK))
    if not columns.size or not rows.size:
        return cube.isel({Y: slice(0), X: slice(0)})
    part = cube.isel({Y: _positions(rows), X: _positions(columns)})
    if longitudes is None:
        return part
    return part.assign_coords({X: (X, longitudes, cube[X].attrs)})


def _outside(cube: xr.DataArray, box: Box, target: str) -> InputError:
    return InputError(
        f"the box {list(box)} holds no pixel centre; the data cover {_covered(cube)} in {target[:40]}.",
        remedy="Choose a box that meets the data.",
    )


def _on_globe(box: Box) -> Box:
    """Return a box in degrees that begins between -180 and 180; its width stays."""
    west, south, east, north = box
    if -_TURN / 2 <= west <= _TURN / 2:
        return box
    turns = np.floor((west + _TURN / 2) / _TURN) * _TURN
    return float(west - turns), south, float(east - turns), north


def _around(values: NDArray[np.float64], west: float, east: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    width = (east - west) % _TURN or _TURN
    beyond = (values - west + _SLACK) % _TURN - _SLACK
    inside = np.flatnonzero(beyond <= width + (_SLACK if width < _TURN else -_SLACK))
    columns = inside[np.argsort(beyond[inside], kind="stable")]
    turns = np.round((west + beyond[columns] - values[columns]) / _TURN)
    return columns, values[columns] + _TURN * turns


def _reprojected(cube: xr.DataArray, box: Box, crs: str, target: str) -> Box | None:
    """Return a box in the units of the data; None if it lies far from them."""
    from rasterio.warp import transform_bounds

    if box[0] > box[2]:
        if not is_geographic(crs):
            raise InputError(f"the west of the box {list(box)} lies east of its east.", remedy="Swap them.")
        box = (box[0], box[1], box[2] + _TURN, box[3])
        if box[2] - box[0] > _TURN / 2:
            raise InputError(
                f"the box spans {box[2] - box[0]:g} degrees across the antimeridian, from {box[0]:g} to the east.",
                remedy="Swap west and east, or give two boxes if that is meant.",
            )
    if crs == target:
        return box
    if is_geographic(crs):
        near = _near(cube, box, target)
        if near is None:
            return None
        box = near
    west, south, east, north = transform_bounds(crs, target, *box, densify_pts=_SAMPLES)
    return west, south, east, north


def _near(cube: xr.DataArray, box: Box, target: str) -> Box | None:
    """Return the part of a box in degrees near the data, if any: far from their zone a projection is undefined."""
    from rasterio.warp import transform_bounds

    x, y = cube[X].values, cube[Y].values
    west, south, east, north = transform_bounds(
        target, "EPSG:4326", x.min(), y.min(), x.max(), y.max(), densify_pts=_SAMPLES
    )
    east += _TURN * (east < west)
    parts = [
        (max(box[0] + turn, west - _MARGIN), min(box[2] + turn, east + _MARGIN))
        for turn in np.arange(-2, 3) * _TURN - np.floor((box[0] + _TURN / 2) / _TURN) * _TURN
    ]
    parts = [part for part in parts if part[0] <= part[1]]
    low, high = max(box[1], south - _MARGIN), min(box[3], north + _MARGIN)
    if not parts or low > high:
        return None
    return min(part[0] for part in parts), low, max(part[1] for part in parts), high


def _covered(cube: xr.DataArray) -> str:
    x, y = cube[X].values, cube[Y].values
    return f"{[float(x.min()), float(y.min()), float(x.max()), float(y.max())]}"

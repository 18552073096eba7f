"""Cubes on other grids."""

from typing import Literal

from earthcode_platform.cubes.resample import resampled
from earthcode_platform.engines.openeo.aligning import on_grid_of
from earthcode_platform.engines.openeo.allowed import Method, Projection, Resolution
from earthcode_platform.engines.openeo.along import Cube
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import ExecutionError

__all__ = ["resample_cube_spatial", "resample_spatial"]


def resample_spatial(
    data: Cube,
    resolution: Resolution = 0,
    projection: Projection | None = None,
    method: Method = "near",
    align: Literal["upper-left"] = "upper-left",
) -> Cube:
    """Return the cube in another resolution or projection, on a grid that begins at its upper left corner.

    Raises:
        ExecutionError: Neither is asked for, or another alignment.
        InputError: The projection is none.
        UnknownNameError: There is no such method.
    """
    cube = require_cube(data)
    size = (resolution, resolution) if isinstance(resolution, int | float) else tuple(resolution)
    if align != "upper-left":
        raise ExecutionError(f"the alignment {align!r} is not supported.", remedy="Use upper-left, the default.")
    if len(size) != 2 or min(size) < 0 or (not any(size) and projection is None):  # noqa: PLR2004 - width and height
        raise ExecutionError(f"the resolution {resolution!r} asks for nothing.", remedy="Give it, or a projection.")
    crs = f"EPSG:{projection}" if isinstance(projection, int) else projection
    return resampled(cube, (float(size[0]), float(size[1])), crs, method)


def resample_cube_spatial(data: Cube, target: Cube, method: Method = "near") -> Cube:
    """Return the cube on the pixels of another cube.

    Raises:
        InputError: One of them has no grid.
        UnknownNameError: There is no such method.
    """
    return on_grid_of(require_cube(data), require_cube(target), method)

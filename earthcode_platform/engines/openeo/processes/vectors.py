"""Cubes cut and masked by geometries."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from earthcode_platform.cubes.crs import crs_of
from earthcode_platform.cubes.dimensions import X, Y, ordered
from earthcode_platform.cubes.window import within_box
from earthcode_platform.engines.openeo.along import Cube, is_truth, marked_truth
from earthcode_platform.engines.openeo.geometries import Geometries, areas_of, bounds_on, geometries_of, met
from earthcode_platform.engines.openeo.lifting import Kernel, lifted
from earthcode_platform.engines.openeo.processes.features import Shapes
from earthcode_platform.engines.openeo.shapes import require_cube

__all__ = ["filter_spatial", "mask_polygon"]


Areas = Annotated[dict[str, object] | Geometries | Cube, areas_of]
"""The same as `Shapes`, with polygons alone."""


def mask_polygon(data: Cube, mask: Areas, replacement: float | bool | None = None, *, inside: bool = False) -> Cube:  # noqa: FBT001 - the specification allows a truth value
    """Return the cube with another value wherever the centre of a pixel lies in no polygon, or with `inside`, in one.

    No-data stay no-data, whatever the replacement (mask_polygon, description).

    Raises:
        ExecutionError: The mask is no GeoJSON of polygons, or the cube has no x or y (DimensionMissing).
        InputError: The cube has no reference system.
    """
    cube = require_cube(data)
    put = np.nan if replacement is None else float(replacement)

    def kernel(values: NDArray[np.floating], hit: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.where(np.isnan(values) | (np.equal(hit, 1) != inside), values, put)

    masked = _lifted(kernel, cube, met(cube, areas_of(mask)))
    return marked_truth(masked) if is_truth(cube) else masked


def filter_spatial(data: Cube, geometries: Shapes) -> Cube:
    """Return the pixels that the geometries meet, in the box around these; the others in the box are no-data.

    Polygons meet the pixels whose centres lie in them, points and lines those whose centres are next to them
    (filter_spatial, description). None may be left; the check tells of that before anything runs.

    Raises:
        ExecutionError: The geometries are no GeoJSON, or the cube has no x or y (DimensionMissing).
        InputError: The cube has no reference system.
    """
    cube, shapes = require_cube(data), geometries_of(geometries)
    hit = met(cube, shapes)
    box = bounds_on(cube, shapes)
    if box is None:
        return cube.isel({Y: slice(0), X: slice(0)})
    kept = _lifted(lambda values, inside: np.where(np.equal(inside, 1), values, np.nan), cube, hit)
    around = within_box(kept, box, crs_of(cube))
    return marked_truth(around) if is_truth(cube) else around


def _lifted(kernel: Kernel, cube: Cube, hit: Cube) -> Cube:
    bare = hit.drop_vars([name for name in hit.coords if name not in hit.dims])
    return ordered(require_cube(lifted(kernel, cube, bare, dtype=str(np.result_type("float32", cube.dtype)))))

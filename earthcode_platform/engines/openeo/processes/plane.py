"""Whole planes of a cube at once."""

from earthcode_platform.cubes.blocks import rechunked
from earthcode_platform.cubes.dimensions import SPATIAL, ordered
from earthcode_platform.engines.openeo.along import Along, Cube, Value
from earthcode_platform.engines.openeo.callbacks import Reducer
from earthcode_platform.engines.openeo.shapes import as_cube, require_cube, require_dimension
from earthcode_platform.errors import ExecutionError

__all__ = ["reduce_spatial"]

_PIXEL = "pixel"


def reduce_spatial(data: Cube, reducer: Reducer, context: Value = None) -> Cube:
    """Return the cube without x and y: the reducer gives one value for all pixels of a plane.

    Raises:
        ExecutionError: There is no x or y, or the reducer gives an array.
    """
    cube = require_cube(data)
    for name in SPATIAL:
        require_dimension(cube, name)
    whole = rechunked(cube, dict.fromkeys(SPATIAL, -1)).drop_vars([*SPATIAL, "spatial_ref"], errors="ignore")
    pixels = whole.stack({_PIXEL: SPATIAL}, create_index=False)
    result = reducer(data=Along(pixels, _PIXEL), context=context)
    if isinstance(result, Along | list):
        raise ExecutionError("the reducer gives an array, not one value.", remedy="Reduce it.")
    return ordered(as_cube(result, pixels.isel({_PIXEL: 0}, drop=True)))

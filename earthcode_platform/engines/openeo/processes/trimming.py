"""Labels that hold nothing."""

import numpy as np

from earthcode_platform.cubes.dimensions import SPATIAL
from earthcode_platform.engines.openeo.along import Cube
from earthcode_platform.engines.openeo.session import NotYetKnownError, Session
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import ExecutionError

__all__ = ["trim_cube"]


def trim_cube(session: Session, data: Cube) -> Cube:
    """Return the cube without labels that have no data at all; of x and y, those at the edges alone.

    Which these are hangs on the values: they are computed for it, and no check can tell what is left.

    Raises:
        ExecutionError: Nothing is left (NoDataAvailable).
    """
    cube = require_cube(data)
    if session.rehearsing:
        raise NotYetKnownError
    kept = {}
    for name in map(str, cube.dims):
        others = [other for other in cube.dims if other != name]
        valid = np.flatnonzero(cube.notnull().any(others).values)
        if not valid.size:
            raise ExecutionError("NoDataAvailable: the cube holds no data.", remedy="Look at the masks before it.")
        kept[name] = np.arange(valid[0], valid[-1] + 1) if name in SPATIAL else valid
    return cube.isel(kept)

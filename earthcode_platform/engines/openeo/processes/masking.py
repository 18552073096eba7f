"""Masks."""

from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from earthcode_platform.cubes.branchless import blanked
from earthcode_platform.cubes.dimensions import SPATIAL, ordered
from earthcode_platform.engines.openeo.aligning import on_grid_of
from earthcode_platform.engines.openeo.along import Cube, is_truth, marked_truth
from earthcode_platform.engines.openeo.lifting import lifted
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import ExecutionError

__all__ = ["mask"]


def mask(data: Cube, mask: Cube, replacement: float | bool | None = None) -> Cube:  # noqa: FBT001 - the specification allows a truth value
    """Return the cube with another value wherever the mask is true or not zero; no-data in the mask masks nothing.

    The mask is brought to the pixels of the data, by nearest neighbour. A dimension that it lacks, or of which it has a
    single label that the data lack, is masked alike for every label.

    Raises:
        ExecutionError: The mask has a dimension or labels that the data lack (IncompatibleDataCubes).
    """
    cube, over = require_cube(data), on_grid_of(require_cube(mask), require_cube(data))
    over = over.isel(
        {name: 0 for name in over.dims if name not in SPATIAL and _is_for_all(over, cube, name)}, drop=True
    )
    extra = [str(name) for name in over.dims if name not in cube.dims]
    if extra:
        raise ExecutionError(
            f"IncompatibleDataCubes: the mask has the dimension {extra[0]!r}, which the data lack.",
            remedy="Drop it, or reduce it.",
        )
    bare = over.drop_vars([name for name in over.coords if name not in over.dims])
    dtype = np.result_type("float32", cube.dtype)
    if replacement is None:
        # What masks is computed by itself: once for all bands, and from a table where it hangs on classes.
        masked = lifted(lambda values: blanked(np.zeros_like(values, dtype), _hit(values)), bare, dtype=str(dtype))
        result = lifted(np.subtract, cube, masked, dtype=str(dtype))
    else:
        put = float(replacement)
        result = lifted(lambda values, masked: np.where(_hit(masked), put, values), cube, bare, dtype=str(dtype))
    result = ordered(require_cube(result))
    return marked_truth(result) if is_truth(cube) else result


def _hit(mask: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return where a mask is known and not zero."""
    hit: NDArray[np.bool_] = np.not_equal(mask, 0)
    unknown = np.isnan(mask)
    if unknown.any():
        hit &= ~unknown
    return hit


def _is_for_all(mask: Cube, cube: Cube, name: Hashable) -> bool:
    """Tell whether the one label of a mask along a dimension stands for all labels of the data."""
    return mask.sizes[name] == 1 and (name not in cube.dims or mask[name].values.tolist() != cube[name].values.tolist())

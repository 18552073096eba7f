"""Functions of planes that look around each pixel, applied to lazy cubes block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import dask.array as da
import numpy as np

from earthcode_platform.cubes.blocks import rechunked
from earthcode_platform.cubes.dimensions import SPATIAL
from earthcode_platform.errors import ExecutionError

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["BORDERS", "around_pixels"]

BORDERS: Final = {"replicate": "edge", "reflect": "symmetric", "reflect_pixel": "reflect", "wrap": "wrap"}
"""openEO's names of how data go on beyond the border, and NumPy's."""


def around_pixels(
    kernel: Callable[[NDArray[Any]], NDArray[Any]],
    cube: xr.DataArray,
    reach: tuple[int, int],
    *,
    border: str | float = 0,
) -> xr.DataArray:
    """Return the cube that `kernel` makes of its planes, each block of them read with its surroundings.

    Args:
        kernel: Takes an array whose last axes are rows and columns, and returns one of the same shape. What it gives
            within `reach` of the edges of that array is not used.
        cube: A cube with x and y.
        reach: How many pixels up and down, and left and right, decide on a pixel.
        border: How the data go on beyond the border: one of `BORDERS`, or a number.

    Raises:
        ExecutionError: The cube has no x and y, or is smaller than the reach and its border is to be mirrored.
    """
    if not set(SPATIAL) <= set(cube.dims):
        raise ExecutionError("DimensionNotAvailable: the cube has no dimensions 'x' and 'y'.")
    if isinstance(border, str) and any(cube.sizes[name] <= deep for name, deep in zip(SPATIAL, reach, strict=True)):
        raise ExecutionError(
            f"the kernel reaches {max(reach)} pixels, and the cube is {cube.sizes['y']} by {cube.sizes['x']}.",
            remedy="Give a number for 'border', or a larger window.",
        )
    planes = rechunked(cube.transpose(..., *SPATIAL), {})
    widths = [(0, 0)] * (planes.ndim - 2) + [(deep, deep) for deep in reach]
    mode = {"mode": BORDERS[border]} if isinstance(border, str) else {"mode": "constant", "constant_values": border}
    blocks = {
        axis: max(size, 2 * max(reach)) for axis, size in enumerate(planes.data.chunksize) if axis >= len(widths) - 2
    }
    padded = da.pad(planes.data, widths, **mode).rechunk(blocks)
    depth = {axis: deep for axis, (deep, _) in enumerate(widths)}
    made = da.map_overlap(kernel, padded, depth=depth, boundary="none", dtype="float64", meta=np.empty(0))  # type: ignore[no-untyped-call]  # dask annotates no map_overlap
    inner = tuple(slice(deep, deep + size) for (deep, _), size in zip(widths, planes.shape, strict=True))
    result: xr.DataArray = planes.copy(data=made[inner])
    result.attrs = {}
    return result.transpose(*cube.dims)

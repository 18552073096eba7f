"""Processes that look around each pixel: kernels, windows, and clouds grown beyond their edges."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.dimensions import BANDS, UNITS, ordered
from earthcode_platform.engines.openeo.allowed import AtLeast
from earthcode_platform.engines.openeo.along import Cube, Value, marked_truth
from earthcode_platform.engines.openeo.callbacks import Reducer
from earthcode_platform.engines.openeo.convolving import convolved, disk, eroded, gaussian
from earthcode_platform.engines.openeo.overlapping import around_pixels
from earthcode_platform.engines.openeo.processes.masking import mask
from earthcode_platform.engines.openeo.shapes import band_places, require_cube
from earthcode_platform.engines.openeo.windows import Chunk, applied_to_windows
from earthcode_platform.errors import ExecutionError

__all__ = ["apply_kernel", "apply_neighborhood", "mask_scl_dilation", "to_scl_dilation_mask"]

_CLEAR = (2, 4, 5, 6, 7)
_CLOUDY = (3, 8, 9, 10, 11)
_NEAR, _FAR = 0.057, 0.025
"""Shares of the two Gaussian bells from which on a pixel is masked (openEO Geotrellis, `to_scl_dilation_mask`)."""
_SCL = "SCL"


def _kernel(kernel: Sequence[Sequence[float]]) -> None:
    _weights(kernel)


def _weights(kernel: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    sizes = {len(row) for row in kernel}
    if len(sizes) != 1 or not all(size % 2 for size in (len(kernel), *sizes)):
        raise ExecutionError(
            f"KernelDimensionsUneven: the kernel has {len(kernel)} rows of {sorted(sizes)} weights.",
            remedy="Give an odd number of rows, all of the same odd length.",
        )
    return np.asarray(kernel, dtype="float64")


Kernel = Annotated[Sequence[Sequence[float]], _kernel]
"""Weights: rows from north to south, in each of them from west to east."""
Border = Literal["replicate", "reflect", "reflect_pixel", "wrap"] | float
"""How data go on beyond the border: mirrored, wrapped, repeated, or a number."""


def apply_kernel(data: Cube, kernel: Kernel, factor: float = 1, border: Border = 0, replace_invalid: float = 0) -> Cube:
    """Return the convolution of each plane with a kernel, times a factor.

    No-data and infinite values count as `replace_invalid`, so that the result has a value everywhere. Beyond the border
    lie zeros, or what `border` says.

    Raises:
        ExecutionError: The kernel has an even side (KernelDimensionsUneven), or the cube is too small for its border.
    """
    cube, weights = require_cube(data), _weights(kernel)

    def planes(values: NDArray[Any]) -> NDArray[Any]:
        return convolved(np.where(np.isfinite(values), values, replace_invalid), weights) * factor

    return ordered(around_pixels(planes, cube, _reach(weights), border=border).drop_vars(UNITS, errors="ignore"))


def apply_neighborhood(
    data: Cube, process: Reducer, size: Sequence[Chunk], overlap: Sequence[Chunk] | None = None, context: Value = None
) -> Cube:
    """Return the cube with the values in each window replaced by those that the process makes of them.

    A size is a number of pixels or labels, metres, an ISO 8601 duration, or the name of a calendar period such as
    `month`; a dimension without a size is handed over whole. Windows are handed over with their overlap, which is
    no-data beyond the cube and cut off afterwards. Where one dimension alone has more than one pixel, the process gets
    the array along it for each pixel. Labels may change only along dimensions that are handed over whole.

    Raises:
        ExecutionError: There is no such dimension, a size is none, or a window comes back with another shape
            (DimensionNotAvailable, DataCubePropertiesImmutable).
    """
    cube = require_cube(data)
    return ordered(applied_to_windows(cube, process, size, overlap or (), context))


def to_scl_dilation_mask(  # noqa: PLR0913, PLR0917 - the arguments of the process
    data: Cube,
    erosion_kernel_size: Annotated[int, AtLeast(0)] = 0,
    mask1_values: Sequence[float] = _CLEAR,
    mask2_values: Sequence[float] = _CLOUDY,
    kernel1_size: Annotated[int, AtLeast(0)] = 17,
    kernel2_size: Annotated[int, AtLeast(0)] = 201,
    scl_band_name: str | None = None,
) -> Cube:
    """Return a mask of clouds and their surroundings from the scene classification of Sentinel-2.

    A pixel is masked (1) if a Gaussian bell of `kernel1_size` pixels around it holds more than 5.7 % of classes that
    are none of `mask1_values`, which are the clear ones, or a bell of `kernel2_size` pixels more than 2.5 % of
    `mask2_values`, which are the cloudy ones. Before that, groups of pixels smaller than a disk of
    `erosion_kernel_size` are dropped. No-data counts as not clear. The definition is that of openEO Geotrellis, where
    the process comes from; it is none of the openEO specification.

    Raises:
        ExecutionError: The cube has several bands, and none is called SCL.
        UnknownNameError: There is no band of the name given.
    """
    classes = _classification(require_cube(data), scl_band_name)
    shape = disk(int(erosion_kernel_size)) if erosion_kernel_size else None

    def grown(marks: Callable[[NDArray[Any]], NDArray[np.bool_]], size: int, share: float) -> Cube:
        found = blockwise(lambda values: marks(values).astype("float64"), classes, dtype="float64")
        if shape is not None:
            found = around_pixels(lambda values: eroded(values, shape), found, _reach(shape), border=1)
        if size:
            bell = gaussian(size)
            found = around_pixels(lambda values: (convolved(values, bell) > share) * 1.0, found, _reach(bell))
        return found

    near = grown(lambda values: ~np.isin(values, mask1_values), int(kernel1_size), _NEAR)
    far = grown(lambda values: np.isin(values, mask2_values), int(kernel2_size), _FAR)
    return marked_truth(ordered(blockwise(np.maximum, near, far, dtype="float64").drop_vars(UNITS, errors="ignore")))


def _reach(weights: NDArray[np.float64]) -> tuple[int, int]:
    return weights.shape[0] // 2, weights.shape[1] // 2


def mask_scl_dilation(data: Cube, scl_band_name: str | None = None) -> Cube:
    """Return the cube with clouds and their surroundings masked, by `to_scl_dilation_mask` of its band SCL.

    Raises:
        ExecutionError: The cube has no band SCL.
        UnknownNameError: There is no band of the name given.
    """
    cube = require_cube(data)
    return mask(cube, to_scl_dilation_mask(cube, scl_band_name=scl_band_name))


def _classification(cube: Cube, name: str | None) -> Cube:
    if BANDS not in cube.dims or (name is None and cube.sizes[BANDS] == 1):
        return cube
    if name is None and _SCL not in cube[BANDS].values.tolist():
        raise ExecutionError(
            f"the cube has {cube.sizes[BANDS]} bands, and none is called SCL.",
            remedy="Choose the scene classification with filter_bands, or name it with 'scl_band_name'.",
        )
    return cube.isel({BANDS: band_places(cube, name or _SCL)})

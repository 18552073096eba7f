"""Convolutions and erosions of the last two axes of NumPy arrays, rows and columns; beyond the edges lie zeros.

Sums are computed in float64. A kernel that is a column times a row is applied in two passes, and one that is close to
a sum of a few such products in as many: the cost then grows with the side of the kernel, not with its area.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["convolved", "disk", "eroded", "gaussian"]

Floats: TypeAlias = NDArray[np.float64]
_DIRECT: Final = 15
"""Largest side of a kernel that is always applied exactly as it is written."""
_NEGLIGIBLE: Final = 1e-13
"""Singular values below this share of the largest are rounding."""


def convolved(values: NDArray[np.floating[Any]], kernel: Floats) -> Floats:
    """Return the convolution of each plane with a kernel of odd sides, as large as the plane.

    The kernel is mirrored in both directions, as a convolution is defined; for symmetric kernels that is the same as
    weighting the neighbours in place.

    Args:
        values: Planes without NaN, along any number of leading axes.
        kernel: Weights, rows and columns.
    """
    exact = np.asarray(values, dtype="float64")
    products = _products(kernel[::-1, ::-1])
    if products is None:
        return _weighted(exact, kernel[::-1, ::-1])
    total = np.zeros_like(exact)
    for column, row in products:
        total += _weighted(_weighted(exact, column[:, np.newaxis]), row[np.newaxis, :])
    return total


def _weighted(values: Floats, weights: Floats) -> Floats:
    """Return the sum of neighbours times weights, the middle of the weights on the pixel itself."""
    rows, columns = values.shape[-2:]
    up, left = weights.shape[0] // 2, weights.shape[1] // 2
    around = [(0, 0)] * (values.ndim - 2)
    padded = np.pad(values, [*around, (up, up), (left, left)])
    total = np.zeros_like(values)
    for row, column in np.argwhere(weights != 0):
        total += weights[row, column] * padded[..., row : row + rows, column : column + columns]
    return total


def _products(kernel: Floats) -> list[tuple[Floats, Floats]] | None:
    """Return columns and rows whose products make the kernel; None if the kernel itself is cheaper, or more exact."""
    place = np.unravel_index(np.abs(kernel).argmax(), kernel.shape)
    if kernel[place] and min(kernel.shape) > 1:
        column, row = kernel[:, place[1]], kernel[place[0], :] / kernel[place]
        if np.array_equal(np.outer(column, row), kernel):
            return [(column, row)]
    if max(kernel.shape) <= _DIRECT:
        return None
    columns, sizes, rows = np.linalg.svd(kernel)
    rank = int((sizes > sizes[0] * _NEGLIGIBLE).sum())
    if rank * sum(kernel.shape) >= np.count_nonzero(kernel):
        return None
    return [(columns[:, at] * sizes[at], rows[at]) for at in range(rank)]


def eroded(marks: Floats, around: Floats) -> Floats:
    """Return 1 where a plane of 1 and 0 has nothing but 1 in the shape around the pixel, else 0; beyond lie ones."""
    return np.where(convolved(1.0 - marks, around) < 0.5, 1.0, 0.0)  # noqa: PLR2004 - counts of zeros are whole


def gaussian(size: int) -> Floats:
    """Return a Gaussian bell of `size` pixels, six standard deviations wide, whose weights sum to one."""
    distance = np.arange(size) - size // 2
    bell = np.exp(-(distance**2) / (2 * (size / 6.0) ** 2))
    weights: Floats = np.outer(bell, bell) / bell.sum() ** 2
    return weights


def disk(size: int) -> Floats:
    """Return ones within half of `size` of the middle, and zeros in the corners."""
    distance = np.arange(2 * (size // 2) + 1) - size // 2
    return np.where(distance[:, np.newaxis] ** 2 + distance**2 <= (size // 2) ** 2, 1.0, 0.0)

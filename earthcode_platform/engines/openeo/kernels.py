"""Reductions of the last axis of NumPy arrays, with NaN as no-data that is left out; without any data they give NaN.

Sums are computed in float64 whatever the type of the values, date after date, so that neither the number of dates nor
how a cube is cut shows in the digits. Medians and quantiles put the values in order once.

The values of one date lie side by side in memory, so every step works on all pixels of a date at once, and a few
thousand pixels at a time: what passes between two steps stays in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from earthcode_platform.cubes.branchless import blanked, chosen, zeroed
from earthcode_platform.cubes.ranking import ranked

__all__ = [
    "Floats",
    "between",
    "count_valid",
    "first_valid",
    "last_valid",
    "maximum",
    "mean",
    "median",
    "minimum",
    "product",
    "quantile",
    "total",
    "variance",
]

Floats: TypeAlias = NDArray[np.floating[Any]]
_PAIR: Final = 2
_PIECE: Final = 524_288
"""Values that are worked on at a time: 2 MiB of float32, what a core's cache holds."""


def total(values: Floats) -> Floats:
    """Return the sum."""
    return _piecewise(_total, values)


def product(values: Floats) -> Floats:
    """Return the product."""
    return _piecewise(_product, values)


def mean(values: Floats) -> Floats:
    """Return the arithmetic mean."""
    return _piecewise(_mean, values)


def variance(values: Floats) -> Floats:
    """Return the sample variance (divisor n - 1); NaN for fewer than two values."""
    return _piecewise(_variance, values)


def minimum(values: Floats) -> Floats:
    """Return the smallest value."""
    return np.fmin.reduce(values, axis=-1) if values.shape[-1] else _nothing(values)


def maximum(values: Floats) -> Floats:
    """Return the largest value."""
    return np.fmax.reduce(values, axis=-1) if values.shape[-1] else _nothing(values)


def median(values: Floats) -> Floats:
    """Return the middle value, or the mean of the two in the middle."""
    return _piecewise(_median, values) if values.shape[-1] else _nothing(values)


def quantile(values: Floats, probabilities: Floats) -> Floats:
    """Return the quantiles along a new last axis: type 7 of Hyndman and Fan (1996), linear between order statistics."""
    if not values.shape[-1]:
        return np.full((*values.shape[:-1], probabilities.size), np.nan)

    def kernel(rows: Floats) -> Floats:
        (ordered, order), count = ranked(rows), _known(rows)
        return np.stack([_quantile(ordered, order, count, share) for share in probabilities], axis=-1)

    return _piecewise(kernel, values)


def between(low: Floats, high: Floats, share: Floats) -> Floats:
    """Return the value at a share of the way from `low` to `high`; at either end that value itself, infinite or not."""
    with np.errstate(invalid="ignore"):
        inside = low * (1 - share) + high * share
    return np.where(share == 0, low, np.where(low == high, low, inside))


def count_valid(values: Floats) -> Floats:
    """Return how many values are finite."""
    counted: Floats = np.isfinite(values).sum(axis=-1).astype("float64")
    return counted


def first_valid(values: Floats) -> Floats:
    """Return the first value that is data."""
    return _piecewise(_first, values) if values.shape[-1] else _nothing(values)


def last_valid(values: Floats) -> Floats:
    """Return the last value that is data."""
    return first_valid(values[..., ::-1])


def _nothing(values: Floats) -> Floats:
    return np.full(values.shape[:-1], np.nan, dtype=values.dtype)


def _piecewise(kernel: Callable[[Floats], Floats], values: Floats) -> Floats:
    """Apply a kernel of rows, one for each place along the last axis, to a few thousand pixels at a time."""
    rows = np.moveaxis(values, -1, 0).reshape(values.shape[-1], -1)
    step = max(1, _PIECE // max(1, len(rows)))
    pieces = [
        kernel(np.ascontiguousarray(rows[:, start : start + step])) for start in range(0, max(1, rows.shape[1]), step)
    ]
    joined = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return joined.reshape((*values.shape[:-1], *joined.shape[1:]))


def _known(rows: Floats) -> NDArray[np.unsignedinteger[Any]]:
    """Return how many values of each pixel are data, as small numbers."""
    narrow = np.min_scalar_type(len(rows))
    known: NDArray[np.unsignedinteger[Any]] = np.add.reduce(~np.isnan(rows), axis=0, dtype=narrow)
    return known


def _total(rows: Floats) -> Floats:
    unknown = np.isnan(rows)
    summed: Floats = np.add.reduce(zeroed(rows.astype("float64"), unknown), axis=0)
    return blanked(summed, np.logical_and.reduce(unknown, axis=0))


def _product(rows: Floats) -> Floats:
    unknown = np.isnan(rows)
    factors = zeroed(rows.astype("float64"), unknown) + unknown.astype("float64")
    return blanked(np.multiply.reduce(factors, axis=0), np.logical_and.reduce(unknown, axis=0))


def _mean(rows: Floats) -> Floats:
    unknown = np.isnan(rows)
    count = len(rows) - np.add.reduce(unknown, axis=0, dtype="float64")
    summed = np.add.reduce(zeroed(rows.astype("float64"), unknown), axis=0)
    with np.errstate(invalid="ignore"):
        averaged: Floats = summed / count
    return blanked(averaged, count == 0)


def _variance(rows: Floats) -> Floats:
    unknown = np.isnan(rows)
    count = len(rows) - np.add.reduce(unknown, axis=0, dtype="float64")
    with np.errstate(invalid="ignore"):
        centred = zeroed(rows.astype("float64") - _mean(rows), unknown)
        spread: Floats = np.add.reduce(centred * centred, axis=0) / np.maximum(count - 1, 1)
    return blanked(spread, count < _PAIR)


def _median(rows: Floats) -> Floats:
    counts = np.arange(len(rows) + 1)
    ordered, order = ranked(rows, len(rows) // 2 + 1)
    count = _known(rows)
    low = _picked(ordered, order[np.maximum(counts - 1, 0) // 2], count)
    high = _picked(ordered, order[np.minimum(counts // 2, len(rows) - 1)], count)
    with np.errstate(invalid="ignore"):
        # Halved first: of an infinity and a number it is that infinity, and nothing overflows.
        middle = low * rows.dtype.type(0.5) + high * rows.dtype.type(0.5)
    return blanked(chosen(low == high, low, middle), count == 0)


def _quantile(
    ordered: Floats, order: NDArray[np.intp], count: NDArray[np.unsignedinteger[Any]], share: float
) -> Floats:
    most = np.maximum(np.arange(len(order) + 1) - 1, 0)
    position = share * most
    below = np.floor(position).astype("intp")
    low, high = (
        _picked(ordered, order[places], count).astype("float64") for places in (below, np.minimum(below + 1, most))
    )
    return blanked(between(low, high, (position - below).take(count)), count == 0)


def _picked(rows: Floats, row_of: NDArray[np.intp], count: NDArray[np.unsignedinteger[Any]]) -> Floats:
    """Return of each pixel the value in the row that `row_of` names for its count of data."""
    pixels = rows.shape[1]
    found: Floats = rows.ravel().take((row_of * pixels).take(count) + np.arange(pixels))
    return found


def _first(rows: Floats) -> Floats:
    found: Floats = rows[-1].copy()
    for row in rows[-2::-1]:
        found = chosen(np.isnan(row), found, row)
    return found

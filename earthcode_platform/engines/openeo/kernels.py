"""Reductions of the last axis of NumPy arrays, with NaN as no-data that is left out; without any data they give NaN.

Sums are computed in float64 whatever the type of the values, so that neither the number of dates nor their order shows
in the digits. Medians and quantiles sort once; NaN sorts to the end.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
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


def total(values: Floats) -> Floats:
    """Return the sum."""
    known = ~np.isnan(values)
    summed = np.sum(values, axis=-1, where=known, dtype="float64")
    return np.where(known.any(axis=-1), summed, np.nan)


def product(values: Floats) -> Floats:
    """Return the product."""
    known = ~np.isnan(values)
    multiplied = np.prod(values, axis=-1, where=known, dtype="float64")
    return np.where(known.any(axis=-1), multiplied, np.nan)


def mean(values: Floats) -> Floats:
    """Return the arithmetic mean."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    summed = np.sum(values, axis=-1, where=known, dtype="float64")
    return np.where(count > 0, summed / np.maximum(count, 1), np.nan)


def variance(values: Floats) -> Floats:
    """Return the sample variance (divisor n - 1); NaN for fewer than two values."""
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    centred = np.where(known, values.astype("float64") - mean(values)[..., np.newaxis], 0.0)
    return np.where(count >= _PAIR, (centred**2).sum(axis=-1) / np.maximum(count - 1, 1), np.nan)


def minimum(values: Floats) -> Floats:
    """Return the smallest value."""
    return np.fmin.reduce(values, axis=-1) if values.shape[-1] else _nothing(values)


def maximum(values: Floats) -> Floats:
    """Return the largest value."""
    return np.fmax.reduce(values, axis=-1) if values.shape[-1] else _nothing(values)


def median(values: Floats) -> Floats:
    """Return the middle value, or the mean of the two in the middle."""
    if not values.shape[-1]:
        return _nothing(values)
    ordered = np.sort(values, axis=-1)
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=-1)[..., 0]
    high = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[-1] - 1), axis=-1)[..., 0]
    return np.where(count[..., 0] > 0, between(low, high, np.asarray(0.5, dtype=values.dtype)), np.nan)


def quantile(values: Floats, probabilities: Floats) -> Floats:
    """Return the quantiles along a new last axis: type 7 of Hyndman and Fan (1996), linear between order statistics."""
    if not values.shape[-1]:
        return np.full((*values.shape[:-1], probabilities.size), np.nan)
    ordered = np.sort(values, axis=-1).astype("float64")
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    position = probabilities * np.maximum(count - 1, 0)
    below = np.floor(position).astype("intp")
    above = np.minimum(below + 1, np.maximum(count - 1, 0))
    low, high = np.take_along_axis(ordered, below, axis=-1), np.take_along_axis(ordered, above, axis=-1)
    return np.where(count > 0, between(low, high, position - below), np.nan)


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
    if not values.shape[-1]:
        return _nothing(values)
    place = (~np.isnan(values)).argmax(axis=-1)[..., np.newaxis]
    found: Floats = np.take_along_axis(values, place, axis=-1)[..., 0]
    return found


def last_valid(values: Floats) -> Floats:
    """Return the last value that is data."""
    return first_valid(values[..., ::-1])


def _nothing(values: Floats) -> Floats:
    return np.full(values.shape[:-1], np.nan, dtype=values.dtype)

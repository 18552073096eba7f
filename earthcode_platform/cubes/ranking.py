"""Numbers put in order along the first axis, NaN last, for all pixels at once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ranked"]

_MOST: Final = 64
"""Rows up to which a network beats sorting each pixel's column by itself."""


def ranked(values: NDArray[Any], ranks: int | None = None) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the floats in ascending order along the first axis, NaN at its end: rows, and which of them is each rank.

    Up to 64 rows by a sorting network (Batcher 1968, odd-even merge sort): its comparisons do not hang on the data, so
    each is one minimum and one maximum of two whole rows. `fmin` prefers the number and `maximum` the NaN, by which
    NaN moves to the end. Rows stay where they are written, and only their order is noted.

    Args:
        values: Rows of numbers.
        ranks: How many of the lowest ranks are needed, all if None; the rows of others hold anything.
    """
    count = len(values)
    if count > _MOST:
        return np.moveaxis(np.sort(np.moveaxis(values, 0, -1), axis=-1), -1, 0), np.arange(count)
    rows = np.empty((count + 1, *values.shape[1:]), values.dtype)
    rows[:count] = values
    order, spare = list(range(count)), count
    for low, high, wanted in _network(count, count if ranks is None else ranks):
        one, other = rows[order[low]], rows[order[high]]
        np.fmin(one, other, out=rows[spare])
        if wanted:
            np.maximum(one, other, out=other)
        order[low], spare = spare, order[low]
    return rows, np.array(order, dtype="intp")


@cache
def _network(count: int, ranks: int) -> tuple[tuple[int, int, bool], ...]:
    """Return the pairs of rows to compare, in order, and whether the greater is needed, for the lowest ranks."""
    needed, steps = set(range(ranks)), []
    for low, high in reversed(_merging(count)):
        if low in needed or high in needed:
            steps.append((low, high, high in needed))
            needed |= {low, high}
    return tuple(reversed(steps))


def _merging(count: int) -> list[tuple[int, int]]:
    """Return the pairs of rows to compare, in order, that sort `count` rows."""
    pairs = []
    merged = 1
    while merged < count:
        step = merged
        while step:
            for first in range(step % merged, count - step, 2 * step):
                pairs += [
                    (at, at + step)
                    for at in range(first, min(first + step, count - step))
                    if at // (2 * merged) == (at + step) // (2 * merged)
                ]
            step //= 2
        merged *= 2
    return pairs

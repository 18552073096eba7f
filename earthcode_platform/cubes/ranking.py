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


def ranked(values: NDArray[Any]) -> NDArray[Any]:
    """Return the floats in ascending order along the first axis, NaN at its end, as a new array.

    Up to 64 rows by a sorting network (Batcher 1968, odd-even merge sort): its comparisons do not hang on the data, so
    each is one minimum and one maximum of two whole rows. `fmin` prefers the number and `maximum` the NaN, by which
    NaN moves to the end.
    """
    if len(values) > _MOST:
        return np.moveaxis(np.sort(np.moveaxis(values, 0, -1), axis=-1), -1, 0)
    rows: list[NDArray[Any]] = list(values.copy())
    spare = np.empty_like(rows[0]) if rows else np.empty(0)
    for low, high in _network(len(rows)):
        one, other = rows[low], rows[high]
        np.fmin(one, other, out=spare)
        np.maximum(one, other, out=other)
        rows[low], spare = spare, one
    return np.stack(rows) if rows else values.copy()


@cache
def _network(count: int) -> tuple[tuple[int, int], ...]:
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
    return tuple(pairs)

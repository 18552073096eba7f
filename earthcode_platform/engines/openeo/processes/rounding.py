"""Rounding. No-data passes through.

NaN stays NaN, but it has no integer part: `int` gives no-data for it.
"""

import math

import numpy as np
from numpy.typing import NDArray

from earthcode_platform.engines.openeo.along import Number
from earthcode_platform.engines.openeo.lifting import numeric

__all__ = ["ceil", "floor", "int_", "round_"]


def floor(x: Number) -> Number:
    """Return the greatest whole number that is not above `x`."""
    return numeric(np.floor, x, exact=math.floor, keeps_unit=True)


def ceil(x: Number) -> Number:
    """Return the least whole number that is not below `x`."""
    return numeric(np.ceil, x, exact=math.ceil, keeps_unit=True)


def int_(x: Number) -> Number:
    """Return the whole part of a number: what is left when its fraction is cut off."""
    part = numeric(np.trunc, x, exact=math.trunc, keeps_unit=True)
    return None if isinstance(part, float) and math.isnan(part) else part


def round_(x: Number, p: int = 0) -> Number:
    """Return the number rounded to `p` digits after the point; halves go to the even neighbour (IEEE 754)."""

    def rounded(values: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.round(np.asarray(values, dtype="float64"), p)

    return numeric(rounded, x, keeps_unit=True)

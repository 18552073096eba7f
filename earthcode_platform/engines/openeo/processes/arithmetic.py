"""Arithmetic with two numbers, powers and logarithms.

All follow IEEE 754: division by zero gives an infinity or NaN. Where an operand is no-data the result is no-data.
"""

import operator

import numpy as np
from numpy.typing import NDArray

from earthcode_platform.engines.openeo.along import Number
from earthcode_platform.engines.openeo.lifting import numeric
from earthcode_platform.errors import ExecutionError

__all__ = [
    "absolute",
    "add",
    "clip",
    "divide",
    "exp",
    "linear_scale_range",
    "ln",
    "log",
    "mod",
    "multiply",
    "normalized_difference",
    "power",
    "sgn",
    "sqrt",
    "subtract",
]


def add(x: Number, y: Number) -> Number:
    """Return the sum of two numbers."""
    return numeric(np.add, x, y, exact=operator.add, keeps_unit=True)


def subtract(x: Number, y: Number) -> Number:
    """Return `x` less `y`."""
    return numeric(np.subtract, x, y, exact=operator.sub, keeps_unit=True)


def multiply(x: Number, y: Number) -> Number:
    """Return the product of two numbers."""
    return numeric(np.multiply, x, y, exact=operator.mul)


def divide(x: Number, y: Number) -> Number:
    """Return `x` divided by `y`; by zero that is an infinity, or NaN for zero by zero."""
    return numeric(np.divide, x, y)


def mod(x: Number, y: Number) -> Number:
    """Return the remainder of `x` divided by `y`, with the sign of the divisor; by zero an infinity, or NaN for 0."""
    return numeric(_remainder, x, y)


def _remainder(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
    by_zero = np.where(np.equal(x, 0), np.nan, np.copysign(np.inf, x))
    return np.where(np.equal(y, 0), np.where(np.isnan(x), np.nan, by_zero), np.mod(x, y))


def absolute(x: Number) -> Number:
    """Return the distance of a number from zero."""
    return numeric(np.abs, x, exact=abs, keeps_unit=True)


def sgn(x: Number) -> Number:
    """Return 1 for positive numbers, 0 for zero and -1 for negative ones."""
    return numeric(np.sign, x)


def power(base: Number, p: Number) -> Number:
    """Return `base` raised to the power of `p`."""
    return numeric(np.power, base, p)


def sqrt(x: Number) -> Number:
    """Return the square root; NaN below zero."""
    return numeric(np.sqrt, x)


def exp(p: Number) -> Number:
    """Return Euler's number raised to the power of `p`."""
    return numeric(np.exp, p)


def ln(x: Number) -> Number:
    """Return the natural logarithm: negative infinity at zero, NaN below."""
    return numeric(np.log, x)


def log(x: Number, base: Number) -> Number:
    """Return the logarithm of `x` to the base given; exact for bases 2 and 10."""
    if not isinstance(base, bool) and isinstance(base, int | float) and base in (2, 10):
        return numeric(np.log2 if base == 2 else np.log10, x)  # noqa: PLR2004 - the binary logarithm
    return numeric(_logarithm, x, base)


def _logarithm(x: NDArray[np.floating], base: NDArray[np.floating]) -> NDArray[np.floating]:
    logarithm: NDArray[np.floating] = np.log(x) / np.log(base)
    return logarithm


def normalized_difference(x: Number, y: Number) -> Number:
    """Return the difference of two numbers divided by their sum."""
    return numeric(_normalized, x, y)


def _normalized(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
    ratio: NDArray[np.floating] = (x - y) / (x + y)
    return ratio


def clip(x: Number, min_: Number, max_: Number) -> Number:
    """Return the number, or the bound that it exceeds.

    Raises:
        ExecutionError: The minimum is above the maximum (MinMaxSwapped).
    """
    if isinstance(min_, int | float) and isinstance(max_, int | float) and min_ > max_:
        raise ExecutionError(f"MinMaxSwapped: the minimum {min_} is above the maximum {max_}.", remedy="Swap them.")
    return numeric(_clipped, x, min_, max_, keeps_unit=True)


def _clipped(x: NDArray[np.floating], low: NDArray[np.floating], high: NDArray[np.floating]) -> NDArray[np.floating]:
    clipped: NDArray[np.floating] = np.minimum(np.maximum(x, low), high)
    return clipped


def linear_scale_range(
    x: Number,
    inputMin: float,  # noqa: N803 - the specification's name
    inputMax: float,  # noqa: N803 - the specification's name
    outputMin: float = 0,  # noqa: N803 - the specification's name
    outputMax: float = 1,  # noqa: N803 - the specification's name
) -> Number:
    """Return the number moved linearly from the input range to the output range, after clipping it to the first."""
    low, high = min(inputMin, inputMax), max(inputMin, inputMax)

    def scaled(values: NDArray[np.floating]) -> NDArray[np.floating]:
        clipped = np.minimum(np.maximum(values, low), high)
        moved: NDArray[np.floating] = (clipped - inputMin) / (inputMax - inputMin) * (outputMax - outputMin) + outputMin
        return moved

    return numeric(scaled, x)

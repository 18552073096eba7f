"""Angles in radians, and hyperbolic functions. No-data passes through; outside its domain a function gives NaN."""

import numpy as np

from earthcode_platform.engines.openeo.along import Number
from earthcode_platform.engines.openeo.lifting import numeric

__all__ = [
    "arccos",
    "arcosh",
    "arcsin",
    "arctan",
    "arctan2",
    "arsinh",
    "artanh",
    "cos",
    "cosh",
    "sin",
    "sinh",
    "tan",
    "tanh",
]


def cos(x: Number) -> Number:
    """Return the cosine of an angle."""
    return numeric(np.cos, x)


def sin(x: Number) -> Number:
    """Return the sine of an angle."""
    return numeric(np.sin, x)


def tan(x: Number) -> Number:
    """Return the tangent of an angle."""
    return numeric(np.tan, x)


def arccos(x: Number) -> Number:
    """Return the angle whose cosine is `x`."""
    return numeric(np.arccos, x)


def arcsin(x: Number) -> Number:
    """Return the angle whose sine is `x`."""
    return numeric(np.arcsin, x)


def arctan(x: Number) -> Number:
    """Return the angle whose tangent is `x`, between a quarter turn on either side."""
    return numeric(np.arctan, x)


def arctan2(y: Number, x: Number) -> Number:
    """Return the angle between the x axis and the point (`x`, `y`), in the right quadrant."""
    return numeric(np.arctan2, y, x)


def cosh(x: Number) -> Number:
    """Return the hyperbolic cosine."""
    return numeric(np.cosh, x)


def sinh(x: Number) -> Number:
    """Return the hyperbolic sine."""
    return numeric(np.sinh, x)


def tanh(x: Number) -> Number:
    """Return the hyperbolic tangent."""
    return numeric(np.tanh, x)


def arcosh(x: Number) -> Number:
    """Return the number whose hyperbolic cosine is `x`."""
    return numeric(np.arccosh, x)


def arsinh(x: Number) -> Number:
    """Return the number whose hyperbolic sine is `x`."""
    return numeric(np.arcsinh, x)


def artanh(x: Number) -> Number:
    """Return the number whose hyperbolic tangent is `x`."""
    return numeric(np.arctanh, x)

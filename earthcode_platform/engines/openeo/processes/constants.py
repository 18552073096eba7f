"""Constants."""

import math

from earthcode_platform.engines.openeo.along import Value

__all__ = ["constant", "e", "nan", "pi"]


def pi() -> float:
    """Return the ratio of a circle's circumference to its diameter."""
    return math.pi


def e() -> float:
    """Return Euler's number, the base of the natural logarithm."""
    return math.e


def nan() -> float:
    """Return NaN, which is no number and, alone, not no-data either."""
    return math.nan


def constant(x: Value) -> Value:
    """Return the value given, so that several places of a graph can use it."""
    return x

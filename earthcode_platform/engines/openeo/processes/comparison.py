"""Comparisons: true, false, or no-data where an operand is no-data.

A single NaN is a number that equals nothing (IEEE 754); in a cube NaN is no-data, as everywhere here. Types are strict:
the number 1 equals neither the text "1" nor true.
"""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from typing_extensions import TypeIs

from earthcode_platform.cubes.branchless import blanked, unknown
from earthcode_platform.engines.openeo.along import Along, Truth, Value, is_truth
from earthcode_platform.engines.openeo.lifting import Kernel, truth_valued
from earthcode_platform.engines.openeo.processes.logic import and_

__all__ = ["between", "eq", "gt", "gte", "is_infinite", "is_nan", "is_nodata", "is_valid", "lt", "lte", "neq"]


def eq(x: Value, y: Value, delta: float | None = None, *, case_sensitive: bool = True) -> Truth:
    """Tell whether two values are equal: numbers within `delta` if that is given, texts with or without their case."""
    if _is_cube(x) or _is_cube(y):
        return _cubes_equal(x, y, delta)
    if x is None or y is None:
        return None
    if isinstance(x, str) and isinstance(y, str):
        return x == y if case_sensitive else x.casefold() == y.casefold()
    if _is_number(x) and _is_number(y):
        return bool(x == y or (delta and abs(x - y) <= delta))
    return isinstance(x, bool) and isinstance(y, bool) and x == y


def neq(x: Value, y: Value, delta: float | None = None, *, case_sensitive: bool = True) -> Truth:
    """Tell whether two values differ; see `eq`."""
    equal = eq(x, y, delta, case_sensitive=case_sensitive)
    if equal is None or isinstance(equal, bool):
        return None if equal is None else not equal
    return _truth(lambda values: 1 - values, equal)


def gt(x: Value, y: Value) -> Truth:
    """Tell whether `x` is greater than `y`; false if one is no number."""
    return _ordered(operator.gt, x, y)


def gte(x: Value, y: Value) -> Truth:
    """Tell whether `x` is greater than or equal to `y`; false if they differ and one is no number."""
    return _or_equal(operator.ge, x, y)


def lt(x: Value, y: Value) -> Truth:
    """Tell whether `x` is less than `y`; false if one is no number."""
    return _ordered(operator.lt, x, y)


def lte(x: Value, y: Value) -> Truth:
    """Tell whether `x` is less than or equal to `y`; false if they differ and one is no number."""
    return _or_equal(operator.le, x, y)


def between(x: Value, min_: Value, max_: Value, *, exclude_max: bool = False) -> Truth:
    """Tell whether `x` lies between two bounds; the lower belongs to them, the upper unless it is excluded."""
    return and_(gte(x, min_), lt(x, max_) if exclude_max else lte(x, max_))


def is_nodata(x: Value) -> Truth:
    """Tell whether there is no data: null, or NaN in a cube."""
    if _is_cube(x):
        return _truth(np.isnan, x)
    return x is None


def is_nan(x: Value) -> Truth:
    """Tell whether a value is no number: NaN, and everything that is not numeric, null included (is_nan, returns)."""
    if _is_cube(x):
        return _truth(np.ones_like if _truthful(x) else np.isnan, x)
    return not _is_number(x) or math.isnan(x)


def is_infinite(x: Value) -> Truth:
    """Tell whether a number is an infinity of either sign."""
    if _is_cube(x):
        return _truth(np.isinf, x)
    return isinstance(x, float) and abs(x) == float("inf")


def is_valid(x: Value) -> Truth:
    """Tell whether a value is usable: a finite number, or anything else that is not no-data."""
    if _is_cube(x):
        return _truth(np.isfinite, x)
    return x is not None and not (isinstance(x, float) and not np.isfinite(x))


def _is_cube(value: object) -> bool:
    return isinstance(value, xr.DataArray | Along)


def _is_number(value: object) -> TypeIs[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _truth(kernel: Kernel, *operands: Any) -> Truth:  # noqa: ANN401 - cubes and numbers
    return truth_valued(kernel, *operands)


def _kept(compare: Callable[[Any, Any], Any]) -> Kernel:
    """Return a kernel that compares numbers and keeps no-data."""

    def kernel(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
        return blanked(np.asarray(compare(x, y)).astype("float32"), unknown(x, y))

    return kernel


def _truthful(value: object) -> bool | None:
    if value is None:
        return None
    cube = value.cube if isinstance(value, Along) else value
    return isinstance(cube, bool) or (isinstance(cube, xr.DataArray) and is_truth(cube))


def _numeric(value: object) -> bool:
    return value is None or isinstance(value, int | float | xr.DataArray | Along)


def _cubes_equal(x: Value, y: Value, delta: float | None) -> Truth:
    alike = x is None or y is None or _truthful(x) == _truthful(y)
    if not alike or not (_numeric(x) and _numeric(y)):
        return _false_where_data(x, y)
    if delta:
        # Infinities differ by NaN, and are equal all the same.
        near = _kept(lambda one, other: np.equal(one, other) | (np.abs(one - other) <= delta))
        return _truth(near, _as_number(x), _as_number(y))
    return _truth(_kept(np.equal), _as_number(x), _as_number(y))


def _as_number(value: object) -> Any:  # noqa: ANN401 - a number or a cube
    return float(value) if isinstance(value, bool) else value


def _false_where_data(x: Value, y: Value) -> Truth:
    """Return false wherever both are data: values of different types never compare."""
    cube = x if _is_cube(x) else y
    return _truth(lambda values: np.where(np.isnan(values), np.nan, 0.0), cube)


def _ordered(compare: Callable[[Any, Any], Any], x: Value, y: Value) -> Truth:
    if _is_cube(x) or _is_cube(y):
        truths = _truthful(x) or _truthful(y)
        if truths or not (_numeric(x) and _numeric(y)):
            return _false_where_data(x, y)
        return _truth(_kept(compare), x, y)
    if x is None or y is None:
        return None
    return bool(_is_number(x) and _is_number(y) and compare(x, y))


def _or_equal(compare: Callable[[Any, Any], Any], x: Value, y: Value) -> Truth:
    if _is_cube(x) or _is_cube(y):
        return _ordered(compare, x, y)
    equal = eq(x, y)
    if equal is None or equal is True:
        return equal
    return _ordered(compare, x, y)

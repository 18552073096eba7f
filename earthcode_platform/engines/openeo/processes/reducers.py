"""Reducers: one value for an array of numbers.

No-data is left out; with `ignore_nodata` false it makes the result no-data. An array without data gives no-data. In a
list null is no-data and NaN a number; in a cube NaN is no-data.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
import xarray as xr

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.dimensions import UNITS
from earthcode_platform.engines.openeo import kernels
from earthcode_platform.engines.openeo.allowed import AtLeast
from earthcode_platform.engines.openeo.along import ELEMENT, Along, Array, Number, Value, is_truth, stacked
from earthcode_platform.engines.openeo.callbacks import Condition
from earthcode_platform.engines.openeo.kernels import Floats
from earthcode_platform.errors import ExecutionError

__all__ = [
    "count",
    "extrema",
    "first",
    "last",
    "max_",
    "mean",
    "median",
    "min_",
    "product",
    "quantiles",
    "sd",
    "sum_",
    "variance",
]


def min_(data: Array, *, ignore_nodata: bool = True) -> Number:
    """Return the smallest value."""
    return _reduced(kernels.minimum, data, ignore_nodata=ignore_nodata)


def max_(data: Array, *, ignore_nodata: bool = True) -> Number:
    """Return the largest value."""
    return _reduced(kernels.maximum, data, ignore_nodata=ignore_nodata)


def mean(data: Array, *, ignore_nodata: bool = True) -> Number:
    """Return the arithmetic mean: the sum divided by the number of values."""
    return _reduced(kernels.mean, data, ignore_nodata=ignore_nodata, dtype="float64")


def median(data: Array, *, ignore_nodata: bool = True) -> Number:
    """Return the value that separates the upper half from the lower: the mean of two if their number is even."""
    return _reduced(kernels.median, data, ignore_nodata=ignore_nodata)


def sum_(data: Array, *, ignore_nodata: bool = True) -> Number:
    """Return the sum of all values."""
    return _reduced(kernels.total, data, ignore_nodata=ignore_nodata, dtype="float64")


def product(data: Array, *, ignore_nodata: bool = True) -> Number:
    """Return the product of all values."""
    return _reduced(kernels.product, data, ignore_nodata=ignore_nodata, dtype="float64", keeps_unit=False)


def variance(data: Array, *, ignore_nodata: bool = True) -> Number:
    """Return the sample variance, with the divisor n - 1."""
    return _reduced(kernels.variance, data, ignore_nodata=ignore_nodata, dtype="float64", keeps_unit=False)


def sd(data: Array, *, ignore_nodata: bool = True) -> Number:
    """Return the sample standard deviation, the square root of the sample variance."""

    def deviation(values: Floats) -> Floats:
        return np.sqrt(kernels.variance(values))

    return _reduced(deviation, data, ignore_nodata=ignore_nodata, dtype="float64")


def first(data: Array, *, ignore_nodata: bool = True) -> Value:
    """Return the first element that is data, or the first at all."""
    return _edge(data, ignore_nodata=ignore_nodata, at=0, kernel=kernels.first_valid)


def last(data: Array, *, ignore_nodata: bool = True) -> Value:
    """Return the last element that is data, or the last at all."""
    return _edge(data, ignore_nodata=ignore_nodata, at=-1, kernel=kernels.last_valid)


def extrema(data: Array, *, ignore_nodata: bool = True) -> Array:
    """Return the smallest and the largest value, as an array of two."""
    return _as_array([min_(data, ignore_nodata=ignore_nodata), max_(data, ignore_nodata=ignore_nodata)])


def count(data: Array, condition: Condition | None = None, context: Value = None) -> Number:
    """Return how many elements are valid, or meet the condition, or how many there are if that is true.

    Raises:
        ExecutionError: The condition is false.
    """
    if condition is False:
        raise ExecutionError("the condition of count is false.", remedy="Leave it out, give true, or give a process.")
    arrays = _arrays(data)
    if arrays is None:
        return _count_list(data, condition, context)
    if condition is None:
        return _without_unit(blockwise(kernels.count_valid, arrays.cube, dtype="float64", over=arrays.dimension))
    if condition is True:
        return xr.full_like(arrays.element(0), float(len(arrays)), dtype="float64")
    met = condition(x=arrays, element=arrays, context=context)
    if not isinstance(met, Along):
        raise ExecutionError("the condition of count does not depend on the element.")
    return _without_unit(blockwise(_count_true, met.cube, dtype="float64", over=met.dimension))


def _ascending(probabilities: Value) -> Floats:
    wanted = np.array(probabilities, dtype="float64")
    if wanted.ndim != 1 or (wanted < 0).any() or (wanted > 1).any() or (np.diff(wanted) < 0).any():
        raise ExecutionError(
            f"AscendingProbabilitiesRequired: {probabilities!r} are no ascending probabilities.",
            remedy="Give numbers from 0 to 1 in ascending order.",
        )
    return wanted


Parts = Annotated[int, AtLeast(2)]
"""Into how many equal parts a sample is cut."""
Probabilities = Annotated[Sequence[float], _ascending]
"""Numbers from 0 to 1 in ascending order."""


def quantiles(
    data: Array,
    probabilities: Probabilities | Parts | None = None,
    q: Parts | None = None,
    *,
    ignore_nodata: bool = True,
) -> Array:
    """Return the quantiles for the probabilities, or those that cut the sample into equal parts (type 7).

    Raises:
        ExecutionError: Both or neither of `probabilities` and `q` are given, or the former do not ascend from 0 to 1.
    """
    wanted = _probabilities(probabilities, q)
    arrays = _arrays(data)
    if arrays is None:
        known, unknown = _numbers(data)
        if unknown and not ignore_nodata:
            return [None] * wanted.size
        if any(np.isnan(known)):
            return [float("nan")] * wanted.size
        found = kernels.quantile(np.array(known, dtype="float64"), wanted)
        return [None if np.isnan(value) else float(value) for value in found]

    def kernel(values: Floats) -> Floats:
        return _where_known(kernels.quantile(values, wanted), values, ignore_nodata=ignore_nodata)

    cube = blockwise(kernel, arrays.cube, dtype="float64", over=arrays.dimension, appended=ELEMENT, count=wanted.size)
    return Along(cube, ELEMENT)


def _arrays(data: Array) -> Along | None:
    """Return an array for each pixel, or None if the data are a list of plain values."""
    if isinstance(data, Along):
        return data.with_element()
    if isinstance(data, str) or not hasattr(data, "__iter__"):
        raise ExecutionError(f"{type(data).__name__} is no array.", remedy="Reduce along a dimension, or give a list.")
    return stacked(list(data)) if any(isinstance(element, xr.DataArray) for element in data) else None


def _list(data: Array) -> list[object]:
    return [] if isinstance(data, Along) else list(data)


def _as_array(elements: list[Any]) -> Array:
    return stacked(elements) if any(isinstance(element, xr.DataArray) for element in elements) else elements


def _numbers(data: Array) -> tuple[list[float], bool]:
    """Return the numbers of a list, and whether there was no-data among them."""
    elements = _list(data)
    wrong = [one for one in elements if isinstance(one, bool) or not (one is None or isinstance(one, int | float))]
    if wrong:
        raise ExecutionError(f"{wrong[0]!r} is no number.", remedy="Give an array of numbers.")
    known = [float(element) for element in elements if isinstance(element, int | float)]
    return known, len(known) < len(elements)


def _reduced(
    kernel: Callable[[Floats], Floats],
    data: Array,
    *,
    ignore_nodata: bool,
    dtype: str | None = None,
    keeps_unit: bool = True,
) -> Number:
    arrays = _arrays(data)
    if arrays is None:
        known, unknown = _numbers(data)
        if not known or (unknown and not ignore_nodata):
            return None
        if any(np.isnan(known)):
            return float("nan")
        with np.errstate(all="ignore"):
            value = float(kernel(np.array(known, dtype="float64")))
        return None if np.isnan(value) and not any(np.isinf(known)) else value

    def reduced(values: Floats) -> Floats:
        numbers = values if values.dtype.kind == "f" else values.astype("float64")
        with np.errstate(all="ignore"):
            result = _where_known(kernel(numbers), numbers, ignore_nodata=ignore_nodata)
        return result.astype(kind, copy=False)

    kind = dtype or ("float64" if arrays.cube.dtype.kind != "f" else str(arrays.cube.dtype))
    result = blockwise(reduced, arrays.cube, dtype=kind, over=arrays.dimension)
    return result if keeps_unit else _without_unit(result)


def _where_known(result: Floats, values: Floats, *, ignore_nodata: bool) -> Floats:
    if ignore_nodata:
        return result
    unknown = np.asarray(np.isnan(values).any(axis=-1))
    return np.where(unknown[..., np.newaxis] if result.ndim > unknown.ndim else unknown, np.nan, result)


def _edge(data: Array, *, ignore_nodata: bool, at: int, kernel: Callable[[Floats], Floats]) -> Value:
    arrays = _arrays(data)
    if arrays is None:
        elements = [element for element in _list(data) if element is not None or not ignore_nodata]
        return elements[at] if elements else None
    if not ignore_nodata and len(arrays):
        return arrays.element(at)
    result = _reduced(kernel, arrays, ignore_nodata=True)
    if isinstance(result, xr.DataArray) and is_truth(arrays.cube):
        result.attrs = dict(arrays.cube.attrs)
    return result


def _count_list(data: Array, condition: Value, context: Value) -> int:
    elements = _list(data)
    if condition is True:
        return len(elements)
    if callable(condition):
        return sum(condition(x=element, element=element, context=context) is True for element in elements)
    return sum(
        element is not None and not (isinstance(element, float) and not np.isfinite(element)) for element in elements
    )


def _count_true(values: Floats) -> Floats:
    counted: Floats = np.equal(values, 1).sum(axis=-1).astype("float64")
    return counted


def _without_unit(cube: xr.DataArray) -> xr.DataArray:
    return cube.drop_vars(UNITS, errors="ignore")


def _probabilities(probabilities: Value, q: int | None) -> Floats:
    if (probabilities is None) == (q is None):
        name = "QuantilesParameterMissing" if q is None else "QuantilesParameterConflict"
        raise ExecutionError(f"{name}: quantiles needs either 'probabilities' or 'q'.", remedy="Give one of the two.")
    parts = q if q is not None else probabilities
    if isinstance(parts, int) and not isinstance(parts, bool):
        if parts < 2:  # noqa: PLR2004 - one part has no cut
            raise ExecutionError(f"{parts} parts cannot be cut.", remedy="Give 2 or more.")
        return np.arange(1, parts) / parts
    return _ascending(parts)

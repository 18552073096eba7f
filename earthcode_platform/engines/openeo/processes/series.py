"""Arrays into arrays of the same length: cumulative sums, gaps filled, order."""

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.engines.openeo.along import Along, Array, stacked
from earthcode_platform.engines.openeo.kernels import Floats, between
from earthcode_platform.errors import ExecutionError

__all__ = [
    "array_interpolate_linear",
    "cummax",
    "cummin",
    "cumproduct",
    "cumsum",
    "order",
    "rearrange",
    "sort",
]


def cumsum(data: Array, *, ignore_nodata: bool = True) -> Array:
    """Return the sums of each value and all before it; no-data is skipped and stays."""
    return _running(np.add, 0.0, data, ignore_nodata=ignore_nodata)


def cumproduct(data: Array, *, ignore_nodata: bool = True) -> Array:
    """Return the products of each value and all before it; no-data is skipped and stays."""
    return _running(np.multiply, 1.0, data, ignore_nodata=ignore_nodata)


def cummin(data: Array, *, ignore_nodata: bool = True) -> Array:
    """Return the smallest of each value and all before it; no-data is skipped and stays."""
    return _running(np.minimum, np.inf, data, ignore_nodata=ignore_nodata)


def cummax(data: Array, *, ignore_nodata: bool = True) -> Array:
    """Return the largest of each value and all before it; no-data is skipped and stays."""
    return _running(np.maximum, -np.inf, data, ignore_nodata=ignore_nodata)


def _running(function: np.ufunc, neutral: float, data: Array, *, ignore_nodata: bool) -> Array:
    def kernel(values: Floats) -> Floats:
        unknown = np.isnan(values)
        with np.errstate(all="ignore"):
            run: Floats = function.accumulate(np.where(unknown, neutral, values).astype("float64"), axis=-1)
        gone = unknown if ignore_nodata else np.logical_or.accumulate(unknown, axis=-1)
        return np.where(gone, np.nan, run)

    return _same_length(kernel, data, spreads=not ignore_nodata)


def array_interpolate_linear(data: Array) -> Array:
    """Return the array with its gaps filled on straight lines between their neighbours.

    Distances are those of the labels where these are numbers or moments, else of the indices. No-data before the first
    and after the last value stays.
    """
    places = _places(data)

    def kernel(values: Floats) -> Floats:
        known = ~np.isnan(values)
        index = np.arange(values.shape[-1])
        before = np.maximum.accumulate(np.where(known, index, -1), axis=-1)
        after = np.minimum.accumulate(np.where(known, index, index.size)[..., ::-1], axis=-1)[..., ::-1]
        inside = ~known & (before >= 0) & (after < index.size)
        left, right = np.maximum(before, 0), np.minimum(after, index.size - 1)
        low, high = np.take_along_axis(values, left, axis=-1), np.take_along_axis(values, right, axis=-1)
        width = np.where(places[right] > places[left], places[right] - places[left], 1.0)
        share = (places[index] - places[left]) / width
        return np.where(inside, between(low, high, share), values)

    return _same_length(kernel, data)


def _places(data: Array) -> Floats:
    if isinstance(data, Along) and data.dimension in data.cube.coords:
        labels = data.cube[data.dimension].values
        if labels.dtype.kind == "M":
            return labels.astype("datetime64[ns]").astype("float64")
        if labels.dtype.kind in "iuf":
            return labels.astype("float64")
    return np.arange(len(data), dtype="float64")


def sort(data: Array, *, asc: bool = True, nodata: bool | None = None) -> Array:
    """Return the array sorted; no-data is removed, or moved to the end (true) or to the start (false).

    Raises:
        ExecutionError: No-data would be removed from an array for each pixel, which would have different lengths.
    """
    places = order(data, asc=asc, nodata=nodata)
    return rearrange(data, places)


def order(data: Array, *, asc: bool = True, nodata: bool | None = None) -> Array:
    """Return the indices of the elements in sorted order; no-data as in `sort`, and NaN in a list behind all numbers.

    Raises:
        ExecutionError: No-data would be removed from an array for each pixel.
    """
    if not isinstance(data, Along):
        known = [at for at, element in enumerate(data) if element is not None]
        numbers = [at for at in known if not _is_nan(data[at])]
        ranked = sorted(numbers, key=lambda at: _comparable(data[at]), reverse=not asc)
        ranked += [at for at in known if _is_nan(data[at])]
        unknown = [at for at, element in enumerate(data) if element is None]
        return ranked if nodata is None else ranked + unknown if nodata else unknown + ranked
    if nodata is None:
        raise ExecutionError(
            "without no-data the arrays of different pixels would have different lengths.",
            remedy="Set 'nodata' to true (at the end) or false (at the start).",
        )

    def kernel(values: Floats) -> Floats:
        unknown = np.isnan(values)
        # As floats: the negative of an unsigned integer is another positive one.
        floats = values if values.dtype.kind == "f" else values.astype("float64")
        numbers = np.where(unknown, 0, floats if asc else -floats)
        return np.lexsort((numbers, unknown if nodata else ~unknown), axis=-1).astype("float64")

    return _same_length(kernel, data)


def _is_nan(element: object) -> bool:
    return isinstance(element, float) and np.isnan(element)


def _comparable(element: object) -> Any:  # noqa: ANN401 - Python tells whether elements can be compared
    return element


def rearrange(data: Array, order: Array) -> Array:
    """Return the elements at the indices given, in that order.

    Raises:
        ExecutionError: A list is to be rearranged by pixels, or the other way round.
    """
    if isinstance(data, Along) and isinstance(order, Along):
        dimension = data.dimension
        by = order.cube.rename({order.dimension: dimension}) if order.dimension != dimension else order.cube

        def kernel(values: Floats, places: Floats) -> Floats:
            return np.take_along_axis(values, places.astype("intp"), axis=-1)

        cube = blockwise(
            kernel, data.cube, by, dtype=str(data.cube.dtype), over=dimension, appended=dimension, count=len(order)
        )
        return Along(cube, dimension)
    if isinstance(data, Along) or isinstance(order, Along):
        raise ExecutionError("an array and its order must both be lists, or both belong to pixels.")
    return [data[int(str(place))] for place in order]


def _same_length(kernel: Callable[[Floats], Floats], data: Array, *, spreads: bool = False) -> Array:
    """Return what a kernel makes of arrays.

    In a list NaN comes of NaN, and null of null at the same place, or if it spreads, before it.
    """
    if not isinstance(data, Along) and not any(isinstance(element, xr.DataArray) for element in data):
        listed = list(data)
        numbers = np.array([np.nan if element is None else element for element in listed], dtype="float64")
        found = [float(value) for value in kernel(numbers)]
        unknown = np.array([element is None for element in listed], dtype=bool)
        gone = np.logical_or.accumulate(unknown) if spreads else unknown
        return [None if np.isnan(value) and lost else value for value, lost in zip(found, gone, strict=True)]
    arrays = data if isinstance(data, Along) else stacked(list(data))
    cube = blockwise(
        kernel, arrays.cube, dtype="float64", over=arrays.dimension, appended=arrays.dimension, count=len(arrays)
    )
    if arrays.dimension in arrays.cube.coords:
        cube = cube.assign_coords({arrays.dimension: arrays.cube[arrays.dimension]})
    return Along(cube, arrays.dimension)

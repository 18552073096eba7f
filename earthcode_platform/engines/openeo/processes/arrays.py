"""Arrays: their elements, labels and contents."""

from typing import Annotated

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.engines.openeo.allowed import AtLeast, Places
from earthcode_platform.engines.openeo.along import ELEMENT, Along, Array, Number, Truth, Value, stacked
from earthcode_platform.engines.openeo.callbacks import ElementMapper
from earthcode_platform.engines.openeo.lifting import numeric, truth_valued
from earthcode_platform.engines.openeo.processes.comparison import eq
from earthcode_platform.engines.openeo.processes.logic import any_
from earthcode_platform.engines.openeo.searching import first_match
from earthcode_platform.errors import ExecutionError, UnknownNameError

__all__ = [
    "array_append",
    "array_apply",
    "array_concat",
    "array_contains",
    "array_create",
    "array_element",
    "array_filter",
    "array_find",
    "array_labels",
]


def array_create(data: Array = (), repeat: Annotated[int, AtLeast(1)] = 1) -> Array:
    """Return a new array: the one given, one or more times after itself."""
    if isinstance(data, Along):
        return data if repeat == 1 else _joined([data] * repeat)
    elements = list(data) * repeat
    return stacked(elements) if any(isinstance(element, xr.DataArray) for element in elements) else elements


def array_element(
    data: Array, index: Places | None = None, label: Value = None, *, return_nodata: bool = False
) -> Value:
    """Return the element at an index, counted from zero, or of a label.

    Raises:
        ExecutionError: Neither or both are given, a list has no labels, or there is no such element.
    """
    if (index is None) == (label is None):
        name = "ArrayElementParameterMissing" if index is None else "ArrayElementParameterConflict"
        raise ExecutionError(f"{name}: array_element needs either 'index' or 'label'.", remedy="Give one of the two.")
    place = index if index is not None else _place_of(data, label)
    if place is not None and 0 <= place < len(data):
        return data.element(place) if isinstance(data, Along) else data[place]
    if return_nodata:
        empty = data.element(0) if isinstance(data, Along) and len(data) else None
        return None if empty is None else numeric(lambda values: values * float("nan"), empty)
    known = data.labels if isinstance(data, Along) else list(range(len(data)))
    if label is not None:
        raise UnknownNameError.among("array element", str(label), map(str, known))
    raise ExecutionError(
        f"ArrayElementNotAvailable: there is no element {index}; the array has {len(data)}.",
        remedy="Count from zero, or set return_nodata.",
    )


def _place_of(data: Array, label: Value) -> int | None:
    if not isinstance(data, Along):
        raise ExecutionError("ArrayNotLabeled: the array has no labels.", remedy="Use the index.")
    known = data.labels
    return next((at for at, name in enumerate(known) if name == label or str(name) == str(label)), None)


def array_contains(data: Array, value: Value) -> Truth:
    """Tell whether an array contains a value; never, if the value is no-data, an array or an object."""
    if isinstance(data, Along):
        matched = eq(data, value)
        found: Truth = any_(matched) if isinstance(matched, Along) else False
        return found
    if isinstance(value, xr.DataArray | Along):
        return _contains_each(list(data), value)
    return any(eq(element, value) is True for element in data)


def _contains_each(listed: list[object], value: xr.DataArray | Along) -> Truth:
    """Tell for each pixel of a cube whether its value is in a list of numbers."""
    numbers = [float(number) for number in listed if isinstance(number, int | float) and not isinstance(number, bool)]

    def kernel(values: NDArray[np.floating]) -> NDArray[np.bool_]:
        return np.isin(values, numbers)

    return truth_valued(kernel, value)


def array_find(data: Array, value: Value, *, reverse: bool = False) -> Number:
    """Return the index of the first (or last) element that equals a value; no-data if there is none."""
    if isinstance(data, Along):
        matched = eq(data, value)
        return first_match(matched, reverse=reverse) if isinstance(matched, Along) else None
    places = [at for at, element in enumerate(data) if eq(element, value) is True]
    return None if not places else places[-1 if reverse else 0]


def array_labels(data: Array) -> Array:
    """Return the labels of an array, or its indices if it has none."""
    return data.labels if isinstance(data, Along) else list(range(len(data)))


def array_concat(array1: Array, array2: Array) -> Array:
    """Return one array: the first, then the second. Labels are kept if both have them and none is in both.

    Raises:
        ExecutionError: A label is in both (ArrayLabelConflict).
    """
    return _joined([array1, array2])


def array_append(data: Array, value: Value, label: Value = None) -> Array:
    """Return the array with a value at its end.

    Raises:
        ExecutionError: A label is given for an array without labels.
    """
    if label is not None:
        raise ExecutionError("ArrayNotLabeled: the array has no labels to append to.", remedy="Leave the label out.")
    return _joined([data, [value]])


def _joined(arrays: list[Array]) -> Array:
    if not any(isinstance(array, Along) or any(isinstance(one, xr.DataArray) for one in array) for array in arrays):
        return [element for array in arrays if not isinstance(array, Along) for element in array]
    labelled = [array.labels for array in arrays if isinstance(array, Along) and array.dimension in array.cube.coords]
    names = [name for labels in labelled for name in labels]
    if len(labelled) == len(arrays) and len(set(map(str, names))) < len(names):
        raise ExecutionError("ArrayLabelConflict: a label is in both arrays.", remedy="Rename it first.")
    elements: list[object] = []
    for array in arrays:
        elements += [array.element(at) for at in range(len(array))] if isinstance(array, Along) else list(array)
    joined = stacked(elements)
    if len(labelled) == len(arrays):
        return Along(joined.cube.assign_coords({ELEMENT: names}), ELEMENT)
    return joined


def array_apply(data: Array, process: ElementMapper, context: Value = None) -> Array:
    """Return an array of what the process makes of each element."""
    if isinstance(data, Along):
        labels = data.labels
        made = [process(x=data.element(at), index=at, label=label, context=context) for at, label in enumerate(labels)]
        result = stacked([data.element(0), *made]) if made else data
        cube = result.cube.isel({result.dimension: slice(1, None)}) if made else data.cube
        return Along(cube.assign_coords({result.dimension: labels}), result.dimension) if made else data
    return [process(x=element, index=at, label=at, context=context) for at, element in enumerate(data)]


def array_filter(data: Array, condition: ElementMapper, context: Value = None) -> Array:
    """Return the elements that meet the condition.

    Raises:
        ExecutionError: The condition depends on values that differ between pixels, whose arrays would have different
            lengths.
    """
    if not isinstance(data, Along):
        return [
            element
            for at, element in enumerate(data)
            if condition(x=element, index=at, label=at, context=context) is True
        ]
    met = [
        condition(x=data.element(at), index=at, label=label, context=context) for at, label in enumerate(data.labels)
    ]
    if any(isinstance(one, xr.DataArray) for one in met):
        raise ExecutionError("each pixel would keep another number of elements.", remedy="Use mask.")
    kept = [at for at, one in enumerate(met) if one is True]
    return Along(data.cube.isel({data.dimension: kept}), data.dimension)

"""Arrays: their elements, labels and contents."""

from typing import Annotated

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.engines.openeo.allowed import AtLeast, Places
from earthcode_platform.engines.openeo.along import ELEMENT, Along, Array, Number, Truth, Value, elements_of, stacked
from earthcode_platform.engines.openeo.callbacks import ElementMapper
from earthcode_platform.engines.openeo.labelled import (
    Labelled,
    assembled,
    joined,
    known_labels,
    label_coordinate,
    part,
)
from earthcode_platform.engines.openeo.lifting import numeric, truth_valued
from earthcode_platform.engines.openeo.processes.comparison import eq
from earthcode_platform.engines.openeo.processes.logic import any_
from earthcode_platform.engines.openeo.searching import first_match
from earthcode_platform.errors import ExecutionError, nearest

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
    if repeat == 1 and isinstance(data, Along | Labelled):
        return data
    return assembled(elements_of(data) * repeat, None)


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
    if label is not None:
        known = [str(name) for name in known_labels(data) or ()]
        close = nearest(str(label), known)
        raise ExecutionError(
            f"ArrayElementNotAvailable: there is no element {label!r}; the array has {', '.join(known[:12])}.",
            remedy=f"Did you mean {close!r}?" if close else "Take one of these, or set return_nodata.",
        )
    raise ExecutionError(
        f"ArrayElementNotAvailable: there is no element {index}; the array has {len(data)}.",
        remedy="Count from zero, or set return_nodata.",
    )


def _place_of(data: Array, label: Value) -> int | None:
    known = known_labels(data)
    if known is None:
        raise ExecutionError("ArrayNotLabeled: the array has no labels.", remedy="Use the index.")
    return next((at for at, name in enumerate(known) if name == label or str(name) == str(label)), None)


def array_contains(data: Array, value: Value) -> Truth:
    """Tell whether an array contains a value; never, if the value is no-data, an array or an object."""
    if isinstance(data, Along):
        matched = eq(data, value)
        if not isinstance(matched, Along) or not len(matched):
            return False
        # Beside no-data `eq` says no-data, which is no match (array_contains, remarks).
        sure = truth_valued(lambda values: np.equal(values, 1), matched)
        return any_(sure) if isinstance(sure, Along) else False
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
    """Return the labels of an array, or its indices if it has none (array_labels, description)."""
    labels = known_labels(data)
    return list(range(len(data))) if labels is None else labels


def array_concat(array1: Array, array2: Array) -> Array:
    """Return one array: the first, then the second. Labels are kept only if both have them (array_concat).

    Raises:
        ExecutionError: A label is in both (ArrayLabelConflict).
    """
    return joined([array1, array2])


def array_append(data: Array, value: Value, label: Value = None) -> Array:
    """Return the array with a value at its end, under a label if the array has labels.

    Without a label the next index is taken for it (array_append, parameter label).

    Raises:
        ExecutionError: A label is given for an array without labels, or is there already (ArrayNotLabeled,
            LabelExists).
    """
    labels = known_labels(data)
    if labels is None:
        if label is not None:
            raise ExecutionError(
                "ArrayNotLabeled: the array has no labels to append to.", remedy="Leave the label out."
            )
        return assembled([*elements_of(data), value], None)
    added = len(labels) if label is None else label
    if added in labels:
        raise ExecutionError(f"LabelExists: the array has an element {added!r} already.", remedy="Choose another.")
    return assembled([*elements_of(data), value], [*labels, added])


def array_apply(data: Array, process: ElementMapper, context: Value = None) -> Array:
    """Return an array of what the process makes of each element; labels stay."""
    labels = known_labels(data)
    keys = list(range(len(data))) if labels is None else labels
    made = [
        process(x=element, index=at, label=keys[at], context=context) for at, element in enumerate(elements_of(data))
    ]
    plain = not any(isinstance(one, xr.DataArray) for one in made)
    if not made or not isinstance(data, Along) or (plain and any(isinstance(one, str | list) for one in made)):
        return data if not made else assembled(made, labels)
    # The first element stands in front so that plain numbers are repeated for every pixel, too.
    whole = stacked([data.element(0), *made])
    cube = whole.cube.isel({whole.dimension: slice(1, None)})
    return Along(cube if labels is None else cube.assign_coords({ELEMENT: label_coordinate(labels)}), ELEMENT)


def array_filter(data: Array, condition: ElementMapper, context: Value = None) -> Array:
    """Return the elements that meet the condition, with their labels.

    Raises:
        ExecutionError: The condition depends on values that differ between pixels, whose arrays would have different
            lengths.
    """
    labels = known_labels(data)
    keys = list(range(len(data))) if labels is None else labels
    met = [
        condition(x=element, index=at, label=keys[at], context=context) for at, element in enumerate(elements_of(data))
    ]
    if any(isinstance(one, xr.DataArray) for one in met):
        raise ExecutionError("each pixel would keep another number of elements.", remedy="Use mask.")
    return part(data, [at for at, one in enumerate(met) if one is True])

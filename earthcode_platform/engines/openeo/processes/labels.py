"""Arrays with labels: made, changed and searched. Proposals of the specification, marked experimental there."""

from typing import Annotated

from earthcode_platform.engines.openeo.allowed import AtLeast, Places
from earthcode_platform.engines.openeo.along import Array, Number, elements_of
from earthcode_platform.engines.openeo.labelled import assembled, joined, known_labels, part
from earthcode_platform.errors import ExecutionError

__all__ = ["array_create_labeled", "array_find_label", "array_modify"]


def array_create_labeled(data: Array, labels: Array) -> Array:
    """Return an array whose elements have the labels given, in the same order (array_create_labeled).

    Raises:
        ExecutionError: The numbers of elements and labels differ (ArrayLengthMismatch).
    """
    elements, names = elements_of(data), elements_of(labels)
    if len(elements) != len(names):
        raise ExecutionError(
            f"ArrayLengthMismatch: {len(elements)} elements need as many labels, not {len(names)}.",
            remedy="Give one label for each element.",
        )
    return assembled(elements, names)


def array_find_label(data: Array, label: str | float) -> Number:
    """Return the index of a label, counted from zero; no-data if it is not there or the array has no labels."""
    labels = known_labels(data) or []
    return labels.index(label) if label in labels else None


def array_modify(data: Array, values: Array, index: Places, length: Annotated[int, AtLeast(0)] = 0) -> Array:
    """Return the array with values in the place of `length` elements from an index on.

    Labels stay if both arrays have them, or one of them is empty (array_modify, description).

    Raises:
        ExecutionError: The index lies beyond the end, or a label is in both (ArrayElementNotAvailable,
            ArrayLabelConflict).
    """
    count = len(data)
    if index > count:
        raise ExecutionError(
            f"ArrayElementNotAvailable: there is no element {index} to insert before; the array has {count}.",
            remedy=f"Give {count} or less.",
        )
    before, after = part(data, range(index)), part(data, range(min(index + length, count), count))
    return joined([array for array in (before, values, after) if len(array)] or [part(data, [])])

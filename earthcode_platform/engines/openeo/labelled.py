"""Arrays with labels, put together from elements: labels stay with their elements, and none stands twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from earthcode_platform.engines.openeo.along import ELEMENT, Along, Array, elements_of, stacked
from earthcode_platform.errors import ExecutionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Labelled", "assembled", "joined", "known_labels", "label_coordinate", "part"]


class Labelled(list[object]):
    """An array of plain values, each with a label.

    Args:
        elements: The values.
        labels: As many labels.
    """

    def __init__(self, elements: Iterable[object], labels: Sequence[object]) -> None:
        super().__init__(elements)
        self.labels = list(labels)


def known_labels(array: Array) -> list[object] | None:
    """Return the labels of an array; None if it has none, only places."""
    if isinstance(array, Labelled):
        return array.labels
    if isinstance(array, Along) and array.dimension in array.cube.coords:
        return array.labels
    return None


def assembled(elements: Sequence[object], labels: Sequence[object] | None) -> Array:
    """Return elements as an array: for each pixel if one of them is a cube, with labels if there are any."""
    if not any(isinstance(element, xr.DataArray) for element in elements):
        return list(elements) if labels is None else Labelled(elements, labels)
    array = stacked(elements)
    if labels is None:
        return array
    return Along(array.cube.assign_coords({ELEMENT: label_coordinate(labels)}), ELEMENT)


def joined(arrays: Sequence[Array]) -> Array:
    """Return arrays one after another; labels stay if all of them have labels.

    Raises:
        ExecutionError: A label is in two of them (ArrayLabelConflict).
    """
    known = [known_labels(array) for array in arrays]
    elements = [element for array in arrays for element in elements_of(array)]
    if any(labels is None for labels in known):
        return assembled(elements, None)
    labels = [label for one in known for label in one or ()]
    if len(set(map(repr, labels))) < len(labels):
        raise ExecutionError("ArrayLabelConflict: a label is in both arrays.", remedy="Rename it first.")
    return assembled(elements, labels)


def part(array: Array, places: Sequence[int]) -> Array:
    """Return the elements at the places given, with their labels."""
    if isinstance(array, Along):
        return Along(array.cube.isel({array.dimension: np.array(places, dtype="intp")}), array.dimension)
    elements, labels = elements_of(array), known_labels(array)
    kept = [elements[at] for at in places]
    return kept if labels is None else Labelled(kept, [labels[at] for at in places])


def label_coordinate(labels: Sequence[object]) -> NDArray[np.generic]:
    """Return labels as xarray can hold them: texts and numbers side by side stay what they are."""
    alike = all(isinstance(label, str) for label in labels) or all(isinstance(label, int | float) for label in labels)
    if alike:
        return np.array(labels)
    mixed = np.empty(len(labels), dtype=object)
    mixed[:] = labels
    return mixed

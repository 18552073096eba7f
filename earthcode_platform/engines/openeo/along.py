"""What processes work on: numbers, truth values, arrays and cubes, and how each says that there is no data.

The specification's `null` is `None` for a single value and NaN in a cube. Numbers in cubes are floats, always: integers
neither wrap nor truncate. A cube of truth values holds 1, 0 and NaN (true, false, no-data) and is marked as such, so
that `and` or `mask` can tell it from numbers, and no-data is never taken for false.

Inside a callback that sees an array for each pixel, that array is an `Along`: a cube and the dimension it runs along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import xarray as xr

from earthcode_platform.errors import ExecutionError

__all__ = [
    "ELEMENT",
    "Along",
    "Array",
    "Cube",
    "Number",
    "Truth",
    "Value",
    "elements_of",
    "filled_like",
    "is_binary",
    "is_truth",
    "labels_of",
    "marked_binary",
    "marked_truth",
    "stacked",
]

ELEMENT: Final = "element"
"""Dimension of an array that a process graph puts together from single values."""
_TRUTH: Final = "truth_values"
_BINARY: Final = "ones_and_zeros"


@dataclass(frozen=True, slots=True)
class Along:
    """An array for each pixel of a cube: the values along one dimension, with its labels."""

    cube: xr.DataArray
    """The cube."""
    dimension: str
    """The dimension that the array runs along."""

    @property
    def labels(self) -> list[object]:
        """The labels of the elements; moments as RFC 3339 texts."""
        return labels_of(self.cube, self.dimension)

    def __len__(self) -> int:
        return int(self.cube.sizes[self.dimension])

    def with_element(self) -> Along:
        """Return the arrays, or where they are empty, arrays of one no-data: reducers say the same of both."""
        if len(self):
            return self
        sizes = {**self.cube.sizes, self.dimension: 1}
        coords = {name: coord for name, coord in self.cube.coords.items() if self.dimension not in coord.dims}
        filled = xr.DataArray(np.full(list(sizes.values()), np.nan), coords, dims=list(sizes), attrs=self.cube.attrs)
        return Along(filled, self.dimension)

    def element(self, index: int) -> xr.DataArray:
        """Return the element at `index` of every array."""
        one = self.cube.isel({self.dimension: index})
        return one.drop_vars([self.dimension, "common_name", "center_wavelength"], errors="ignore")


Cube: TypeAlias = xr.DataArray
Number: TypeAlias = int | float | xr.DataArray | Along | None
Truth: TypeAlias = bool | xr.DataArray | Along | None
Array: TypeAlias = Sequence[object] | Along
Value: TypeAlias = object


def labels_of(cube: xr.DataArray, dimension: str) -> list[object]:
    """Return the labels of a dimension as JSON values; indices where it has none."""
    if dimension not in cube.coords:
        return list(range(cube.sizes[dimension]))
    values = cube[dimension].values
    if values.dtype.kind == "M":
        texts: list[object] = [f"{np.datetime_as_string(value, unit='auto')}" for value in values]
        return [f"{text}Z" if "T" in str(text) else f"{text}T00:00:00Z" for text in texts]
    listed: list[object] = values.tolist()
    return listed


def elements_of(array: Array) -> list[object]:
    """Return the elements of a list; those of an array for each pixel as cubes."""
    return [array.element(at) for at in range(len(array))] if isinstance(array, Along) else list(array)


def marked_truth(cube: xr.DataArray) -> xr.DataArray:
    """Return the cube of 1, 0 and NaN, marked as truth values."""
    marked = cube.copy(deep=False)
    marked.attrs = {_TRUTH: True}
    return marked


def is_truth(cube: xr.DataArray) -> bool:
    """Tell whether a cube holds truth values."""
    return bool(cube.attrs.get(_TRUTH, False)) or cube.dtype.kind == "b"


def marked_binary(cube: xr.DataArray) -> xr.DataArray:
    """Return a cube of the numbers 1 and 0 and no-data, marked as such: numbers that can be used as truth values."""
    marked = cube.copy(deep=False)
    marked.attrs = {_BINARY: True}
    return marked


def is_binary(cube: xr.DataArray) -> bool:
    """Tell whether a cube is known to hold the numbers 1 and 0 and no-data alone."""
    return bool(cube.attrs.get(_BINARY, False))


def stacked(elements: Sequence[object]) -> Along:
    """Return an array for each pixel, put together from single values and cubes; a value stands for every pixel.

    Raises:
        ExecutionError: An element is neither a number nor a cube, or two cubes have different labels.
    """
    template = next(element for element in elements if isinstance(element, xr.DataArray))
    cubes = [_like(element, template) for element in elements]
    try:
        aligned = xr.broadcast(*xr.align(*cubes, join="exact"))
    except ValueError as error:
        raise ExecutionError(f"the cubes in the array have different labels: {error}.") from None
    cube = xr.concat(aligned, dim=ELEMENT, coords="minimal", compat="override", combine_attrs="drop")
    truths = all(
        is_truth(element) if isinstance(element, xr.DataArray) else element is None or isinstance(element, bool)
        for element in elements
    )
    return Along(marked_truth(cube) if truths else cube, ELEMENT)


def _like(element: object, template: xr.DataArray) -> xr.DataArray:
    if isinstance(element, Along):
        raise ExecutionError("an array of arrays cannot be computed.", remedy="Join the arrays with array_concat.")
    if isinstance(element, xr.DataArray):
        return element
    if element is not None and not isinstance(element, int | float):
        raise ExecutionError(f"{element!r} cannot stand in an array beside cubes.", remedy="Use numbers.")
    return filled_like(template, element)


def filled_like(template: xr.DataArray, value: float | None) -> xr.DataArray:
    """Return one value for every pixel of a cube, no-data for None, in a type that holds it: of floats, always."""
    dtype = template.dtype if template.dtype.kind == "f" else np.dtype("float64")
    filled: xr.DataArray = xr.full_like(template, np.nan if value is None else float(value), dtype=dtype)
    filled.attrs = {}
    return filled

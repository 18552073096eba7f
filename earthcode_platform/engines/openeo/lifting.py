"""Functions of single values, lifted to cubes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.dimensions import UNITS
from earthcode_platform.engines.openeo.along import Along, Number, Truth, is_binary, is_truth, marked_truth
from earthcode_platform.errors import ExecutionError

__all__ = ["Kernel", "Lifted", "lifted", "numeric", "require_truth", "truth_valued"]

Kernel = Callable[..., NDArray[Any]]
_FLOATS: Final = ("float32", "float64")


def numeric(
    kernel: Kernel,
    *operands: Number,
    exact: Callable[..., int | float] | None = None,
    keeps_unit: bool = False,
) -> Number:
    """Apply a function of numbers to numbers and cubes; where any operand is no-data, so is the result.

    Args:
        kernel: The function of NumPy arrays of floats.
        operands: Numbers and cubes.
        exact: The function for Python numbers alone, where that is exact and NumPy is not (integers of any size).
        keeps_unit: Whether the result has the unit of its operands.

    Raises:
        ExecutionError: An operand is no number, or cubes have different labels.
    """
    for operand in operands:
        _require_number(operand)
    if not any(isinstance(operand, xr.DataArray | Along) for operand in operands):
        return _single(
            kernel, [operand for operand in operands if not isinstance(operand, xr.DataArray | Along)], exact
        )
    result = lifted(kernel, *operands, dtype=_dtype(operands))
    return result if keeps_unit else _without_unit(result)


def truth_valued(kernel: Kernel, *operands: Number | Truth) -> xr.DataArray | Along:
    """Apply a function that gives 1, 0 and NaN to cubes, and mark the result as truth values."""
    result = _without_unit(lifted(kernel, *operands, dtype="float32"))
    return Along(marked_truth(result.cube), result.dimension) if isinstance(result, Along) else marked_truth(result)


@dataclass(frozen=True)
class Lifted:
    """A function of single values, taken pixel by pixel on the blocks of cubes."""

    kernel: Kernel
    """The function of NumPy arrays."""
    operands: tuple[Any, ...]
    """Its operands; those that are single values count."""
    places: tuple[int, ...]
    """Which operands are blocks."""
    dtype: str
    """Type of the result."""

    def __call__(self, *blocks: NDArray[Any]) -> NDArray[Any]:
        """Return what the function makes of the blocks."""
        arguments = list(self.operands)
        for place, block in zip(self.places, blocks, strict=True):
            arguments[place] = block if block.dtype.name in _FLOATS else block.astype("float64")
        with np.errstate(all="ignore"):
            return np.asarray(self.kernel(*arguments)).astype(self.dtype, copy=False)


def lifted(kernel: Kernel, *operands: object, dtype: str) -> xr.DataArray | Along:
    """Apply a function of NumPy arrays to cubes, block by block; single values are handed to it as they are.

    None becomes NaN. If an operand is an array for each pixel, the result is one too.

    Raises:
        ExecutionError: Cubes have different labels, or arrays run along different dimensions.
    """
    cubes = [operand.cube if isinstance(operand, Along) else operand for operand in operands]
    places = [at for at, operand in enumerate(cubes) if isinstance(operand, xr.DataArray)]
    fixed = [
        None if isinstance(operand, xr.DataArray) else math.nan if operand is None else operand for operand in cubes
    ]

    try:
        result = blockwise(
            Lifted(kernel, tuple(fixed), tuple(places), dtype), *(cubes[place] for place in places), dtype=dtype
        )
    except ValueError as error:
        raise ExecutionError(
            f"the cubes do not fit together: {error}.",
            remedy="Bring them to the same labels first, or use merge_cubes.",
        ) from None
    along = {operand.dimension for operand in operands if isinstance(operand, Along)}
    if len(along) > 1:
        raise ExecutionError(f"the arrays run along different dimensions: {', '.join(sorted(along))}.")
    return Along(result, along.pop()) if along else result


def _single(
    kernel: Kernel, operands: Sequence[float | None], exact: Callable[..., int | float] | None
) -> int | float | None:
    numbers = [operand for operand in operands if operand is not None]
    if len(numbers) < len(operands):
        return None
    if exact is not None:
        with contextlib.suppress(OverflowError, ValueError):
            return exact(*numbers)
    with np.errstate(all="ignore"):
        result = float(kernel(*map(np.float64, numbers)))
    whole = result.is_integer() and all(isinstance(number, int) for number in numbers)
    return int(result) if whole else result


def _require_number(operand: object) -> None:
    if isinstance(operand, bool) or not (operand is None or isinstance(operand, int | float | xr.DataArray | Along)):
        raise ExecutionError(f"{operand!r} is no number.", remedy="Give a number or a cube.")


def _dtype(operands: tuple[Number, ...]) -> str:
    cubes = [operand.cube if isinstance(operand, Along) else operand for operand in operands]
    types = [
        cube.dtype if cube.dtype.name in _FLOATS else np.dtype("float64")
        for cube in cubes
        if isinstance(cube, xr.DataArray)
    ]
    return str(np.result_type(*types))


def _without_unit(result: xr.DataArray | Along) -> xr.DataArray | Along:
    if isinstance(result, Along):
        return Along(result.cube.drop_vars(UNITS, errors="ignore"), result.dimension)
    return result.drop_vars(UNITS, errors="ignore")


def require_truth(operand: object) -> None:
    """Check that an operand is a truth value, a cube of them, or no-data.

    Raises:
        ExecutionError: It is something else; numbers are not taken for truth in silence.
    """
    cube = operand.cube if isinstance(operand, Along) else operand
    if (
        operand is None
        or isinstance(operand, bool)
        or (isinstance(cube, xr.DataArray) and (is_truth(cube) or is_binary(cube)))
    ):
        return
    shown = "a cube of numbers" if isinstance(cube, xr.DataArray) else repr(operand)
    raise ExecutionError(f"{shown} is no truth value.", remedy="Compare first, for example with eq, gt or between.")

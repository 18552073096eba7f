"""Logic with three values: where the outcome hangs on no-data, it is no-data (Kleene's tables)."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.branchless import chosen
from earthcode_platform.engines.openeo.along import (
    Along,
    Array,
    Truth,
    Value,
    is_binary,
    is_truth,
    marked_binary,
    marked_truth,
    stacked,
)
from earthcode_platform.engines.openeo.lifting import Kernel, lifted, require_truth, truth_valued
from earthcode_platform.errors import ExecutionError

__all__ = ["all_", "and_", "any_", "if_", "not_", "or_", "xor"]


def and_(x: Truth, y: Truth) -> Truth:
    """Tell whether both values are true: false if one is false, even beside no-data."""
    if _has_cube(x, y):
        return _combined(_and_kernel, x, y)
    _require(x, y)
    if x is False or y is False:
        return False
    return None if x is None or y is None else True


def or_(x: Truth, y: Truth) -> Truth:
    """Tell whether at least one value is true: true if one is true, even beside no-data."""
    if _has_cube(x, y):
        return _combined(_or_kernel, x, y)
    _require(x, y)
    if x is True or y is True:
        return True
    return None if x is None or y is None else False


def xor(x: Truth, y: Truth) -> Truth:
    """Tell whether exactly one value is true; no-data beside anything is no-data."""
    if _has_cube(x, y):
        return _combined(lambda one, other: np.abs(one - other), x, y)
    _require(x, y)
    return None if x is None or y is None else x is not y


def not_(x: Truth) -> Truth:
    """Return the opposite truth value; no-data passes through."""
    if _has_cube(x):
        return _combined(lambda one: 1 - one, x)
    _require(x)
    return None if x is None else not x


def if_(value: Truth, accept: Value, reject: Value = None) -> Value:
    """Return `accept` where the value is true, and `reject` where it is false or no-data.

    Where it differs between pixels, an array is chosen as a whole. A choice between 1 and 0 can serve as a truth value.
    """
    require_truth(value)
    if isinstance(value, bool) or value is None:
        return accept if value else reject
    binary = all(_is_binary(branch) for branch in (accept, reject))
    accept, reject = (_array_for_each(value, branch) for branch in (accept, reject))
    for branch in (accept, reject):
        if not (branch is None or isinstance(branch, int | float | xr.DataArray | Along)):
            raise ExecutionError(f"{branch!r} cannot be chosen for single pixels.", remedy="Choose between numbers.")
    chosen = lifted(_chosen, value, accept, reject, dtype=_branch_dtype(accept, reject))
    return marked_binary(chosen) if binary and isinstance(chosen, xr.DataArray) else chosen


def _is_binary(branch: Value) -> bool:
    if isinstance(branch, xr.DataArray):
        return is_truth(branch) or is_binary(branch)
    return branch is None or (isinstance(branch, bool | int | float) and branch in (0, 1))


def _array_for_each(value: Truth, branch: Value) -> Value:
    """Return an array of single values and cubes as one for each pixel of the condition."""
    cube = value.cube if isinstance(value, Along) else value
    if not isinstance(branch, list) or not isinstance(cube, xr.DataArray):
        return branch
    every = stacked([cube, *branch])
    return Along(every.cube.isel({every.dimension: slice(1, None)}), every.dimension)


def any_(data: Array, *, ignore_nodata: bool = True) -> Truth:
    """Tell whether at least one value is true.

    No-data if there is no value, or if all are no-data and are ignored (any, description).
    """
    return _quantified(data, ignore_nodata=ignore_nodata, decisive=1.0)


def all_(data: Array, *, ignore_nodata: bool = True) -> Truth:
    """Tell whether all values are true.

    No-data if there is no value, or if all are no-data and are ignored (all, description).
    """
    return _quantified(data, ignore_nodata=ignore_nodata, decisive=0.0)


def _has_cube(*operands: object) -> bool:
    return any(isinstance(operand, xr.DataArray | Along) for operand in operands)


def _require(*operands: object) -> None:
    for operand in operands:
        require_truth(operand)


def _combined(kernel: Kernel, *operands: Truth) -> Truth:
    _require(*operands)
    return truth_valued(kernel, *(float(operand) if isinstance(operand, bool) else operand for operand in operands))


def _and_kernel(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
    return _decided(np.minimum(x, y), x, y, 0.0)


def _or_kernel(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.floating]:
    return _decided(np.maximum(x, y), x, y, 1.0)


def _decided(both: NDArray[np.floating], x: Any, y: Any, decisive: float) -> NDArray[np.floating]:  # noqa: ANN401 - arrays and numbers
    """Return the outcome, no-data where an operand is, except where the decisive value stands beside it."""
    unknown = np.isnan(both)
    if not unknown.any():
        return both
    decided = unknown & (np.equal(x, decisive) | np.equal(y, decisive))
    return chosen(decided, np.full_like(both, decisive), both)


def _chosen(
    value: NDArray[np.floating], accept: NDArray[np.floating], reject: NDArray[np.floating]
) -> NDArray[np.floating]:
    return np.where(np.equal(value, 1), accept, reject)


def _branch_dtype(*branches: object) -> str:
    cubes = [branch.cube if isinstance(branch, Along) else branch for branch in branches]
    types = [cube.dtype for cube in cubes if isinstance(cube, xr.DataArray)]
    return str(np.result_type("float32", *types))


def _quantified(data: Array, *, ignore_nodata: bool, decisive: float) -> Truth:
    if not isinstance(data, Along) and not _has_cube(*data):
        _require(*data)
        if any(value is bool(decisive) for value in data):
            return bool(decisive)
        gaps = [value is None for value in data]
        return None if all(gaps) or (any(gaps) and not ignore_nodata) else not decisive
    arrays = data.with_element() if isinstance(data, Along) else stacked(data)
    _require(arrays)

    def kernel(values: NDArray[np.floating]) -> NDArray[np.floating]:
        decided = (values == decisive).any(axis=-1)
        gaps = np.isnan(values)
        unknown = gaps.all(axis=-1) if ignore_nodata else gaps.any(axis=-1)
        return np.where(decided, decisive, np.where(unknown, np.nan, 1 - decisive)).astype("float32")

    return marked_truth(blockwise(kernel, arrays.cube, dtype="float32", over=arrays.dimension))

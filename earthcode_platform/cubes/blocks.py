"""Functions of NumPy blocks, applied to lazy cubes block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["Step", "blockwise", "keep_freed_memory", "rechunked"]

_KEPT: Final = 24 * 1024 * 1024
"""Bytes up to which the allocator hands freed memory out again."""


class Step:
    """A kernel under a name of its own, taken block by block.

    Without the name Dask would write the function out, with all that it refers to, to find one: that was nine tenths
    of the time in which a graph was built.
    """

    def __init__(self, kernel: Callable[..., NDArray[Any]]) -> None:
        self.kernel = kernel
        self._token = uuid4().hex
        self.__name__ = getattr(kernel, "__name__", "kernel")

    def __call__(self, *blocks: Any) -> NDArray[Any]:  # noqa: ANN401 - arrays, or lists of one where an axis is used up
        """Return what the kernel makes of the blocks."""
        arrays = []
        for block in blocks:
            array = block
            while isinstance(array, list):
                (array,) = array
            arrays.append(array)
        return self.kernel(*arrays)

    def __dask_tokenize__(self) -> str:
        return self._token


def keep_freed_memory() -> None:
    """Let the allocator keep what arrays give back, in place of returning it to the system and asking anew.

    A fresh page costs more than the arithmetic on it: for blocks of a few megabytes that was more than half the time.
    The allocator of Linux learns from what is freed (mallopt(3), M_MMAP_THRESHOLD: dynamic, up to 32 MiB); this frees
    one array of that kind, of which no page is ever touched. Elsewhere nothing happens.
    """
    np.empty(_KEPT, dtype="uint8")


def rechunked(cube: xr.DataArray, chunks: dict[str, int]) -> xr.DataArray:
    """Return the cube with other chunks (-1 for one piece); its coordinates stay in memory.

    Args:
        cube: A cube; one that is in memory becomes lazy.
        chunks: Length of a chunk along each dimension named.
    """
    return cube.copy(data=cube.variable.chunk({name: size for name, size in chunks.items() if name in cube.dims}).data)


def blockwise(
    kernel: Callable[..., NDArray[Any]],
    *operands: object,
    dtype: str,
    over: str | None = None,
    appended: str | None = None,
    count: int = 0,
) -> xr.DataArray:
    """Return the cube that `kernel` makes of the blocks of the operands.

    Labels must agree: nothing is aligned, cut or filled in silence. The coordinates of the result keep their attributes
    (the CRS lives there); its own attributes are empty.

    Args:
        kernel: Takes one array for each operand, broadcast against each other, and returns one.
        operands: Cubes and plain numbers, at least one cube.
        dtype: NumPy name of the result's type.
        over: Dimension that the kernel uses up; it is the last axis of each array, in one piece.
        appended: Dimension that the kernel adds, as the last axis of the result.
        count: Length of the dimension added.

    Raises:
        ValueError: The labels of the operands differ.
    """
    import xarray as xr

    def uses(operand: object) -> bool:
        return over is not None and isinstance(operand, xr.DataArray) and over in operand.dims

    consumed: Sequence[Sequence[str | None]] = [[over] if uses(operand) else [] for operand in operands]
    whole = [
        rechunked(operand, {over: -1}) if over and isinstance(operand, xr.DataArray) and operand.chunks else operand
        for operand in operands
    ]

    def applied(*arrays: Any) -> Any:  # noqa: ANN401 - arrays of NumPy or Dask
        if not any(hasattr(array, "dask") for array in arrays):
            return kernel(*arrays)
        return _lazily(Step(kernel), arrays, [bool(one) for one in consumed], np.dtype(dtype), count if appended else 0)

    result: xr.DataArray = xr.apply_ufunc(
        applied,
        *whole,
        input_core_dims=consumed,
        output_core_dims=[[appended] if appended else []],
        exclude_dims={over} if over is not None and over == appended else set(),
        join="exact",
        dask="allowed",
        keep_attrs="override",
    )
    result.attrs = {}
    return result


def _lazily(step: Step, arrays: Sequence[Any], consumes: Sequence[bool], dtype: np.dtype[Any], appended: int) -> Any:  # noqa: ANN401 - Dask has no types
    """Return the Dask array that a step makes of arrays; unlike `apply_gufunc`, a block that is whole is not copied."""
    import dask.array as da

    loops = [np.ndim(array) - used for array, used in zip(arrays, consumes, strict=True)]
    most = max(loops)
    paired: list[Any] = []
    for array, loop, used in zip(arrays, loops, consumes, strict=True):
        axes = (*range(most - loop, most), *((most,) if used else ()))
        paired += [array, axes if axes or hasattr(array, "dask") else None]
    added = most + 1
    return da.blockwise(  # type: ignore[no-untyped-call]  # dask annotates no arrays
        step,
        (*range(most), *((added,) if appended else ())),
        *paired,
        new_axes={added: appended} if appended else {},
        dtype=dtype,
        meta=np.empty((0,) * (most + bool(appended)), dtype),
    )

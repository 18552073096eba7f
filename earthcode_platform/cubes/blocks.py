"""Functions of NumPy blocks, applied to lazy cubes block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["blockwise", "rechunked"]


class _Step:
    """A kernel by a name of its own: without one Dask writes the function out, with all that it refers to, to name it.

    That is nine tenths of the time in which a graph is built.
    """

    def __init__(self, kernel: Callable[..., NDArray[Any]]) -> None:
        self._kernel = kernel
        self._token = uuid4().hex
        self.__name__ = getattr(kernel, "__name__", "kernel")

    def __call__(self, *arrays: NDArray[Any]) -> NDArray[Any]:
        return self._kernel(*arrays)

    def __dask_tokenize__(self) -> str:
        return self._token


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
    result: xr.DataArray = xr.apply_ufunc(
        _Step(kernel),
        *whole,
        input_core_dims=consumed,
        output_core_dims=[[appended] if appended else []],
        exclude_dims={over} if over is not None and over == appended else set(),
        join="exact",
        dask="parallelized",
        dask_gufunc_kwargs={"output_sizes": {appended: count}} if appended else {},
        output_dtypes=[dtype],
        keep_attrs="override",
    )
    result.attrs = {}
    return result

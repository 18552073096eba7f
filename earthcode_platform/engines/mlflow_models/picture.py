"""What a model is applied to: a lazy cube, cut into spatial blocks of rows, one row for a pixel."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.dimensions import BANDS, TIME, X, Y, float_dtype, with_span
from earthcode_platform.cubes.load import load
from earthcode_platform.engines.mlflow_models.choices import Choices, Composite

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.engines.mlflow_models.signature import Column, Signature
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["Block", "Picture"]

_EDGE: Final = 1024
"""Longest side of a block, in pixels: two blocks of a COG (decision 0004)."""
_SHARE: Final = 8
"""A block and its copies take this part of the memory limit at most."""
_STEP: Final = 64
"""Blocks are whole multiples of this, as far as the cube goes."""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of pixels."""

    rows: slice
    """Its rows."""
    columns: slice
    """Its columns."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The pixels that a model is applied to, and the cube that its answers make."""

    cube: xr.DataArray
    """Lazy, (t, bands, y, x): the bands of the columns, and the mask's."""
    template: xr.DataArray
    """Lazy, (t, bands, y, x) or (bands, y, x): what comes out, without values."""
    choices: Choices
    """How dates become one picture, and what is no data."""
    outputs: tuple[Column, ...]
    """What is kept of the model's answers, in the model's order."""

    @classmethod
    def of(cls, data: PinnedInput, signature: Signature, choices: Choices) -> Picture:
        """Return the picture of an input; headers are read, and no pixel.

        Raises:
            InputError: The bands do not make one cube.
            UnavailableError: A remote file did not answer.
        """
        cube = load(data, choices.loaded)
        outputs = tuple(one for one in signature.outputs if not choices.outputs or one.name in choices.outputs)
        return cls(cube, _template(cube, outputs, choices.composite), choices, outputs)

    def blocks(self, memory_bytes: int) -> list[Block]:
        """Return rectangles that cover the picture, each small enough for the memory limit."""
        layers = self.cube.sizes[TIME] * self.cube.sizes[BANDS]
        fitting = math.isqrt(max(1, memory_bytes // (_SHARE * layers * self.cube.dtype.itemsize)))
        edge = min(_EDGE, max(_STEP, fitting // _STEP * _STEP))
        starts = (range(0, self.cube.sizes[name], edge) for name in (Y, X))
        return [Block(slice(row, row + edge), slice(column, column + edge)) for row, column in product(*starts)]

    def cut(self, block: Block) -> xr.DataArray:
        """Return the part of the lazy cube that lies in a block."""
        return self.cube.isel({Y: block.rows, X: block.columns})

    def pixels(self, values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return the pixels of a block that have data, and where they are.

        Args:
            values: The block of `cut` in memory, (t, bands, y, x).

        Returns:
            Rows (pixels, columns of the model), and booleans (t, y, x), with t of length 1 for a composite.
        """
        labels = list(self.cube[BANDS].values)
        chosen = values[:, [labels.index(band) for band in self.choices.bands]]
        if self.choices.mask_band:
            masked = np.isin(values[:, labels.index(self.choices.mask_band)], self.choices.mask_values)
            chosen = np.where(masked[:, np.newaxis], np.nan, chosen)
        chosen = _composite(chosen, self.choices.composite)
        valid = np.isfinite(chosen).all(axis=1)
        return np.moveaxis(chosen, 1, -1)[valid], valid

    def empty(self) -> NDArray[Any]:
        """Return an array (t, bands, y, x) of no data for the answers."""
        shape = [1, *self.template.shape] if self.template.ndim == 3 else list(self.template.shape)  # noqa: PLR2004 - without t
        return np.full(shape, np.nan, dtype=self.template.dtype)

    def filled(self, answers: NDArray[Any]) -> xr.DataArray:
        """Return the cube of the answers, an array as `empty` gives it."""
        return self.template.copy(data=answers.reshape(self.template.shape))

    def parts(self) -> Iterator[tuple[Column, slice]]:
        """Yield each output with its places along `bands`."""
        start = 0
        for output in self.outputs:
            yield output, slice(start, start + output.width)
            start += output.width


def _composite(values: NDArray[Any], way: Composite) -> NDArray[Any]:
    """Return (t, bands, y, x) as it is, or with one date that stands for all; no-data is NaN."""
    if way is Composite.NONE or values.shape[0] == 1:
        return values
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # pixels without a date stay NaN
        if way is Composite.MEAN:
            mean: NDArray[Any] = np.nanmean(values, axis=0, keepdims=True, dtype="float64")
            return mean.astype(values.dtype)
        if way is Composite.MEDIAN:
            median: NDArray[Any] = np.nanmedian(values, axis=0, keepdims=True)
            return median
    first = np.isfinite(values).argmax(axis=0, keepdims=True)
    return np.take_along_axis(values, first, axis=0)


def _template(cube: xr.DataArray, outputs: tuple[Column, ...], way: Composite) -> xr.DataArray:
    import dask.array as da
    import xarray as xr

    names = [name for output in outputs for name in _labels(output)]
    kinds = {float_dtype(output.dtype) for output in outputs}
    frame = cube.isel({BANDS: 0}, drop=True).reset_coords(drop=True)
    spatial = {name: cube.coords[name] for name in (TIME, Y, X)}
    values = da.zeros((len(names), *frame.shape), dtype=max(kinds), chunks=-1)
    made = xr.DataArray(values, dims=(BANDS, TIME, Y, X), coords={BANDS: names, **spatial}).transpose(TIME, BANDS, Y, X)
    made = made.assign_coords(spatial_ref=cube.coords["spatial_ref"])
    if way is Composite.NONE:
        return made
    return with_span(made.isel({TIME: 0}, drop=True), cube[TIME])


def _labels(output: Column) -> list[str]:
    if output.width == 1:
        return [output.name]
    return [f"{output.name}{number}" for number in range(1, output.width + 1)]

"""Computed cubes as the files of the product, each read back after it was written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.dimensions import BANDS, TIME, TIME_END, TIME_START
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.window import span
from earthcode_platform.cubes.write import MEDIA_TYPES, SUFFIXES, as_written, write
from earthcode_platform.errors import ExecutionError, InputError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import xarray as xr

    from earthcode_platform.models.pinned import PinnedExperiment
    from earthcode_platform.models.run import ProducedFile

__all__ = ["write_results"]


def write_results(cubes: Sequence[xr.DataArray], pinned: PinnedExperiment, folder: Path) -> tuple[ProducedFile, ...]:
    """Write each cube below `folder` and return the descriptions, read from the files themselves.

    The first is named by the product's id; a second and further ones have their number behind it.

    Raises:
        ExecutionError: A cube does not fit the product's format, or holds no valid pixel.
        IntegrityError: A file does not hold what was computed.
    """
    product = pinned.experiment.product
    produced = []
    for number, cube in enumerate(cubes, start=1):
        _require_valid(cube, pinned)
        name = product.id if number == 1 else f"{product.id}-{number}"
        path = folder / f"{name}{SUFFIXES[product.format]}"
        try:
            write(cube, path, product.format, product.title)
        except InputError as error:
            raise ExecutionError(error.message, where="the result of the workflow", remedy=error.remedy) from None
        _verify(cube, path)
        start, end = _coverage(cube, pinned)
        title = product.title if len(cubes) == 1 else f"{product.title}, part {number}"
        produced.append(describe(path, title, MEDIA_TYPES[product.format], start, end))
    return tuple(produced)


def _require_valid(cube: xr.DataArray, pinned: PinnedExperiment) -> None:
    if not np.isfinite(cube.values).any():
        raise ExecutionError(
            "the result holds no valid pixel.",
            where=pinned.experiment.id,
            remedy="Look at the masks and windows of the workflow: everything was taken for no-data.",
        )


def _verify(cube: xr.DataArray, path: Path) -> None:
    back = reopen(path)
    written = as_written(cube)
    if BANDS not in written.dims:
        written = written.expand_dims(BANDS)
    if TIME in written.dims and TIME not in back.dims:
        written = written.isel({TIME: 0})
    wanted = written.transpose(*back.dims)
    if wanted.shape != back.shape or not np.array_equal(wanted.values, back.values, equal_nan=True):
        raise IntegrityError(
            "the file does not hold what was computed.", where=str(path), remedy="Check the disk, and run again."
        )


def _coverage(cube: xr.DataArray, pinned: PinnedExperiment) -> tuple[datetime, datetime]:
    """Return the span of time that a cube without dates stands for: its own, or else that of the inputs' items."""
    dates = span(cube)
    if dates is not None:
        return dates
    if TIME_START in cube.coords and TIME_END in cube.coords:
        first, last = (cube[name].values.astype("datetime64[us]").item() for name in (TIME_START, TIME_END))
        return first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)
    items = [found.item for entry in pinned.inputs for found in resolved_items(entry)]
    return min(item.start for item in items), max(item.end for item in items)

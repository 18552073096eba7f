"""Computed cubes as the files of the product, each read back after it was written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.describe_tables import describe_table, with_geometries
from earthcode_platform.cubes.dimensions import BANDS, TIME, TIME_END, TIME_START
from earthcode_platform.cubes.features import is_vector
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.input_extent import input_place, input_span
from earthcode_platform.cubes.read_tables import require_same
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.saved import SavedResult
from earthcode_platform.cubes.tables import table_of
from earthcode_platform.cubes.window import span
from earthcode_platform.cubes.write import as_written, media_type_of, suffix_of, write
from earthcode_platform.errors import ExecutionError, InputError, IntegrityError
from earthcode_platform.models.file_options import TableOptions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import xarray as xr

    from earthcode_platform.models.experiment import ProductFormat
    from earthcode_platform.models.file_options import FileOptions
    from earthcode_platform.models.pinned import PinnedExperiment
    from earthcode_platform.models.run import ProducedFile

__all__ = ["described_result", "write_results"]


def write_results(
    cubes: Sequence[xr.DataArray | SavedResult], pinned: PinnedExperiment, folder: Path
) -> tuple[ProducedFile, ...]:
    """Write each result below `folder` and return the descriptions, read from the files themselves.

    The first is named by the product's id; a second and further ones have their number behind it.

    Args:
        cubes: Cubes in memory, the product first; with a format and options of their own, or in that of the product.
        pinned: What ran.
        folder: Where the files go.

    Raises:
        ExecutionError: A cube does not fit its format, or holds no valid pixel.
        IntegrityError: A file does not hold what was computed.
    """
    product = pinned.experiment.product
    produced = []
    results = [one if isinstance(one, SavedResult) else SavedResult(one) for one in cubes]
    for number, saved in enumerate(results, start=1):
        name = product.id if number == 1 else f"{product.id}-{number}"
        title = product.title if len(results) == 1 else f"{product.title}, part {number}"
        produced.append(_written(saved, pinned, folder / name, title))
    return tuple(produced)


def _written(saved: SavedResult, pinned: PinnedExperiment, stem: Path, title: str) -> ProducedFile:
    form = saved.format or pinned.experiment.product.format
    cube = saved.cube
    _require_valid(cube, pinned)
    try:
        options = read_options(saved.options, form)
        path = stem.with_name(f"{stem.name}{suffix_of(form, options)}")
        write(cube, path, form, title, options)
        laid_out = as_written(cube, path.name, options)
        if isinstance(options, TableOptions):
            table = table_of(laid_out, whole=options.numbers.bounds is not None)
            require_same(table, path)
            return describe_table(laid_out, table, path, (title, media_type_of(form, path)), _coverage(cube, pinned),
                                  input_place(pinned))  # fmt: skip
        _verify(laid_out, path, options)
    except InputError as error:
        raise ExecutionError(error.message, where="the result of the workflow", remedy=error.remedy) from None
    found = described_result(cube, path, title, form, pinned)
    return with_geometries(found, laid_out) if is_vector(laid_out) else found


def described_result(
    cube: xr.DataArray, path: Path, title: str, form: ProductFormat, pinned: PinnedExperiment
) -> ProducedFile:
    """Return the description of a result that was written, read from the file itself.

    Args:
        cube: What was written; of it only the dates it stands for are read.
        path: The file.
        title: Its title.
        form: Its format.
        pinned: What ran.
    """
    return describe(path, title, media_type_of(form, path), *_coverage(cube, pinned), place=input_place(pinned))


def _require_valid(cube: xr.DataArray, pinned: PinnedExperiment) -> None:
    if not np.isfinite(cube.values).any():
        raise ExecutionError(
            "the result holds no valid pixel.",
            where=pinned.experiment.id,
            remedy="Look at the masks and windows of the workflow: everything was taken for no-data.",
        )


def _verify(written: xr.DataArray, path: Path, options: FileOptions) -> None:
    """Compare a file with what was to be in it; numbers that are stored in steps, to a thousandth of a step."""
    back = reopen(path)
    if BANDS not in written.dims:
        written = written.expand_dims(BANDS)
    if TIME in written.dims and TIME not in back.dims:
        written = written.isel({TIME: 0})
    wanted = written.transpose(*back.dims).values
    slack = abs(options.scale) / 1000 if options.bounds is not None else 0.0
    if wanted.shape != back.shape or not np.allclose(back.values, wanted, rtol=0, atol=slack, equal_nan=True):
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
    return input_span(pinned)

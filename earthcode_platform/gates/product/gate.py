"""The gate after the run: each produced file, from its bytes to the ground it lies on."""

import math
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from earthcode_platform import checksums
from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.errors import InputError
from earthcode_platform.gates.product.arrays import check_conventions, check_zarr
from earthcode_platform.gates.product.cog import check_tiff
from earthcode_platform.gates.product.finding import finding
from earthcode_platform.gates.product.place import check_ground, check_place
from earthcode_platform.gates.product.reading import ReadArray, read_arrays
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import ProducedFile, RunResult
from earthcode_platform.models.window import BBox

__all__ = ["check"]

_TOLERANCE: Final = 1e-5
"""Relative difference of figures that were computed in another order, or in single precision."""
_OPTIMISED: Final = "profile=cloud-optimized"
_AGAIN: Final = "Run the experiment again; if it happens again, look at the disk."


def check(pinned: PinnedExperiment, run: RunResult, inputs: Sequence[BBox] = ()) -> Iterator[Finding]:
    """Yield what is wrong with the files of a product; an error keeps it out of the archive.

    Each file is read whole, by block, with the plain library of its format.

    Args:
        pinned: What ran.
        run: What it produced.
        inputs: Boxes of the inputs in degrees, on which the product must lie.
    """
    for key, produced in run.assets.items():
        where = f"product: {key} ({Path(produced.path).name})"
        with warnings.catch_warnings():
            # What libraries warn of when they open a broken file, the findings say.
            warnings.simplefilter("ignore")
            found = list(_file(produced, where))
            if all(one.severity is not Severity.ERROR for one in found):
                found += _contents(produced, inputs, where)
        yield from found
        yield from _wanted(pinned, produced, where)


def _file(produced: ProducedFile, where: str) -> Iterator[Finding]:
    """Yield what is wrong with the file before its values are looked at."""
    path = Path(produced.path)
    form = container(path.name, None)
    if not path.exists():
        yield finding("missing", where, "there is no such file.", "Look at the step that should have written it.")
        return
    if form is Container.RASTER:
        optimised = _OPTIMISED in produced.media_type
        yield from check_tiff(path, where, optimised=optimised) if path.suffix.lower() != ".jp2" else ()
    elif form is not None:
        yield from check_zarr(path, where) if form is Container.ZARR else ()
        yield from check_conventions(path, form, where)
    try:
        same = checksums.of_path(path) == produced.checksum
    except OSError as error:
        yield finding("not-readable", where, f"it cannot be read: {error.strerror}.", _AGAIN)
        return
    if not same:
        message = f"its bytes are not those of {produced.checksum}, with which it was recorded."
        yield finding("bytes-differ", where, message, _AGAIN)


def _contents(produced: ProducedFile, inputs: Sequence[BBox], where: str) -> Iterator[Finding]:
    path = Path(produced.path)
    try:
        if container(path.name, None) is not None:  # a table has no pixels to look at
            arrays = read_arrays(path)
            yield from _bands(produced, arrays, where)
            yield from _values(produced, arrays, where)
            yield from check_place(produced, where)
        if data_checksum(path) != produced.data_checksum:
            message = f"its values are not those of {produced.data_checksum}, with which it was recorded."
            yield finding("values-differ", where, message, _AGAIN)
    except InputError as error:
        yield finding("not-readable", where, error.message, error.remedy or _AGAIN)
        return
    except (OSError, RuntimeError, ValueError) as error:
        # A broken chunk may be read once and not a second time: its decoder reads past its end.
        yield finding("not-readable", where, f"it cannot be read to its end: {error}.", _AGAIN)
        return
    yield from check_ground(produced, inputs, where)


def _bands(produced: ProducedFile, arrays: Sequence[ReadArray], where: str) -> Iterator[Finding]:
    """Yield bands that are missing, hold nothing, or declare another no-data than was recorded."""
    found = {one.name: one for one in arrays}
    for name in produced.bands:
        array = found.get(name)
        if array is None:
            known = ", ".join(found) or "none"
            yield finding("band-missing", where, f"it holds no {name!r}, only {known}.", _AGAIN)
        elif not array.statistics.valid:
            message = f"{name!r} holds no valid pixel among {array.statistics.count:,}."
            yield finding("empty", where, message, "Look at the masks and windows of the workflow.")
        else:
            yield from _nodata(produced, array, where)


def _nodata(produced: ProducedFile, array: ReadArray, where: str) -> Iterator[Finding]:
    recorded = math.nan if produced.nodata == "nan" else produced.nodata
    if not _equal(recorded, array.nodata):
        message = f"{array.name!r} declares the no-data {array.nodata}, but {produced.nodata} was recorded."
        yield finding("nodata", where, message, "Declare in the file what stands for no data.")
    elif array.nodata is None and array.statistics.valid < array.statistics.count:
        message = f"{array.name!r} has gaps and declares no number that stands for them."
        yield finding("nodata", where, message, "Declare one, so that every reader sees them.", Severity.WARNING)


def _equal(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        # Where bands differ in it, none is recorded for the file.
        return one is None
    return math.isclose(one, other, rel_tol=1e-7) or (math.isnan(one) and math.isnan(other))


def _values(produced: ProducedFile, arrays: Sequence[ReadArray], where: str) -> Iterator[Finding]:
    """Yield figures that are not those of the description."""
    found = {one.name: one.statistics for one in arrays}
    for name, recorded in zip(produced.bands, produced.band_statistics, strict=False):
        figures = found.get(name)
        if figures is None or not figures.valid:
            continue
        read = {
            "minimum": figures.minimum,
            "maximum": figures.maximum,
            "mean": figures.mean,
            "stddev": figures.stddev,
            "valid_percent": 100 * figures.valid / figures.count,
        }
        largest = max(abs(figures.minimum), abs(figures.maximum))
        for figure, value in read.items():
            known = recorded.get(figure)
            near = _TOLERANCE * (100 if figure == "valid_percent" else largest)
            if known is not None and not math.isclose(known, value, rel_tol=_TOLERANCE, abs_tol=near):
                message = f"the {figure} of {name!r} is {value:g}, but {known:g} was recorded."
                yield finding("values-differ", where, message, _AGAIN)


def _wanted(pinned: PinnedExperiment, produced: ProducedFile, where: str) -> Iterator[Finding]:
    """Yield a warning if a GeoTIFF is not cloud-optimised although the experiment wants it so."""
    plain = container(produced.path, None) is Container.RASTER and _OPTIMISED not in produced.media_type
    if plain and pinned.experiment.product.format is ProductFormat.COG:
        message = "it is a GeoTIFF that is not cloud-optimised, and the experiment wants a COG."
        yield finding("not-cog", where, message, "Let the workflow write it with GDAL's COG driver.", Severity.WARNING)

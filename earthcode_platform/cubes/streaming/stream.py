"""A lazy cube written as a product while its blocks are computed.

Values are those that `write` gives: the same blocks pass through the same functions, and the formats' own writers make
the file. What is in memory are the blocks under way and the units they belong to, whatever the size of the map.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.cubes.dimensions import SPATIAL, ordered
from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.packing import read_back, stored_numbers
from earthcode_platform.cubes.streaming.journal import Journal, Noted, checksum
from earthcode_platform.cubes.streaming.schedule import Patient, computed, sites
from earthcode_platform.cubes.streaming.targets import target_of
from earthcode_platform.cubes.streaming.units import cut
from earthcode_platform.errors import EarthCodeError, ExecutionError, IntegrityError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.cubes.streaming.source import BlockSource
    from earthcode_platform.cubes.streaming.targets import Target
    from earthcode_platform.cubes.streaming.units import Box, Unit
    from earthcode_platform.models.file_options import CogOptions, ZarrOptions

__all__ = ["Streamed", "stream"]

_JOURNAL: Final = "blocks"
"""Name of the record of finished units."""


@dataclass(frozen=True)
class Streamed:
    """What is to be written, and where."""

    cube: xr.DataArray
    """The lazy cube."""
    source: BlockSource
    """Where its values come from."""
    path: Path
    """The product."""
    title: str
    """Its title."""
    options: CogOptions | ZarrOptions
    """Its format, and how it is written."""
    identity: str
    """What decides the values; finished units of another identity are not used."""
    folder: Path
    """Where the half-made product lies until it is whole; on the file system of `path`."""


class _DoubleNeededError(Exception):
    """A whole number is not exact in float32."""


class _Block(NamedTuple):
    box: Box
    stored: NDArray[Any]
    valid: int


@dataclass(frozen=True)
class _Encoded:
    """Computes a block and turns its values into stored numbers, in the order of a product's dimensions."""

    source: BlockSource
    axes: tuple[int, ...]
    options: CogOptions | ZarrOptions
    where: str

    def __call__(self, box: Box) -> _Block:
        values = np.transpose(self.source[(..., *box.slices)], self.axes)
        exact = read_back(values, self.options, self.where)
        if self.options.dtype is None and exact.dtype != np.float32:
            raise _DoubleNeededError
        return _Block(box, stored_numbers(exact, self.options), int(np.isfinite(exact).sum()))


def stream(wanted: Streamed, progress: Callable[[float], None]) -> None:
    """Compute a product block by block and write it; it appears when it is complete and was read back.

    What was finished before a crash, of the same identity, is not computed again. After an error that another try
    would not change nothing stays behind; after others the half-made product stays for the next try.

    Args:
        wanted: What to write.
        progress: Takes the fraction of blocks that are computed.

    Raises:
        InputError: A value does not fit into the stored type.
        ExecutionError: There is no valid pixel.
        IntegrityError: The product does not hold what was computed.
        OSError: Data cannot be read.
    """
    try:
        double = replace(wanted, options=wanted.options.model_copy(update={"dtype": "float64"}))
        # A try before may have found that float32 is not enough.
        if wanted.options.dtype is None and _Run(double).known():
            wanted = double
        try:
            _Run(wanted).to_end(progress)
        except _DoubleNeededError:
            _Run(double).to_end(progress)
    except EarthCodeError as error:
        if not isinstance(error, UnavailableError):
            shutil.rmtree(wanted.folder, ignore_errors=True)
        raise
    shutil.rmtree(wanted.folder, ignore_errors=True)


class _Run:
    """One way to the product, with one stored type."""

    def __init__(self, wanted: Streamed) -> None:
        self._wanted = wanted
        laid_out = ordered(wanted.cube)
        self._axes = tuple(map(wanted.cube.dims.index, laid_out.dims))
        template = _template(laid_out, wanted.options.dtype or "float32")
        self._target: Target = target_of(template, wanted.folder, wanted.title, wanted.options)
        side, layout = wanted.source.side, self._target.layout
        rows, columns = (int(laid_out.sizes[name]) for name in SPATIAL)
        self._units = cut((rows, columns), max(side, -(-side // (layout or 1)) * layout), side)
        self._journal = Journal(wanted.folder / _JOURNAL, _key(wanted, template, self._units))

    def known(self) -> dict[int, Noted]:
        """Return what the record of an earlier try says."""
        return self._journal.read()

    def to_end(self, progress: Callable[[float], None]) -> None:
        noted = self._begun()
        missing = [unit for unit in self._units if unit.number not in noted]
        total = sum(len(unit.blocks) for unit in self._units)
        before = total - sum(len(unit.blocks) for unit in missing)
        for done, (unit, found) in enumerate(self._blocks(missing), start=before + 1):
            if unit is not None:
                noted[unit.number] = found
            progress(done / total)
        if not sum(one.valid for one in noted.values()):
            raise ExecutionError(
                "the result holds no valid pixel.",
                where=self._wanted.path.stem,
                remedy="Look at the masks and windows of the workflow: everything was taken for no-data.",
            )
        self._finish(noted)

    def _begun(self) -> dict[int, Noted]:
        """Return the units that are finished already and hold what was noted of them."""
        self._wanted.folder.mkdir(parents=True, exist_ok=True)
        known = self._journal.read()
        self._target.begin(afresh=not known)
        units = self._units
        noted = {
            number: one
            for number, one in known.items()
            if number < len(units) and self._sum(units[number].box) == one.checksum
        }
        self._journal.begin(noted)
        return noted

    def _sum(self, box: Box) -> int | None:
        try:
            return checksum(self._target.read(box))
        except (OSError, ValueError, RuntimeError):
            return None

    def _blocks(self, missing: Sequence[Unit]) -> Iterator[tuple[Unit | None, Noted]]:
        """Yield for each block the unit that it completes, if it does, and what is noted of that unit."""
        wanted = self._wanted
        task = _Encoded(wanted.source, self._axes, wanted.options, wanted.path.name)
        patient = Patient(task, sites(wanted.source.hrefs))
        of = {box: unit for unit in missing for box in unit.blocks}
        parts: dict[int, _Parts] = {}
        for box, stored, valid in computed(patient, of):
            unit = of[box]
            part = parts.setdefault(unit.number, _Parts(unit))
            part.add(box, stored, valid)
            if part.left:
                yield None, Noted(0, 0)
                continue
            del parts[unit.number]
            self._target.write(unit.box, part.values)
            noted = Noted(checksum(part.values), part.valid)
            self._journal.note(unit.number, noted)
            yield unit, noted

    def _finish(self, noted: dict[int, Noted]) -> None:
        path = self._wanted.path
        for left in path.parent.glob(f".{path.stem}.*.part{path.suffix}"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        with replacing(path) as temporary:
            self._target.finish(temporary)
            for unit in self._units:
                if checksum(self._target.reread(temporary, unit.box)) != noted[unit.number].checksum:
                    raise IntegrityError(
                        "the file does not hold what was computed.",
                        where=str(path),
                        remedy="Check the disk, and run again.",
                    )


class _Parts:
    """The blocks of a unit, put together; a unit of one block is that block, not copied."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self.left = len(unit.blocks)
        self.valid = 0
        self.values: NDArray[Any] = np.empty(0)

    def add(self, box: Box, stored: NDArray[Any], valid: int) -> None:
        if len(self._unit.blocks) == 1:
            self.values = stored
        else:
            if not self.values.size:
                self.values = np.empty((*stored.shape[:-2], *self._unit.box.shape), stored.dtype)
            self.values[(..., *box.within(self._unit.box).slices)] = stored
        self.left -= 1
        self.valid += valid


def _template(cube: xr.DataArray, dtype: str) -> xr.DataArray:
    """Return a lazy cube like another, of a type; nobody will ask for its values."""
    import dask.array as da

    values = da.zeros(cube.shape, dtype=dtype, chunks=cube.shape)
    return cube.copy(data=values)


def _key(wanted: Streamed, template: xr.DataArray, units: Sequence[Unit]) -> str:
    """Return the SHA-256 of everything that decides the product's stored numbers and where they lie."""
    decides = {
        "identity": wanted.identity,
        "title": wanted.title,
        "options": [type(wanted.options).__name__, wanted.options.model_dump(mode="json")],
        "dtype": str(template.dtype),
        "grid": grid_of(template).model_dump(mode="json"),
        "labels": {
            str(name): str(coord.values.tolist()) for name, coord in template.coords.items() if name not in SPATIAL
        },
        "units": [len(units), *units[0].box, len(units[0].blocks)],
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

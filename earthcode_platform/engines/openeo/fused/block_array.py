"""The result of a graph that works pixel by pixel, as an array of which each window is computed by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from earthcode_platform.cubes.blocks import keep_freed_memory
from earthcode_platform.engines.openeo.fused.lookup import Lookup, shortened, spread
from earthcode_platform.engines.openeo.fused.program import Key, Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.cubes.stack import Window
    from earthcode_platform.engines.openeo.fused.template import Source

__all__ = ["BlockArray", "block_array", "pixels_each"]

_PIECE: Final = 524_288
"""Values of one band that pass through the steps at a time: 2 MiB of float32, what a core's cache holds."""
_FEWEST: Final = 1024
"""Pixels below which the steps themselves cost more than what they do."""
_SIDE: Final = 1024
"""Rows and columns of a block: two blocks of 512 of a COG."""
_SMALLEST: Final = 256
_BLOCK_BYTES: Final = 192 * 1024 * 1024
"""Largest block as it is stored, all bands and dates together; above it the sides are halved."""

Windows: TypeAlias = "dict[Key, tuple[Window, np.dtype[Any]]]"
"""What is read of bands, and the type of their values, by key."""


@dataclass(frozen=True)
class BlockArray:
    """The result as an array that computes the window that is asked for."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    program: Program
    pixels: int
    """How many pixels the program takes at a time."""
    inputs: tuple[tuple[str, Source], ...]
    """Names of the program's inputs, and where their values come from."""
    short: Program
    """The program without what is looked up."""
    lookups: tuple[Lookup, ...]
    """What is looked up where a band is stored in bytes."""
    side: int = _SIDE
    """Rows and columns of the block that is best computed at once."""

    @property
    def hrefs(self) -> list[str]:
        """Paths and addresses of the files that are read."""
        return [
            file.href
            for _, source, band in self.used()
            for date in source.dates
            for file in source.stack.layers[date][band].bands
        ]

    @property
    def block_bytes(self) -> int:
        """Memory that computing a block takes: what is read as it is stored, the result, and the pieces."""
        side = min(self.side, max(self.shape[-2:]))
        return _bytes_each(self) * side * side + 8 * _PIECE * len(self.program.steps)

    def used(self) -> Iterator[tuple[Key, Source, int]]:
        """Yield the bands that are read: the program's key, where they come from, and their place there."""
        for name, source in self.inputs:
            for at, band in enumerate(source.bands):
                key = (name, 0, at, 0, 0)
                if key in self.program.given:
                    yield key, source, band

    @property
    def ndim(self) -> int:
        """How many dimensions it has; rows and columns are the last two."""
        return len(self.shape)

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[Any]:
        """Return the values of a window."""
        *others, rows, columns = key
        others = [slice(None)] * (self.ndim - 2) if others == [...] else others
        down, across = (range(length)[one] for length, one in zip(self.shape[-2:], (rows, columns), strict=True))
        first, left = (_within(one) for one in (down, across))
        block = self._computed(first, left)
        return block[(*others, _picks(down, first), _picks(across, left))]

    def _computed(self, rows: tuple[int, int], columns: tuple[int, int]) -> NDArray[Any]:
        size = (rows[1] - rows[0]) * (columns[1] - columns[0])
        keep_freed_memory()
        windows = self._read(rows, columns)
        program, tables = self._tables(windows)
        result = np.empty((*self.shape[:-2], size), self.dtype)
        for start in range(0, size, self.pixels):
            piece = slice(start, min(start + self.pixels, size))
            with np.errstate(all="ignore"):
                given = {key: self._piece(*windows[key], piece) for key in program.given & windows.keys()}
                given |= {key: self._looked_up(table, windows[of][0], piece) for key, (of, table) in tables.items()}
                found = program.run(given)
            result[..., piece] = found[..., 0, : piece.stop - start]
        return result.reshape(*self.shape[:-2], rows[1] - rows[0], columns[1] - columns[0])

    def _tables(self, windows: Windows) -> tuple[Program, dict[Key, tuple[Key, NDArray[Any]]]]:
        """Return the steps to run, and what is looked up in place of others: the band and the table, by key."""
        if not self.lookups or any(windows[one.given][0].stored.dtype.itemsize > 1 for one in self.lookups):
            return self.program, {}
        found = {
            key: (one.given, table) for one in self.lookups for key, table in one.tables(*windows[one.given]).items()
        }
        return self.short, found

    def _looked_up(self, table: NDArray[Any], window: Window, piece: slice) -> NDArray[Any]:
        return self._filled(spread(table, np.ascontiguousarray(window.stored[:, piece])))

    def _read(self, rows: tuple[int, int], columns: tuple[int, int]) -> Windows:
        found = {}
        bands = list(self.used())
        # Neighbours, which are computed at the same time, begin at either end: so they seldom need the same file.
        if (rows[0] + columns[0]) // self.side % 2:
            bands.reverse()
        for key, source, band in bands:
            down = rows[0] + source.row, rows[1] + source.row
            across = columns[0] + source.column, columns[1] + source.column
            found[key] = (source.stack.window(source.dates, band, down, across), source.stack.dtype)
        return found

    def _piece(self, window: Window, dtype: np.dtype[Any], piece: slice) -> NDArray[Any]:
        """Return the values of some pixels as the program takes them; a piece that is too short is filled up."""
        return self._filled(window.decoded(piece, dtype)[:, np.newaxis, np.newaxis, :])

    def _filled(self, values: NDArray[Any]) -> NDArray[Any]:
        missing = self.pixels - values.shape[-1]
        return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, missing)]) if missing else values


def _within(places: range | int) -> tuple[int, int]:
    """Return the first place and the one behind the last."""
    listed = places if isinstance(places, range) else range(places, places + 1)
    return (min(listed), max(listed) + 1) if listed else (0, 0)


def _picks(places: range | int, within: tuple[int, int]) -> slice | int:
    """Return the places as an index into what lies within."""
    if isinstance(places, int):
        return places - within[0]
    stop = places.stop - within[0]
    return slice(places.start - within[0], stop if stop >= 0 else None, places.step) if places else slice(0)


def pixels_each(dates: int) -> int:
    """Return how many pixels of so many dates pass through the steps at a time."""
    return max(_PIECE // dates, _FEWEST)


def block_array(
    cube: xr.DataArray, program: Program, pixels: int, inputs: tuple[tuple[str, Source], ...]
) -> BlockArray:
    """Return the array that a program computes.

    Args:
        cube: A lazy cube of the same shape and type.
        program: Steps from the bands of the inputs to the result.
        pixels: How many pixels it takes at a time.
        inputs: Names of the program's inputs, and where their values come from.
    """
    few = [(name, 0, at, 0, 0) for name, source in inputs for at, band in enumerate(source.bands)
           if source.stack.stored_bytes(band) == 1]  # fmt: skip
    blocks = BlockArray(cube.shape, cube.dtype, program, pixels, inputs, *shortened(program, few))
    return replace(blocks, side=_side(_bytes_each(blocks)))


def _bytes_each(blocks: BlockArray) -> int:
    """Return the bytes of a pixel of a block: as it is stored, all bands and dates together, and its result."""
    each = sum(len(source.dates) * source.stack.stored_bytes(band) for _, source, band in blocks.used())
    return each + blocks.dtype.itemsize * int(np.prod(blocks.shape[:-2], dtype="int64"))


def _side(each: int) -> int:
    """Return how many rows and columns a block has whose pixels take so many bytes each."""
    side = _SIDE
    while side > _SMALLEST and each * side * side > _BLOCK_BYTES:
        side //= 2
    return side

"""Results of a graph, a spatial block at a time: the door through which a run takes the short way if there is one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import uuid4

import numpy as np

from earthcode_platform.cubes.blocks import keep_freed_memory
from earthcode_platform.cubes.dimensions import SPATIAL, X, Y
from earthcode_platform.engines.openeo.executor import Executor
from earthcode_platform.engines.openeo.fused.lookup import Lookup, shortened, spread
from earthcode_platform.engines.openeo.fused.program import Key, Program, compiled
from earthcode_platform.engines.openeo.fused.recognition import heads, obstacle
from earthcode_platform.engines.openeo.fused.template import Source, source_of, template
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.cubes.stack import Window
    from earthcode_platform.process_graphs.graph import Parsed

__all__ = ["BlockArray", "fused"]

_LOG: Final = logging.getLogger(__name__)
_PIECE: Final = 262_144
"""Values of one band that pass through the steps at a time: 1 MiB of float32, what a core's cache holds."""
_FEWEST: Final = 1024
"""Pixels below which the steps themselves cost more than what they do."""
_SIDE: Final = 1024
"""Rows and columns of a block: two blocks of 512 of a COG."""
_SMALLEST: Final = 256
_BLOCK_BYTES: Final = 192 * 1024 * 1024
"""Largest block as it is stored, all bands and dates together; above it the sides are halved."""


def fused(
    graph: Graph, scope: Mapping[str, object], cube: xr.DataArray, known: Mapping[str, object], session: Session
) -> xr.DataArray:
    """Return the cube with its values computed block by block, or as it is if the graph does not allow it.

    Coordinates, type and values are the same either way. Which way is taken is told at level debug.

    Args:
        graph: A graph that was checked.
        scope: Values of parameters by name.
        cube: The lazy cube that is its only result.
        known: Lazy cubes that its nodes gave, by node.
        session: What the run shares.
    """
    begins = heads(graph)
    why = obstacle(graph, begins, scope)
    loaded = {} if why else {name: loaded for name in begins if (loaded := _loaded(known.get(name))) is not None}
    if not why and len(loaded) < len(begins):
        name = next(name for name in begins if name not in loaded)
        why = f"node {name!r}: its files have to be interpolated, or are no rasters"
    made = None if why else _blocks(graph, scope, cube, loaded, session)
    if made is None:
        _LOG.debug("computed as a lazy cube: %s", why or "its inputs lie on different grids, or its result on another")
        return cube
    _LOG.debug("computed by spatial blocks of %s", made.data.chunksize)
    return made


def _loaded(cube: object) -> _Loaded | None:
    import xarray as xr

    source = source_of(cube) if isinstance(cube, xr.DataArray) else None
    return None if source is None or not isinstance(cube, xr.DataArray) else _Loaded(source, cube)


class _Loaded(NamedTuple):
    """A cube at which a graph begins."""

    source: Source
    cube: xr.DataArray


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
            band.href
            for name, source in self.inputs
            for at, number in enumerate(source.bands)
            if (name, 0, at, 0, 0) in self.program.given
            for date in source.dates
            for band in source.stack.layers[date][number].bands
        ]

    @property
    def block_bytes(self) -> int:
        """Memory that computing a block takes: what is read as it is stored, the result, and the pieces."""
        side = min(self.side, max(self.shape[-2:]))
        return _bytes_each(self) * side * side + 8 * _PIECE * len(self.program.steps)

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
        windows = self._read(rows, columns)
        program, tables = self._tables(windows)
        keep_freed_memory()
        result = np.empty((*self.shape[:-2], size), self.dtype)
        for start in range(0, size, self.pixels):
            piece = slice(start, min(start + self.pixels, size))
            with np.errstate(all="ignore"):
                given = {key: self._piece(*windows[key], piece) for key in program.given & windows.keys()}
                given |= {key: self._looked_up(table, windows[of][0], piece) for key, (of, table) in tables.items()}
                found = program.run(given)
            result[..., piece] = found[..., 0, : piece.stop - start]
        return result.reshape(*self.shape[:-2], rows[1] - rows[0], columns[1] - columns[0])

    def _tables(
        self, windows: Mapping[Key, tuple[Window, np.dtype[Any]]]
    ) -> tuple[Program, dict[Key, tuple[Key, NDArray[Any]]]]:
        """Return the steps to run, and what is looked up in place of others: the band and the table, by key."""
        if not self.lookups or any(windows[one.given][0].stored.dtype.itemsize > 1 for one in self.lookups):
            return self.program, {}
        found = {
            key: (one.given, table) for one in self.lookups for key, table in one.tables(*windows[one.given]).items()
        }
        return self.short, found

    def _looked_up(self, table: NDArray[Any], window: Window, piece: slice) -> NDArray[Any]:
        return self._filled(spread(table, np.ascontiguousarray(window.stored[:, piece])))

    def _read(self, rows: tuple[int, int], columns: tuple[int, int]) -> dict[Key, tuple[Window, np.dtype[Any]]]:
        found = {}
        for name, source in self.inputs:
            down, across = ((one[0] + first, one[1] + first) for one, first in
                            ((rows, source.row), (columns, source.column)))  # fmt: skip
            for at, band in enumerate(source.bands):
                key = (name, 0, at, 0, 0)
                if key in self.program.given:
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


def _blocks(
    graph: Graph, scope: Mapping[str, object], cube: xr.DataArray, loaded: Mapping[str, _Loaded], session: Session
) -> xr.DataArray | None:
    """Return the cube with its blocks computed each in one task; None if the graph changes the grid after all."""
    import dask.array as da

    first = next(iter(loaded.values())).cube
    if cube.dims[-2:] != SPATIAL or not all(
        _on_one_grid(first, other) for other in (cube, *(one.cube for one in loaded.values()))
    ):
        return None
    dates = max(len(one.source.dates) for one in loaded.values())
    pixels = min(max(_PIECE // dates, _FEWEST), cube.sizes[Y] * cube.sizes[X])
    names = {name: f"pixels-{uuid4().hex}" for name in loaded}
    made = _result(
        graph, scope, {name: template(one.cube, names[name], pixels) for name, one in loaded.items()}, session
    )
    if made.dims != cube.dims or made.dtype != cube.dtype or made.shape[:-2] != cube.shape[:-2] or not made.chunks:
        return None
    keys = [(names[name], 0, at, 0, 0) for name, one in loaded.items() for at in range(len(one.source.bands))]
    inputs = tuple((names[name], one.source) for name, one in loaded.items())
    program = compiled(made.data, keys)
    few = [(name, 0, at, 0, 0) for name, source in inputs for at, band in enumerate(source.bands)
           if source.stack.stored_bytes(band) == 1]  # fmt: skip
    blocks = BlockArray(cube.shape, cube.dtype, program, pixels, inputs, *shortened(program, few))
    side = _side(_bytes_each(blocks))
    blocks = replace(blocks, side=side)
    data = da.from_array(  # type: ignore[no-untyped-call]  # dask annotates no arrays
        blocks, chunks=(*cube.shape[:-2], side, side), name=f"blocks-{uuid4().hex}", asarray=False, fancy=False,
        meta=np.empty((0,) * cube.ndim, cube.dtype),
    )  # fmt: skip
    return cube.copy(data=data)


def _on_one_grid(one: xr.DataArray, other: xr.DataArray) -> bool:
    same = all(np.array_equal(one[name].values, other[name].values) for name in SPATIAL)
    return same and one["spatial_ref"].attrs == other["spatial_ref"].attrs


def _bytes_each(blocks: BlockArray) -> int:
    """Return the bytes of a pixel of a block: as it is stored, all bands and dates together, and its result."""
    each = sum(
        len(source.dates) * source.stack.stored_bytes(band)
        for name, source in blocks.inputs
        for at, band in enumerate(source.bands)
        if (name, 0, at, 0, 0) in blocks.program.given
    )
    return each + blocks.dtype.itemsize * int(np.prod(blocks.shape[:-2], dtype="int64"))


def _side(each: int) -> int:
    """Return how many rows and columns a block has whose pixels take so many bytes each."""
    side = _SIDE
    while side > _SMALLEST and each * side * side > _BLOCK_BYTES:
        side //= 2
    return side


def _result(
    graph: Graph, scope: Mapping[str, object], templates: Mapping[str, xr.DataArray], session: Session
) -> xr.DataArray:
    """Return what the graph gives if its heads give the templates."""
    begun = {
        name: replace(node, arguments={key: _begun(value, templates) for key, value in node.arguments.items()})
        for name, node in graph.nodes.items()
        if name not in templates
    }
    given = {_parameter(name): made for name, made in templates.items()}
    apart = Session(session.inputs, session.format, files=session.files)
    result: xr.DataArray = Executor(apart).run(Graph(begun, graph.result), {**scope, **given})  # type: ignore[assignment] # its cube was one
    return result


def _begun(value: Parsed, templates: Mapping[str, xr.DataArray]) -> Parsed:
    if isinstance(value, NodeReference) and value.node in templates:
        return Parameters(_parameter(value.node))
    if isinstance(value, list):
        return [_begun(entry, templates) for entry in value]
    if isinstance(value, dict):
        return {name: _begun(entry, templates) for name, entry in value.items()}
    return value


def _parameter(node: str) -> str:
    """Return a parameter's name that no graph has."""
    return f"\0{node}"

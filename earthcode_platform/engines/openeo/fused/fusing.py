"""Results of a graph, a spatial block at a time: the door through which a run takes the short way if there is one."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import uuid4

import numpy as np

from earthcode_platform.cubes.dimensions import SPATIAL, X, Y
from earthcode_platform.engines.openeo.executor import Executor
from earthcode_platform.engines.openeo.fused.block_array import block_array, pixels_each
from earthcode_platform.engines.openeo.fused.program import compiled
from earthcode_platform.engines.openeo.fused.recognition import heads, obstacle
from earthcode_platform.engines.openeo.fused.template import Source, source_of, template
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

    from earthcode_platform.process_graphs.graph import Parsed

__all__ = ["fused"]

_LOG: Final = logging.getLogger(__name__)


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
    pixels = min(pixels_each(max(len(one.source.dates) for one in loaded.values())), cube.sizes[Y] * cube.sizes[X])
    names = {name: f"pixels-{uuid4().hex}" for name in loaded}
    made = _result(
        graph, scope, {name: template(one.cube, names[name], pixels) for name, one in loaded.items()}, session
    )
    if made.dims != cube.dims or made.dtype != cube.dtype or made.shape[:-2] != cube.shape[:-2] or not made.chunks:
        return None
    keys = [(names[name], 0, at, 0, 0) for name, one in loaded.items() for at in range(len(one.source.bands))]
    inputs = tuple((names[name], one.source) for name, one in loaded.items())
    blocks = block_array(cube, compiled(made.data, keys), pixels, inputs)
    data = da.from_array(  # type: ignore[no-untyped-call]  # dask annotates no arrays
        blocks, chunks=(*cube.shape[:-2], blocks.side, blocks.side), name=f"blocks-{uuid4().hex}", asarray=False,
        fancy=False, meta=np.empty((0,) * cube.ndim, cube.dtype),
    )  # fmt: skip
    return cube.copy(data=data)


def _on_one_grid(one: xr.DataArray, other: xr.DataArray) -> bool:
    same = all(np.array_equal(one[name].values, other[name].values) for name in SPATIAL)
    return same and one["spatial_ref"].attrs == other["spatial_ref"].attrs


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

"""Bands that a graph asks for and its inputs do not have, followed from node to node as far as names stay known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from earthcode_platform.engines.openeo.standins import LOADERS
from earthcode_platform.errors import nearest
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from earthcode_platform.process_graphs.graph import Node, Parsed

__all__ = ["unknown_bands"]

_SAME_BANDS: Final = frozenset(
    {
        "aggregate_spatial_window",
        "aggregate_temporal",
        "aggregate_temporal_period",
        "anomaly",
        "apply",
        "climatological_normal",
        "filter_bbox",
        "filter_spatial",
        "filter_temporal",
        "mask",
        "mask_polygon",
        "resample_cube_spatial",
        "resample_cube_temporal",
        "resample_spatial",
        "save_result",
    }
)
"""Processes whose result has the bands of their argument `data`."""
_BANDS: Final = "bands"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the bands of a node's result; None is nothing."""

    labels: frozenset[str] | None = None
    """Their names, by which `array_element` finds them."""
    names: frozenset[str] | None = None
    """Those and their common names, by which `filter_bands` finds them too."""


def unknown_bands(graph: Graph, bands_of: Callable[[Node], frozenset[str] | None]) -> Iterator[tuple[str, str, str]]:
    """Yield place, message and remedy for each band that is asked for and not there.

    Args:
        graph: A graph without cycles.
        bands_of: Gives the names of the bands that a loading node can give; None if they are not known.
    """
    known: dict[str, _Known] = {}
    for name in graph.order():
        node = graph.nodes[name]
        if node.process in LOADERS:
            names = bands_of(node)
            source = _Known(names, names)
        else:
            data = node.arguments.get("data")
            source = known.get(data.node, _Known()) if isinstance(data, NodeReference) else _Known()
        for band, place, there in _asked(node, source):
            if there is not None and band not in there:
                close = nearest(band, there)
                hint = f"Did you mean {close!r}?" if close else f"There are {', '.join(sorted(there))}."
                yield place, f"there is no band {band!r}.", hint
        known[name] = _after(node, source)


def _asked(node: Node, source: _Known) -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Yield the bands that a node names in plain words, where, and what it may choose from."""
    place = f"node {node.id!r}"
    if node.process in LOADERS or node.process == "filter_bands":
        for band in _texts(node.arguments.get(_BANDS)):
            yield band, place, source.names
    reducer = node.arguments.get("reducer")
    if node.process == "reduce_dimension" and node.arguments.get("dimension") == _BANDS and isinstance(reducer, Graph):
        for step in reducer.nodes.values():
            label, data = step.arguments.get("label"), step.arguments.get("data")
            if step.process == "array_element" and isinstance(label, str) and data == Parameters("data"):
                yield label, f"{place} > reducer > node {step.id!r}", source.labels


def _after(node: Node, source: _Known) -> _Known:
    named = frozenset(_texts(node.arguments.get(_BANDS)))
    if node.process in LOADERS:
        wanted = node.arguments.get(_BANDS)
        return source if wanted is None else _Known(named or None, source.names)
    if node.process == "filter_bands":
        by_label = source.labels is not None and named <= source.labels and not node.arguments.get("wavelengths")
        return _Known(named if by_label else None, source.names)
    along_bands = node.process == "reduce_dimension" and node.arguments.get("dimension") == _BANDS
    same = node.process in _SAME_BANDS or (node.process == "reduce_dimension" and not along_bands)
    return source if same else _Known()


def _texts(value: Parsed) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []

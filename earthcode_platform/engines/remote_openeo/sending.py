"""The graph as it is sent: constants in place of the experiment's values, and the inputs as the back-end reads them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from earthcode_platform.engines.remote_openeo.sources import LOADERS, named_input
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from earthcode_platform.engines.remote_openeo.offers import OfferedProcess
    from earthcode_platform.engines.remote_openeo.sources import Source
    from earthcode_platform.models.pinned import PinnedInput
    from earthcode_platform.models.window import TimeWindow
    from earthcode_platform.process_graphs.graph import Node, Parsed

__all__ = ["EXTENTS", "Sender", "process_ids", "window_of"]

_Json: TypeAlias = dict[str, Any]
EXTENTS: Final = {"temporal_extent": ("filter_temporal", "extent"), "spatial_extent": ("filter_bbox", "extent")}
"""Arguments of loading processes that say what part is wanted, and the process that takes that part afterwards."""


class Sender:
    """Writes graphs for one back-end.

    A value stands wherever the graph refers to its parameter, except in a process graph that is given a parameter of
    the same name by its process: that one is meant there (openEO API 1.2, section Process Graphs, references).

    Args:
        inputs: The inputs, by name.
        sources: What stands for each at the back-end.
        values: Values of parameters, by name.
        processes: The back-end's processes, by id.
    """

    def __init__(
        self,
        inputs: Mapping[str, PinnedInput],
        sources: Mapping[str, Source],
        values: Mapping[str, JsonValue],
        processes: Mapping[str, OfferedProcess],
    ) -> None:
        self._inputs = inputs
        self._sources = sources
        hrefs: dict[str, JsonValue] = {name: source.collection or source.href for name, source in sources.items()}
        self._values: dict[str, JsonValue] = {**values, **hrefs}
        self._processes = processes

    def written(self, graph: Graph) -> _Json:
        """Return the graph in JSON. Nodes that nothing uses are left out: nobody should pay for them."""
        return self._graph(graph, self._values, top=True)

    def _graph(self, graph: Graph, scope: Mapping[str, JsonValue], *, top: bool = False) -> _Json:
        needed = graph.needed() if top else set(graph.nodes)
        written: _Json = {}
        for name, node in graph.nodes.items():
            if name in needed:
                self._write(node, scope, written, taken=graph.nodes)
        written[graph.result]["result"] = True
        return written

    def _write(self, node: Node, scope: Mapping[str, JsonValue], written: _Json, taken: Mapping[str, Node]) -> None:
        arguments = {name: self._argument(node, name, value, scope) for name, value in node.arguments.items()}
        pinned = (
            named_input(node.arguments.get(LOADERS[node.process]), self._inputs) if node.process in LOADERS else None
        )
        if pinned is None:
            written[node.id] = {"process_id": node.process, "arguments": arguments}
            return
        source = self._sources[pinned.name]
        del arguments[LOADERS[node.process]]
        later: list[tuple[str, _Json]] = []
        for name, wanted in window_of(pinned).items():
            given = arguments.get(name)
            if given is not None:
                process, argument = EXTENTS[name]
                later.append((process, {argument: given}))
            arguments[name] = wanted
        names = [*(_free(f"{node.id}-{step}", taken, written) for step in range(1, len(later) + 1)), node.id]
        written[names[0]] = {"process_id": source.process, "arguments": {**source.argument, **arguments}}
        for before, name, (process, rest) in zip(names, names[1:], later, strict=False):
            written[name] = {"process_id": process, "arguments": {"data": {"from_node": before}, **rest}}

    def _argument(self, node: Node, name: str, value: Parsed, scope: Mapping[str, JsonValue]) -> JsonValue:
        process = self._processes.get(node.process)
        own = process.callbacks.get(name, frozenset()) if process else frozenset()
        return self._value(value, scope, own)

    def _value(self, value: Parsed, scope: Mapping[str, JsonValue], own: frozenset[str]) -> JsonValue:
        if isinstance(value, NodeReference):
            return {"from_node": value.node}
        if isinstance(value, Parameters):
            return scope.get(value.name, {"from_parameter": value.name})
        if isinstance(value, Graph):
            inner = {name: constant for name, constant in scope.items() if name not in own}
            return {"process_graph": self._graph(value, inner)}
        if isinstance(value, list):
            return [self._value(one, scope, own) for one in value]
        if isinstance(value, dict):
            return {name: self._value(one, scope, own) for name, one in value.items()}
        return value


def process_ids(graph: _Json) -> list[str]:
    """Return the ids of the processes in a graph as it is sent, at any depth, in alphabetical order."""
    found: set[str] = set()
    pending: list[Any] = [graph]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if isinstance(value.get("process_id"), str):
                found.add(value["process_id"])
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return sorted(found)


def window_of(pinned: PinnedInput) -> dict[str, JsonValue]:
    """Return what part of an input the experiment wants, as arguments of a loading process."""
    wanted: dict[str, JsonValue] = {}
    if pinned.datetime is not None:
        wanted["temporal_extent"] = _interval(pinned.datetime)
    if pinned.bbox is not None:
        wanted["spatial_extent"] = dict(zip(("west", "south", "east", "north"), pinned.bbox, strict=True))
    return wanted


def _interval(window: TimeWindow) -> list[JsonValue]:
    """Return a window, both ends of which are included, as openEO writes intervals: without their end."""
    end = None if window.end is None else window.end + timedelta(microseconds=1)
    return [_stamp(window.start), _stamp(end)]


def _stamp(moment: datetime | None) -> JsonValue:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _free(name: str, taken: Mapping[str, Node], written: _Json) -> str:
    while name in taken or name in written:
        name = f"{name}-"
    return name

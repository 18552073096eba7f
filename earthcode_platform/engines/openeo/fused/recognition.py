"""Which graphs work pixel by pixel: the result at a place hangs on the inputs at that place alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.dimensions import SPATIAL
from earthcode_platform.engines.openeo.standins import LOADERS
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters, nested, node_references

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earthcode_platform.process_graphs.graph import Node, Parsed

__all__ = ["heads", "obstacle"]

_CUTS: Final = frozenset({"filter_bands", "filter_bbox", "filter_temporal"})
"""Processes that take a part of a cube and leave its values alone."""
_ALONG: Final = {
    "add_dimension": "name",
    "apply_dimension": "dimension",
    "drop_dimension": "name",
    "filter_labels": "dimension",
    "reduce_dimension": "dimension",
    "rename_labels": "dimension",
}
"""Processes that work along a dimension, and the argument that names it; along x or y they mix pixels."""
_CUBES: Final = frozenset({
    "aggregate_temporal", "aggregate_temporal_period", "anomaly", "apply", "climatological_normal", "filter_bands",
    "filter_temporal", "mask", "merge_cubes", "ndvi", "save_result",
})  # fmt: skip
"""Processes of cubes that never look at a pixel's neighbours."""
_VALUES: Final = frozenset({
    "absolute", "add", "all", "and", "any", "arccos", "arcosh", "arcsin", "arctan", "arctan2", "array_append",
    "array_apply", "array_concat", "array_contains", "array_create", "array_element", "array_filter", "array_find",
    "array_interpolate_linear", "array_labels", "arsinh", "artanh", "between", "ceil", "clip", "constant", "cos",
    "cosh", "count", "cummax", "cummin", "cumproduct", "cumsum", "divide", "e", "eq", "exp", "extrema", "first",
    "floor", "gt", "gte", "if", "int", "is_infinite", "is_nan", "is_nodata", "is_valid", "last",
    "linear_scale_range", "ln", "log", "lt", "lte", "max", "mean", "median", "min", "mod", "multiply", "nan", "neq",
    "normalized_difference", "not", "or", "order", "pi", "power", "product", "quantiles", "rearrange", "round", "sd",
    "sgn", "sin", "sinh", "sort", "sqrt", "subtract", "sum", "tan", "tanh", "variance", "xor",
})  # fmt: skip
"""Processes of single values and of arrays."""


def heads(graph: Graph) -> list[str]:
    """Return the nodes at which values begin: those that load, or the last of those that only take a part of that."""
    order = graph.order()
    cuts = {name for name in order if graph.nodes[name].process in LOADERS}
    for name in order:
        node = graph.nodes[name]
        data = node.arguments.get("data")
        if node.process in _CUTS and isinstance(data, NodeReference) and data.node in cuts:
            cuts.add(name)
    used = {
        leaf for name in order if name not in cuts for leaf in _sources(graph.nodes[name]) if leaf in cuts
    }  # fmt: skip
    return [name for name in order if name in used]


def _sources(node: Node) -> list[str]:
    return node_references(node.arguments)


def obstacle(graph: Graph, begins: list[str], scope: Mapping[str, object]) -> str:
    """Return what keeps a graph from working pixel by pixel; empty if nothing does.

    Args:
        graph: A graph that was checked.
        begins: Its heads.
        scope: Values of parameters by name.
    """
    if not begins or graph.result in begins:
        return "nothing is computed"
    behind = _behind(graph, begins)
    if all(graph.nodes[name].process == "save_result" for name in behind):
        return "nothing is computed"
    for name in graph.order():
        if name in behind:
            found = _hindrance(graph.nodes[name], scope, top=True)
            if found:
                return f"node {name!r}: {found}"
    return ""


def _behind(graph: Graph, begins: list[str]) -> set[str]:
    """Return the nodes that the results need, up to the heads."""
    wanted = [graph.result, *(name for name in graph.needed() if graph.nodes[name].process == "save_result")]
    found: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in found and name not in begins:
            found.add(name)
            wanted += _sources(graph.nodes[name])
    return found


def _hindrance(node: Node, scope: Mapping[str, object], *, top: bool) -> str:
    if node.definition is not None:
        return f"{node.process} is a graph of its own"
    if node.process in _ALONG and top:
        along = _plain(node.arguments.get(_ALONG[node.process]), scope)
        if not isinstance(along, str) or along in SPATIAL:
            return f"{node.process} along {along!r}"
    elif node.process not in _VALUES and not (top and node.process in _CUBES):
        return node.process
    for inner in nested(node.arguments):
        found = next((why for one in inner.nodes.values() if (why := _hindrance(one, scope, top=False))), "")
        if found:
            return found
    return ""


def _plain(value: Parsed, scope: Mapping[str, object]) -> object:
    return scope.get(value.name) if isinstance(value, Parameters) else value

"""Calling processes as a graph does."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from earthcode_platform.engines.openeo.along import Along
from earthcode_platform.engines.openeo.executor import Executor
from earthcode_platform.engines.openeo.registry import processes
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.process_graphs.graph import Graph, Node, NodeReference, Parameters, Parsed


def call(process: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - whatever the process takes and gives
    """Return what a process gives for arguments by their names in the specification; cubes are computed."""
    found = processes()[process]
    keywords = {name: argument.keyword for name, argument in found.arguments.items()} | {"session": "session"}
    result = found.function(**{keywords[name]: value for name, value in arguments.items()})
    if isinstance(result, xr.DataArray):
        return result.compute()
    return Along(result.cube.compute(), result.dimension) if isinstance(result, Along) else result


def callback(process: str, /, **arguments: Parsed) -> Any:  # noqa: ANN401 - a function
    """Return a process graph of one node as the function that a process is handed."""
    graph = Graph({"n": Node("n", process, arguments)}, "n")
    return Executor(Session({}, ProductFormat.COG)).callback(graph, {})


def reducer(process: str, /, **arguments: Parsed) -> Any:  # noqa: ANN401 - a function
    """Return a reducer of one process on `data`."""
    return callback(process, data=Parameters("data"), **arguments)


def over_time(process: str, cube: xr.DataArray, /, **arguments: Parsed) -> np.ndarray[Any, Any]:
    """Return the values of the cube reduced over time by one process."""
    result = call("reduce_dimension", data=cube, dimension="t", reducer=reducer(process, **arguments))
    values: np.ndarray[Any, Any] = result.values
    return values


def evaluated(nodes: Mapping[str, Node], result: str, scope: Mapping[str, object]) -> object:
    """Return the result of a graph."""
    return Executor(Session({}, ProductFormat.COG)).run(Graph(nodes, result), scope)


__all__ = ["Node", "NodeReference", "Parameters", "call", "callback", "evaluated", "over_time", "reducer"]

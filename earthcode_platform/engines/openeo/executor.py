"""Graphs, computed: in order, each node once, with parameters in their scopes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from earthcode_platform.engines.openeo.along import Along
from earthcode_platform.engines.openeo.registry import Process, processes
from earthcode_platform.errors import ExecutionError, InputError, UnknownNameError, nearest
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters, unused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earthcode_platform.engines.openeo.callbacks import Callback
    from earthcode_platform.engines.openeo.session import Session
    from earthcode_platform.process_graphs.graph import Definition, Node, Parsed

__all__ = ["Executor", "arguments_of", "called", "failures", "single"]


class Executor:
    """Computes graphs of one run. Cubes stay lazy: what this builds is computed by whoever asks for the values.

    Args:
        session: What the run shares.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._processes = processes()

    def run(self, graph: Graph, scope: Mapping[str, object]) -> object:
        """Return the result of a graph.

        Args:
            graph: A graph that was checked.
            scope: Values of parameters by name, those of enclosing graphs included.

        Raises:
            ExecutionError: A node failed; the message names it.
            InputError: An input cannot be used as the graph wants it.
        """
        return graph.each(scope, lambda node, results: self._compute(node, results, scope))

    def _compute(self, node: Node, results: Mapping[str, object], scope: Mapping[str, object]) -> object:
        where = f"node {node.id!r} ({node.process})"
        process = self._processes.get(node.process)
        if process is None and node.definition is None:
            close = nearest(node.process, self._processes)
            raise UnknownNameError(
                f"ProcessUnsupported: there is no process {node.process!r} here.",
                where=where,
                remedy=f"Did you mean {close!r}?" if close else "See the list: earthcode-platform openeo processes.",
            )
        left_out = unused(node, results, scope)
        try:
            given = {
                name: None if name in left_out else self._value(value, results, scope)
                for name, value in node.arguments.items()
            }
            if node.definition is not None:
                return self._defined(node.definition, given)
            return None if process is None else called(process, given, self._session)
        except (ExecutionError, InputError) as error:
            if error.where:
                raise
            raise type(error)(error.message, where=where, remedy=error.remedy) from error
        except failures() as error:
            raise ExecutionError(
                f"{type(error).__name__}: {error}.", where=where, remedy="Check the arguments of the node."
            ) from error

    def _defined(self, definition: Definition, given: Mapping[str, object]) -> object:
        """Return what a process of the workflow gives. It sees its parameters alone, and what it saves is no result."""
        values = arguments_of(definition, given)
        return Executor(replace(self._session, results=[])).run(definition.graph, values)

    def _value(self, value: Parsed, results: Mapping[str, object], scope: Mapping[str, object]) -> object:
        if isinstance(value, NodeReference):
            return results[value.node]
        if isinstance(value, Parameters):
            if value.name not in scope:
                raise UnknownNameError.among("parameter", value.name, scope)
            return scope[value.name]
        if isinstance(value, Graph):
            return self.callback(value, scope)
        if isinstance(value, list):
            return [
                single(self.run(entry, scope)) if isinstance(entry, Graph) else self._value(entry, results, scope)
                for entry in value
            ]
        if isinstance(value, dict):
            return {name: self._value(entry, results, scope) for name, entry in value.items()}
        return value

    def callback(self, graph: Graph, scope: Mapping[str, object]) -> Callback:
        """Return a graph as a function of its own parameters, which hide those of the same name around it.

        Args:
            graph: The graph that is handed to a process.
            scope: Values of parameters by name where it is handed over.
        """

        def called(**parameters: object) -> object:
            return self.run(graph, {**scope, **parameters})

        return called


def single(value: object) -> object:
    """Return the element of an array for each pixel that has just one; everything else as it is.

    A process graph that stands in an array, as clients write arrays of expressions, gives one element of it.
    """
    return value.element(0) if isinstance(value, Along) and len(value) == 1 else value


def arguments_of(definition: Definition, given: Mapping[str, object]) -> dict[str, object]:
    """Return the values of the parameters of a process that the workflow defines, defaults included.

    Raises:
        ExecutionError: One that is required is missing, or one is given that it does not take.
    """
    declared = {parameter.name: parameter for parameter in definition.parameters}
    for name in given:
        if name not in declared:
            raise UnknownNameError.among(f"parameter of {definition.name}", name, declared)
    missing = next((name for name, one in declared.items() if one.required and name not in given), None)
    if missing is not None:
        raise ExecutionError(f"{definition.name} needs the argument {missing!r}.", remedy="Give it.")
    return {name: given.get(name, parameter.default) for name, parameter in declared.items()}


def called(process: Process, given: Mapping[str, object], session: Session) -> object:
    """Return what a process gives for arguments by their names in the specification.

    Null for an argument that has a default and no use for null stands for that default.
    """
    arguments = {
        process.arguments[name].keyword: value
        for name, value in given.items()
        if name in process.arguments and not (value is None and process.arguments[name].left_out_by_null)
    }
    if process.with_session:
        return process.function(session=session, **arguments)
    return process.function(**arguments)


def failures() -> tuple[type[Exception], ...]:
    """Return what processes raise for values that they cannot compute."""
    from rasterio.errors import RasterioError

    general = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError)
    return (ExecutionError, InputError, *general, RasterioError)

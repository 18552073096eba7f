"""A process graph: its nodes, what refers to what, and the order in which to compute them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from earthcode_platform.models.workflow import Parameter

__all__ = [
    "Definition",
    "Graph",
    "Node",
    "NodeReference",
    "Parameters",
    "Parsed",
    "leaves",
    "nested",
    "node_references",
    "parameter_references",
    "unused",
]


@dataclass(frozen=True, slots=True)
class NodeReference:
    """The result of another node: `{"from_node": …}`."""

    node: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """The value of a parameter: `{"from_parameter": …}`."""

    name: str


Parsed: TypeAlias = (
    "bool | int | float | str | list[Parsed] | dict[str, Parsed] | NodeReference | Parameters | Graph | None"
)


@dataclass(frozen=True, slots=True)
class Node:
    """One step: a process and its arguments."""

    id: str
    process: str
    arguments: Mapping[str, Parsed]
    definition: Definition | None = None
    """What the process is, where the workflow brings it along; its name then ends with `@` and its namespace."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A process that is itself a graph, from a file of the workflow."""

    name: str
    """Its id."""
    source: str
    """The file."""
    parameters: tuple[Parameter, ...]
    """What it takes: all that its graph can see."""
    graph: Graph
    """What it does."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes, each with an id, of which one gives the result."""

    nodes: Mapping[str, Node]
    result: str

    def order(self) -> list[str]:
        """Return the ids of the nodes that the result needs, and of those that save something, each after its sources.

        Raises:
            ValueError: There is a cycle (`cycle` names it).
        """
        needed = self.needed()
        sources = {name: set(node_references(self.nodes[name].arguments)) for name in self.nodes if name in needed}
        users: dict[str, list[str]] = {name: [] for name in sources}
        for name, found in sources.items():
            for source in found:
                users[source].append(name)
        ready = deque(name for name, found in sources.items() if not found)
        ordered = []
        while ready:
            name = ready.popleft()
            ordered.append(name)
            for user in users[name]:
                sources[user].discard(name)
                if not sources[user]:
                    ready.append(user)
        if len(ordered) < len(sources):
            raise ValueError(f"cycle: {' → '.join(self.cycle())}")
        return ordered

    def each(self, scope: Mapping[str, object], step: Callable[[Node, dict[str, object]], object]) -> object:
        """Take a step for each node that the result or a saved result stands on, after its sources; return the last.

        Of the two branches of an `if` whose condition is a plain value, the one that is not chosen is not taken.

        Args:
            scope: Values of parameters by name.
            step: Takes a node and the results so far, by id, and returns the result of the node.
        """
        results: dict[str, object] = {}
        saving = [name for name, node in self.nodes.items() if node.process == "save_result"]
        pending = [*reversed(saving), self.result]
        while pending:
            node = self.nodes[pending[-1]]
            used = {name: value for name, value in node.arguments.items() if name not in unused(node, results, scope)}
            missing = [name for name in node_references(used) if name not in results]
            if node.id in results:
                pending.pop()
            elif missing:
                pending += missing
            else:
                results[node.id] = step(node, results)
        return results[self.result]

    def needed(self) -> set[str]:
        """Return the ids of the nodes that the result or a saved result stands on."""
        wanted = [self.result, *(name for name, node in self.nodes.items() if node.process == "save_result")]
        found: set[str] = set()
        while wanted:
            name = wanted.pop()
            if name in self.nodes and name not in found:
                found.add(name)
                wanted += node_references(self.nodes[name].arguments)
        return found

    def cycle(self) -> list[str]:
        """Return the ids along a cycle, the first again at the end; an empty list if there is none."""
        sources = {name: sorted(set(node_references(node.arguments))) for name, node in self.nodes.items()}
        finished: set[str] = set()
        for start in sources:
            path: list[str] = []
            pending = [iter([start])]
            while pending:
                name = next((found for found in pending[-1] if found in sources and found not in finished), None)
                if name is None:
                    pending.pop()
                    finished.update(path[-1:])
                    path = path[:-1]
                elif name in path:
                    return [*path[path.index(name) :], name]
                else:
                    path.append(name)
                    pending.append(iter(sources[name]))
        return []


def unused(node: Node, results: Mapping[str, object], scope: Mapping[str, object]) -> frozenset[str]:
    """Return the arguments of a node that nobody looks at: of an `if`, the branches that are not chosen, or not yet."""
    if node.process != "if":
        return frozenset()
    value = node.arguments.get("value")
    if isinstance(value, NodeReference):
        if value.node not in results:
            return frozenset({"accept", "reject"})
        value = results[value.node]  # type: ignore[assignment]  # whatever the node gave
    elif isinstance(value, Parameters):
        value = scope.get(value.name, value)  # type: ignore[assignment]  # whatever was given
    if value is None or isinstance(value, bool):
        return frozenset({"reject" if value else "accept"})
    return frozenset()


def leaves(value: object) -> Iterator[object]:
    """Yield what stands in a value at any depth of arrays and objects, without entering process graphs."""
    pending: list[object] = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, Mapping):
            pending += one.values()
        elif isinstance(one, list | tuple):
            pending += one
        else:
            yield one


def node_references(value: Parsed | Mapping[str, Parsed]) -> list[str]:
    """Return the ids of the nodes that a value refers to."""
    return [leaf.node for leaf in leaves(value) if isinstance(leaf, NodeReference)]


def parameter_references(value: Parsed | Mapping[str, Parsed]) -> list[str]:
    """Return the names of the parameters that a value refers to, process graphs in it not included."""
    return [leaf.name for leaf in leaves(value) if isinstance(leaf, Parameters)]


def nested(value: Parsed | Mapping[str, Parsed]) -> list[Graph]:
    """Return the process graphs in a value."""
    return [leaf for leaf in leaves(value) if isinstance(leaf, Graph)]

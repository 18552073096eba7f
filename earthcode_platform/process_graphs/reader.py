"""The JSON of a process as a graph, with everything that is wrong with its form."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.workflow import Parameter
from earthcode_platform.process_graphs.breach import breach
from earthcode_platform.process_graphs.graph import Graph, Node, NodeReference, Parameters, Parsed, node_references

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from earthcode_platform.process_graphs.graph import Definition

__all__ = ["Reader"]

_LIMIT_BYTES: Final = 10 * 1024 * 1024
_NODE_KEYS: Final = frozenset({"process_id", "namespace", "arguments", "result", "description"})
_REFERENCES: Final[Mapping[str, Callable[[str], NodeReference | Parameters]]] = {
    "from_node": NodeReference,
    "from_parameter": Parameters,
    "from_argument": Parameters,
}
_OWN_NAMESPACES: Final = (None, "backend")


class Reader:
    """Turns JSON into graphs, and collects what is wrong.

    Args:
        name: What findings call the file.
        findings: Where they are collected.
        defined: Gives the definition of a process from a namespace, for a node at a place; None after it has told
            what is wrong with it.
    """

    def __init__(
        self, name: str, findings: list[Finding], defined: Callable[[Reader, str, str, str], Definition | None]
    ) -> None:
        self._name = name
        self._findings = findings
        self._defined = defined

    def error(self, code: str, where: str, message: str, remedy: str = "") -> None:
        """Report an error at a place in the file."""
        place = f"{self._name}{', ' if where else ''}{where}"
        self._findings.append(Finding(code=code, severity=Severity.ERROR, where=place, message=message, remedy=remedy))

    def json(self, path: Path) -> dict[str, Any] | None:
        """Return the object in a file; None after telling what is wrong with it."""
        try:
            content = path.read_bytes() if path.stat().st_size <= _LIMIT_BYTES else None
        except OSError as error:
            self.error("workflow-not-readable", "", f"it cannot be read: {error.strerror}.", "Restore the file.")
            return None
        if content is None:
            self.error("workflow-not-json", "", f"it has more than {_LIMIT_BYTES} bytes.", "A graph is far smaller.")
            return None
        try:
            parsed = json.loads(content, object_pairs_hook=self._object)
        except RecursionError:
            self.error("workflow-not-json", "", "it is nested too deeply.", "Flatten it.")
        except json.JSONDecodeError as error:
            place = f"line {error.lineno}, column {error.colno}"
            self.error("workflow-not-json", place, f"this is no JSON: {error.msg}.", "Mend the JSON.")
        except ValueError as error:
            self.error("workflow-not-json", "", f"this is no JSON: {error}.", "Save it as UTF-8.")
        else:
            if isinstance(parsed, dict):
                return parsed
            self.error("workflow-no-graph", "", f"it is {type(parsed).__name__}, no object.", "Write a process graph.")
        return None

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counted = Counter(name for name, _ in pairs)
        for name in (name for name, count in counted.items() if count > 1):
            self.error("workflow-duplicate-key", "", f"the key {name!r} stands twice in one object.", "Rename one.")
        return dict(pairs)

    def parameters(self, raw: dict[str, Any]) -> tuple[Parameter, ...]:
        """Return the parameters that a process declares."""
        listed = raw.get("parameters", [])
        found: list[Parameter] = []
        for at, entry in enumerate(listed if isinstance(listed, list) else [listed]):
            declared = entry if isinstance(entry, dict) else {}
            name, schema = declared.get("name"), declared.get("schema", {})
            if not isinstance(name, str) or not name or not isinstance(schema, list | dict):
                self.error(
                    "workflow-not-a-parameter",
                    f"parameters[{at}]",
                    f"{entry!r} has no name or no schema.",
                    "Give it a name, and a JSON schema or a list of them.",
                )
                continue
            self._declared(declared, name, schema, [parameter.name for parameter in found])
            found.append(
                Parameter(
                    name=name,
                    description=str(declared.get("description", "")),
                    json_schema=_joined(schema),
                    required=declared.get("optional") is not True and "default" not in declared,
                    default=declared.get("default"),
                )
            )
        return tuple(found)

    def _declared(self, declared: dict[str, Any], name: str, schema: Any, before: list[str]) -> None:  # noqa: ANN401 - any JSON value
        """Report a name that is taken, and a default that the parameter's own schema forbids."""
        if name in before:
            message = f"the parameter {name!r} is declared twice."
            self.error("workflow-duplicate-parameter", f"parameter {name!r}", message, "Keep one of the two.")
        # Null is how many clients write that there is no default.
        told = "" if declared.get("default") is None else breach(_joined(schema), declared["default"])
        if told:
            message = f"its default {declared['default']!r} does not fit its schema: {told}."
            self.error("workflow-bad-default", f"parameter {name!r}", message, "Mend the default, or the schema.")

    def graph(self, body: Mapping[str, Any], where: str) -> Graph | None:
        """Return the nodes of a process graph, connected; None after telling what is wrong with them."""
        results = [name for name, node in body.items() if isinstance(node, dict) and node.get("result") is True]
        if len(results) != 1:
            shown = ", ".join(map(repr, results)) or "none"
            code = "workflow-many-results" if results else "workflow-no-result"
            self.error(code, where, f"exactly one node must have result: true; here {shown} has.", "Mark one node.")
        nodes = {name: node for name, raw in body.items() if (node := self._node(name, raw, where)) is not None}
        if len(nodes) < len(body) or len(results) != 1:
            return None
        graph = Graph(nodes, results[0])
        return graph if self._connected(graph, where) else None

    def _node(self, name: str, raw: object, where: str) -> Node | None:
        place = _place(where, name)
        process = raw.get("process_id") if isinstance(raw, dict) else None
        arguments = raw.get("arguments", {}) if isinstance(raw, dict) else None
        if not isinstance(raw, dict) or not isinstance(process, str) or not isinstance(arguments, dict):
            self.error(
                "workflow-not-a-node",
                place,
                "it needs 'process_id' and 'arguments'.",
                "Write it as the openEO API says.",
            )
            return None
        for key in (one for one in raw if one not in _NODE_KEYS):
            close = nearest(key, _NODE_KEYS)
            self.error(
                "workflow-not-a-node",
                place,
                f"it has the unknown key {key!r}.",
                f"Did you mean {close!r}?" if close else "Take it out.",
            )
        given = {key: self._value(value, f"{place} > {key}") for key, value in arguments.items()}
        namespace = raw.get("namespace")
        if namespace in _OWN_NAMESPACES:
            return Node(name, process, given)
        if not isinstance(namespace, str):
            self.error("workflow-not-a-node", place, f"its namespace is {namespace!r}, no text.", "Write it as a text.")
            return None
        definition = self._defined(self, namespace, process, place)
        # Under a name of its own: what is defined may be called like one of ours.
        return Node(name, f"{process}@{namespace}", given, definition)

    def _value(self, value: Any, where: str) -> Parsed:  # noqa: ANN401 - any JSON value
        if isinstance(value, list):
            return [self._value(entry, where) for entry in value]
        if not isinstance(value, dict):
            plain: bool | int | float | str | None = value
            return plain
        reference = self._reference(value, where)
        if reference is not None:
            return reference
        body = value.get("process_graph")
        if isinstance(body, dict):
            return self.graph(body, where)
        if any(key.startswith("from_") for key in value):
            self.error(
                "workflow-unknown-reference",
                where,
                f"{value!r} refers to nothing.",
                "Write {'from_node': NAME} or {'from_parameter': NAME}, and nothing else in the object.",
            )
        return {key: self._value(entry, where) for key, entry in value.items()}

    def _reference(self, value: dict[str, Any], where: str) -> NodeReference | Parameters | None:
        """Return the reference that an object is, if it is one; of openEO API 0.4 too, whose meaning is as clear."""
        if len(value) != 1:
            return None
        ((kind, name),) = value.items()
        if not isinstance(name, str) or kind not in _REFERENCES:
            return None
        if kind == "from_argument":
            found = Finding(
                code="workflow-legacy-reference",
                severity=Severity.WARNING,
                where=f"{self._name}, {where}",
                message=f"{value!r} is the notation of openEO API 0.4; it is read as a parameter.",
                remedy=f"Write {{'from_parameter': {name!r}}}.",
            )
            self._findings.append(found)
        return _REFERENCES[kind](name)

    def _connected(self, graph: Graph, where: str) -> bool:
        """Report references to nodes that are not there, cycles, and nodes that nothing uses."""
        sound = True
        for node in graph.nodes.values():
            for target in dict.fromkeys(node_references(node.arguments)):
                if target not in graph.nodes:
                    sound = False
                    close = nearest(target, graph.nodes)
                    hint = f"Did you mean {close!r}?" if close else f"Known: {', '.join(graph.nodes)}."
                    place = _place(where, node.id)
                    self.error("workflow-unknown-node", place, f"there is no node {target!r} in this graph.", hint)
        cycle = graph.cycle() if sound else []
        if cycle:
            self.error(
                "workflow-cycle",
                _place(where, cycle[0]),
                f"the nodes wait for each other: {' → '.join(cycle)}.",
                "Cut it.",
            )
        if sound and not cycle:
            self._report_dead(graph, where)
        return sound and not cycle

    def _report_dead(self, graph: Graph, where: str) -> None:
        needed = graph.needed()
        for name in (one for one in graph.nodes if one not in needed):
            self._findings.append(
                Finding(
                    code="workflow-dead-node",
                    severity=Severity.WARNING,
                    where=f"{self._name}, {_place(where, name)}",
                    message="nothing uses its result, so it is not computed.",
                    remedy="Take it out, or use it.",
                )
            )


def _joined(schema: list[Any] | dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": schema} if isinstance(schema, list) else schema


def _place(where: str, name: str) -> str:
    return f"{where} > node {name!r}" if where else f"node {name!r}"

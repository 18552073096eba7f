"""A workflow file: the JSON of a user-defined process or of a bare process graph, and what is wrong with its form."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.workflow import Parameter
from earthcode_platform.process_graphs.breach import breach
from earthcode_platform.process_graphs.graph import Graph, Node, NodeReference, Parameters, Parsed, node_references

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Document", "document_of", "read_document"]

_LIMIT_BYTES: Final = 10 * 1024 * 1024
_NODE_KEYS: Final = frozenset({"process_id", "namespace", "arguments", "result", "description"})
_OWN_NAMESPACES: Final = (None, "backend")


@dataclass(slots=True)
class Document:
    """A workflow as it was read. `graph` is None if nothing could be made of it."""

    graph: Graph | None = None
    parameters: tuple[Parameter, ...] = ()
    """The parameters it declares."""
    declares: bool = False
    """Whether it has a list of parameters at all: a bare graph has none, and then every name may be given."""
    findings: list[Finding] = field(default_factory=list)
    """What is wrong with its form."""

    def defaults(self) -> dict[str, object]:
        """Return the values that stand for parameters which are not given."""
        return {parameter.name: parameter.default for parameter in self.parameters if not parameter.required}

    def values(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the values given, and defaults for the rest, without those that break the schema of their parameter.

        Those are reported elsewhere: values given by the configuration gate, defaults with the form.
        """
        schemas = {parameter.name: parameter.json_schema for parameter in self.parameters}
        known = {**{name: value for name, value in self.defaults().items() if value is not None}, **given}
        broken = {name for name, value in known.items() if name in schemas and breach(schemas[name], value)}
        return {name: value for name, value in {**self.defaults(), **given}.items() if name not in broken}


def read_document(path: Path) -> Document:
    """Return the workflow at `path` with what is wrong with its form; nothing is raised for a bad file."""
    document = Document()
    raw = _Reader(path.name, document.findings).json(path)
    return document if raw is None else document_of(raw, path.name, document)


def document_of(raw: dict[str, Any], name: str, document: Document | None = None) -> Document:
    """Return the workflow that parsed JSON stands for, with what is wrong with its form.

    Args:
        raw: A process with its `process_graph`, or the nodes themselves.
        name: What to call it in findings.
        document: Where to put it, beside what was found before; a new one if None.
    """
    document = document or Document()
    reader = _Reader(name, document.findings)
    body = raw.get("process_graph", raw)
    if "process_graph" in raw:
        document.parameters, document.declares = reader.parameters(raw), "parameters" in raw
    if not isinstance(body, dict) or not body or not all(isinstance(node, dict) for node in body.values()):
        reader.error(
            "workflow-no-graph",
            "",
            "there is no process graph in it.",
            "Write an object with 'process_graph', or the nodes themselves (openEO API, section Process Graphs).",
        )
        return document
    try:
        document.graph = reader.graph(body, "")
    except RecursionError:
        reader.error("workflow-not-json", "", "it is nested too deeply.", "Flatten it.")
    return document


class _Reader:
    """Turns JSON into graphs, and collects what is wrong."""

    def __init__(self, name: str, findings: list[Finding]) -> None:
        self._name = name
        self._findings = findings

    def error(self, code: str, where: str, message: str, remedy: str = "") -> None:
        place = f"{self._name}{', ' if where else ''}{where}"
        self._findings.append(Finding(code=code, severity=Severity.ERROR, where=place, message=message, remedy=remedy))

    def json(self, path: Path) -> dict[str, Any] | None:
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
        for key in raw.keys() - _NODE_KEYS:
            close = nearest(key, _NODE_KEYS)
            self.error(
                "workflow-not-a-node",
                place,
                f"it has the unknown key {key!r}.",
                f"Did you mean {close!r}?" if close else "Take it out.",
            )
        if raw.get("namespace") not in _OWN_NAMESPACES:
            self.error(
                "workflow-unsupported-process",
                place,
                f"the process {process!r} comes from the namespace {raw['namespace']!r}.",
                "Only the processes of this platform can be used; write out what it does.",
            )
        return Node(name, process, {key: self._value(value, f"{place} > {key}") for key, value in arguments.items()})

    def _value(self, value: Any, where: str) -> Parsed:  # noqa: ANN401 - any JSON value
        if isinstance(value, list):
            return [self._value(entry, where) for entry in value]
        if not isinstance(value, dict):
            plain: bool | int | float | str | None = value
            return plain
        if value.keys() == {"from_node"} and isinstance(value["from_node"], str):
            return NodeReference(value["from_node"])
        if value.keys() == {"from_parameter"} and isinstance(value["from_parameter"], str):
            return Parameters(value["from_parameter"])
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
        for name in graph.nodes.keys() - graph.needed():
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

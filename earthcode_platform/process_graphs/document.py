"""A workflow file: the JSON of a user-defined process or of a bare process graph, and what is wrong with its form.

A node may name a process that is defined elsewhere: by a `namespace` that is a file of the workflow or an address for
which the workflow keeps a copy. Definitions are read with the workflow, each in its own scope, and none may stand on
itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.workflow import Parameter
from earthcode_platform.process_graphs.breach import breach
from earthcode_platform.process_graphs.graph import Definition, Graph
from earthcode_platform.process_graphs.reader import Reader
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from earthcode_platform.models.pinned import PinnedFile

__all__ = ["HARMLESS", "Document", "document_of", "read_document"]

HARMLESS: Final = frozenset(
    {"workflow-bad-default", "workflow-dead-node", "workflow-duplicate-parameter", "workflow-legacy-reference"}
)
"""Findings of the form that leave the meaning of the graph clear."""


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


def read_document(path: Path, files: Sequence[PinnedFile] = ()) -> Document:
    """Return the workflow at `path` with what is wrong with its form; nothing is raised for a bad file.

    Args:
        path: The workflow.
        files: Further files, in which its nodes find the processes that they name by a namespace.
    """
    document = Document()
    raw = Reader(path.name, document.findings, _Library(files, document.findings).defined).json(path)
    return document if raw is None else document_of(raw, path.name, document, files)


def document_of(
    raw: dict[str, Any], name: str, document: Document | None = None, files: Sequence[PinnedFile] = ()
) -> Document:
    """Return the workflow that parsed JSON stands for, with what is wrong with its form.

    Args:
        raw: A process with its `process_graph`, or the nodes themselves.
        name: What to call it in findings.
        document: Where to put it, beside what was found before; a new one if None.
        files: Further files, in which its nodes find the processes that they name by a namespace.
    """
    document = document or Document()
    reader = Reader(name, document.findings, _Library(files, document.findings).defined)
    if "process_graph" in raw:
        document.parameters, document.declares = reader.parameters(raw), "parameters" in raw
    document.graph = _graph(reader, raw.get("process_graph", raw))
    return document


def _graph(reader: Reader, body: object) -> Graph | None:
    if not isinstance(body, dict) or not body or not all(isinstance(node, dict) for node in body.values()):
        reader.error(
            "workflow-no-graph",
            "",
            "there is no process graph in it.",
            "Write an object with 'process_graph', or the nodes themselves (openEO API, section Process Graphs).",
        )
        return None
    try:
        return reader.graph(body, "")
    except RecursionError:
        reader.error("workflow-not-json", "", "it is nested too deeply.", "Flatten it.")
    return None


class _Library:
    """The processes that are defined in files of the workflow."""

    def __init__(self, files: Sequence[PinnedFile], findings: list[Finding]) -> None:
        self._files = {name: file for file in files for name in (file.name, *file.addresses)}
        self._findings = findings
        self._chain: list[tuple[str, str]] = []
        self._known: dict[tuple[str, str], Definition | None] = {}

    def defined(self, reader: Reader, namespace: str, process: str, place: str) -> Definition | None:
        """Return the process of that name from a file; None after telling what is wrong with it."""
        file = self._files.get(namespace)
        if file is None:
            reader.error("workflow-unknown-namespace", place, *_unknown(namespace, process, list(self._files)))
            return None
        key = (file.path, process)
        if key in self._chain:
            names = [name for _, name in [*self._chain[self._chain.index(key) :], key]]
            message = f"processes stand on themselves: {' → '.join(names)}."
            reader.error("workflow-recursion", place, message, "Cut the circle.")
            return None
        if key not in self._known:
            self._chain.append(key)
            self._known[key] = self._read(reader, file, process, place)
            self._chain.pop()
        return self._known[key]

    def _read(self, user: Reader, file: PinnedFile, process: str, place: str) -> Definition | None:
        reader = Reader(file.name, self._findings, self.defined)
        raw = reader.json(Path(file.path))
        found = None if raw is None else _of_name(raw, process)
        if raw is not None and found is None:
            user.error("workflow-unknown-process", place, *_undefined(raw, file.name, process))
        if found is None:
            return None
        parameters, graph = reader.parameters(found), _graph(reader, found.get("process_graph"))
        return None if graph is None else Definition(process, file.name, parameters, graph)


def _of_name(raw: Mapping[str, Any], process: str) -> dict[str, Any] | None:
    """Return the process of a name from a file that holds one, or a list of them as `GET /processes` gives it."""
    return next((one for one in _processes(raw) if one.get("id", process) == process), None)


def _processes(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    listed = raw.get("processes", [raw])
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _undefined(raw: Mapping[str, Any], name: str, process: str) -> tuple[str, str]:
    known = [str(one.get("id")) for one in _processes(raw)]
    close = nearest(process, known)
    hint = f"Did you mean {close!r}?" if close else f"It defines {', '.join(known) or 'nothing'}."
    return f"{name} does not define the process {process!r}.", hint


def _unknown(namespace: str, process: str, known: list[str]) -> tuple[str, str]:
    message = (
        f"the process {process!r} comes from the namespace {public(namespace)!r}, which is no file of the workflow."
    )
    close = nearest(namespace, known)
    if close:
        return message, f"Did you mean {public(close)!r}?"
    if namespace.startswith(("http://", "https://")):
        return message, "Keep a copy in the folder, and name both under workflow.copies in experiment.yaml."
    return message, "Name a file under workflow.files in experiment.yaml; processes of other platforms cannot be used."

"""A CWL package as plain data: its processes, by where they stand, with the line of everything that has one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import unquote, urldefrag, urlsplit

from earthcode_platform.application_packages.bounded import LARGEST_VALUES, is_bounded
from earthcode_platform.application_packages.finding import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.models.finding import Finding

__all__ = ["CLASSES", "VERSIONS", "Mapping", "Package", "Process", "named", "read_package", "short"]

Mapping: TypeAlias = dict[str, Any]
"""A mapping of CWL, as YAML or JSON hold it."""

VERSIONS: Final = ("v1.0", "v1.1", "v1.2")
"""Versions of the language that are run."""
CLASSES: Final = ("Workflow", "CommandLineTool", "ExpressionTool", "Operation")
"""Classes of processes."""
_LARGEST: Final = 4 * 1024 * 1024
"""Bytes of one document."""
_MOST: Final = 200
"""How many documents a package may have."""


@dataclass(frozen=True)
class Process:
    """A workflow or a tool of the package."""

    content: Mapping
    """What its document says."""
    file: Path
    """The document."""
    label: str
    """How findings call it, such as `tools/crop.cwl` or `app.cwl#crop`."""

    @property
    def kind(self) -> str:
        """Its class."""
        return str(self.content.get("class", ""))

    @property
    def steps(self) -> dict[str, Mapping]:
        """Its steps by id."""
        return named(self.content.get("steps"), "run")

    @property
    def inputs(self) -> dict[str, Mapping]:
        """Its inputs by id."""
        return named(self.content.get("inputs"), "type")

    @property
    def outputs(self) -> dict[str, Mapping]:
        """Its outputs by id."""
        return named(self.content.get("outputs"), "type")

    def requirement(self, name: str) -> Mapping | None:
        """Return the requirement or the hint of that class; None if it states neither."""
        for key in ("requirements", "hints"):
            stated = named(self.content.get(key), "", key="class")
            if name in stated:
                return stated[name]
        return None

    def requires(self, name: str) -> bool:
        """Tell whether it is a requirement, which a platform may not pass over as it may a hint."""
        return name in named(self.content.get("requirements"), "", key="class")


@dataclass
class Package:
    """The documents of a package, and the processes that its workflow uses."""

    folder: Path
    """Folder of the staged workflow; nothing outside it is read."""
    entry: Path
    """The document to begin with."""
    main: Process | None = None
    """What runs; None if the package cannot be read so far."""
    processes: dict[str, Process] = field(default_factory=dict)
    """Every process that is used, by label, the main one first."""
    findings: list[Finding] = field(default_factory=list)
    """What is wrong with the documents."""
    metadata: Mapping = field(default_factory=dict)
    """The top level of the entry document."""
    _documents: dict[Path, Any] = field(default_factory=dict)

    @property
    def contents(self) -> list[Any]:
        """What its documents hold, in the order in which they were read."""
        return list(self._documents.values())

    def run_of(self, process: Process, step: Mapping) -> Process | None:
        """Return the process that a step of `process` runs; None if it is not there."""
        run = step.get("run")
        if isinstance(run, dict):
            return Process(run, process.file, f"{process.label}, the tool in it")
        return self.processes.get(self._label(process, run)) if isinstance(run, str) else None

    def _label(self, process: Process, run: str) -> str:
        path, _, fragment = run.partition("#")
        file = _resolved(process.file, path) if path else process.file
        name = file.relative_to(self.folder).as_posix() if file.is_relative_to(self.folder) else str(file)
        return f"{name}#{fragment}" if fragment else name

    def collect(self) -> None:
        """Read the entry and every process that it leads to."""
        self.metadata = content if isinstance(content := self._document(self.entry, "workflow.entry"), dict) else {}
        if not self.metadata:
            return
        self.main = self._main(self.metadata)
        if self.main is None:
            return
        waiting = [self.main]
        self.processes[self.main.label] = self.main
        while waiting:
            process = waiting.pop()
            for name, step in process.steps.items():
                waiting += self._step(process, name, step)

    def _step(self, process: Process, name: str, step: Mapping) -> Iterator[Process]:
        where, run = f"{process.label}: step {name!r}", step.get("run")
        if isinstance(run, dict):
            yield Process(run, process.file, f"{process.label}, the tool of step {name!r}")
            return
        if not isinstance(run, str):
            self.findings.append(found("no-run", where, "it does not say what it runs.", "Name a tool: run: tool.cwl"))
            return
        label = self._label(process, run)
        if label in self.processes:
            return
        content = self._referred(process, run, where)
        if content is not None:
            self.processes[label] = Process(content, self._file(process, run), label)
            yield self.processes[label]

    def _file(self, process: Process, run: str) -> Path:
        path = urldefrag(run).url
        return _resolved(process.file, path) if path else process.file

    def _referred(self, process: Process, run: str, where: str) -> Mapping | None:
        if urlsplit(run).scheme in ("http", "https"):
            message = f"it runs {run!r}, and nothing is fetched from the network."
            self.findings.append(
                found("remote", where, message, "Put the tool into the experiment, and name it there.")
            )
            return None
        path, fragment = urldefrag(run)
        file = self._file(process, run)
        if not file.is_relative_to(self.folder):
            message = f"it runs {run!r}, which leads out of the experiment's folder."
            self.findings.append(found("outside-folder", where, message, "Copy the tool into the folder."))
            return None
        if path and not file.is_file():
            message = f"it runs {run!r}, and there is no such file among the workflow's."
            remedy = "Put it there, and name it (or its folder) in `workflow: files:` of experiment.yaml."
            self.findings.append(found("no-tool", where, message, remedy))
            return None
        content = self._document(file, where)
        if content is None:
            return None
        chosen = _process_in(content, fragment)
        if chosen is None:
            known = ", ".join(f"#{name}" for name in _graph(content)) or "none"
            message = f"it runs {run!r}, and {file.name!r} holds no such process."
            self.findings.append(found("no-tool", where, message, f"It holds: {known}."))
        return chosen

    def _main(self, content: Mapping) -> Process | None:
        name = self.entry.relative_to(self.folder).as_posix()
        if not any(key in content for key in ("class", "$graph")):
            message = "it has neither 'class' nor '$graph', so it is no CWL."
            self.findings.append(
                found("no-cwl", name, message, "Start it with 'cwlVersion: v1.2' and 'class: Workflow'.")
            )
            return None
        version = content.get("cwlVersion")
        if version not in VERSIONS:
            message = f"its cwlVersion is {version!r}." if version else "it does not say its cwlVersion."
            self.findings.append(found("version", name, message, f"One of these is run: {', '.join(VERSIONS)}."))
            return None
        if "$graph" not in content:
            return Process(content, self.entry, name)
        graph = _graph(content)
        flows = [key for key, process in graph.items() if process.get("class") == "Workflow"]
        inner = {urldefrag(str(step.get("run", ""))).fragment for key in flows for step in _steps(graph[key])}
        tops = [key for key in flows if key not in inner] or ([next(iter(graph))] if len(graph) == 1 else [])
        chosen = "main" if "main" in graph else (tops[0] if len(tops) == 1 else "")
        if chosen:
            return Process(graph[chosen], self.entry, f"{name}#{chosen}")
        message = f"several of its processes could be the one to run: {', '.join(tops or graph) or 'none'}."
        self.findings.append(found("no-main", name, message, "Call the one to run 'main'."))
        return None

    def _document(self, file: Path, where: str) -> Any:  # noqa: ANN401 - whatever YAML holds
        if file not in self._documents:
            content = None
            if len(self._documents) >= _MOST:
                message = f"the package has more than {_MOST} documents."
                self.findings.append(found("too-many-documents", where, message, "Put tools together."))
            else:
                content = self._read(file)
            self._documents[file] = content
        return self._documents[file]

    def _read(self, file: Path) -> Mapping | list[Any] | None:
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        name = file.relative_to(self.folder).as_posix()
        try:
            with file.open("rb") as stream:
                text = stream.read(_LARGEST + 1)
            if len(text) > _LARGEST:
                self.findings.append(found("too-large", name, f"it has more than {_LARGEST:,} bytes.", "Split it."))
                return None
            content = YAML(typ="safe", pure=True).load(text.decode("utf-8"))
        except OSError as error:
            self.findings.append(
                found("not-readable", name, f"it cannot be read: {error.strerror}.", "Check its rights.")
            )
            return None
        except (YAMLError, ValueError, RecursionError) as error:
            mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
            told = error.problem if isinstance(error, MarkedYAMLError) and error.problem else str(error).split("\n")[0]
            place = f"{name}:{mark.line + 1}" if mark else name
            self.findings.append(
                found("syntax", place, f"it is no YAML: {told}.", "Check the line and the one above it.")
            )
            return None
        if not is_bounded(content):
            message = f"with its aliases written out, it holds more than {LARGEST_VALUES:,} values."
            self.findings.append(found("too-large", name, message, "Write it without aliases."))
            return None
        if isinstance(content, dict | list):
            return content
        self.findings.append(found("no-cwl", name, "it holds no mapping.", "Write a CWL process into it."))
        return None


def read_package(entry: Path, folder: Path) -> Package:
    """Return the package whose staged entry is `entry`, below `folder`; its findings say what cannot be read."""
    package = Package(folder.resolve(), entry.resolve())
    package.collect()
    return package


def short(name: object) -> str:
    """Return the last part of an identifier: `crop/raster` and `#main/raster` are `raster` in their process."""
    return str(name).rpartition("#")[2].rpartition("/")[2]


def named(section: object, alone: str, *, key: str = "id") -> dict[str, Mapping]:
    """Return a section of CWL, a list with ids or a mapping by id, as a mapping by id.

    Args:
        section: What stands there.
        alone: Key of a value that is no mapping (CWL, map abbreviations: mapPredicate); it is dropped if empty.
        key: What a list's elements are named by.
    """
    if isinstance(section, dict):
        return {
            str(name): value if isinstance(value, dict) else ({alone: value} if alone else {})
            for name, value in section.items()
        }
    if isinstance(section, list):
        entries = [entry if isinstance(entry, dict) else {key: entry} for entry in section]
        return {short(entry.get(key, number)): entry for number, entry in enumerate(entries)}
    return {}


def _graph(content: object) -> dict[str, Mapping]:
    graph = content.get("$graph") if isinstance(content, dict) else None
    return named(graph, "")


def _steps(process: Mapping) -> list[Mapping]:
    return list(named(process.get("steps"), "run").values())


def _process_in(content: object, fragment: str) -> Mapping | None:
    graph = _graph(content)
    if fragment:
        return graph.get(fragment) or graph.get(short(fragment))
    if graph:
        return graph.get("main") or (next(iter(graph.values())) if len(graph) == 1 else None)
    return content if isinstance(content, dict) else None


def _resolved(file: Path, path: str) -> Path:
    local = unquote(urlsplit(path).path) if path.startswith("file:") else path
    return (file.parent / local).resolve()

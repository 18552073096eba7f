"""What is wrong with a workflow before it runs.

First each node by itself: its process, its arguments, the parameters and bands it names. Then all of them together, in
a rehearsal on the lazy cubes of the inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from earthcode_platform.cubes.bands import band_names
from earthcode_platform.engines.openeo.bandcheck import unknown_bands
from earthcode_platform.engines.openeo.fitting import is_plain
from earthcode_platform.engines.openeo.idle import idle, is_hint
from earthcode_platform.engines.openeo.registry import processes, unfit
from earthcode_platform.engines.openeo.rehearsal import Rehearsal
from earthcode_platform.engines.openeo.session import Session, input_named
from earthcode_platform.engines.openeo.standins import LOADERS
from earthcode_platform.engines.openeo.verdicts import Verdict
from earthcode_platform.engines.openeo.writing import kept_otherwise, unwritable
from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.process_graphs.breach import breach
from earthcode_platform.process_graphs.document import HARMLESS
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters, nested, parameter_references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from earthcode_platform.cubes.saved import SavedResult
    from earthcode_platform.engines.openeo.registry import Process
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.pinned import PinnedFile, PinnedInput
    from earthcode_platform.process_graphs.document import Document
    from earthcode_platform.process_graphs.graph import Definition, Node, Parsed

__all__ = ["Examined", "examine", "free_names"]


@dataclass(frozen=True, slots=True)
class Examined:
    """What came out of looking at a workflow."""

    findings: list[Finding]
    """What is wrong with it."""
    results: list[SavedResult]
    """The lazy cubes that it would write, the product first; none if one of them is not certain."""
    known: Mapping[str, object] = field(default_factory=dict)
    """What each node gave; for what is not certain, something else than a cube."""


def examine(
    document: Document,
    inputs: Sequence[PinnedInput],
    name: str,
    experiment: Experiment | None = None,
    files: Sequence[PinnedFile] = (),
) -> Examined:
    """Look at the document's form, and at its meaning if the form allows.

    Args:
        document: The workflow.
        inputs: The experiment's inputs.
        name: The workflow's file name, for the findings.
        experiment: What gives values to parameters and wants a format; without it both are unknown.
        files: Further files of the workflow.
    """
    findings = list(document.findings)
    if document.graph is None or any(found.code not in HARMLESS for found in findings):
        return Examined(findings, [])
    known = {parameter.name for parameter in document.parameters} | {pinned.name for pinned in inputs}
    by_name = {pinned.name: pinned for pinned in inputs}
    form = experiment.product.format if experiment else None
    values = document.values(experiment.configuration if experiment else {})
    checker = _Checker(name, by_name, values, declares=document.declares)
    findings += checker.graph(document.graph, known, "")
    rehearsal = Rehearsal(Session(by_name, form, files=files, rehearsing=True), checker.faulty)
    rehearsed, results = _rehearsed(document.graph, rehearsal, {**values, **by_name})
    findings += [
        Finding(code=one.code, severity=Severity.ERROR, where=f"{name}, {one.place}", message=one.message,
                remedy=one.remedy)
        for one in rehearsed
    ]  # fmt: skip
    findings += [
        Finding(code=code, severity=Severity.WARNING, where=f"{name}, {place}", message=message, remedy=remedy)
        for place, (code, message, remedy) in kept_otherwise(document.graph, rehearsal.saved, rehearsal.session)
    ]
    findings += checker.unused()
    return Examined(findings, results, rehearsal.known)


def _rehearsed(
    graph: Graph, rehearsal: Rehearsal, scope: Mapping[str, object]
) -> tuple[list[Verdict], list[SavedResult]]:
    """Return what would fail in the run, apart from arguments that are known to be wrong, and what would be written."""
    try:
        certain = rehearsal.rehearse(graph, scope)
    except RecursionError:
        return [Verdict("workflow-would-fail", "its arguments", "they are nested too deeply.", "Flatten them.")], []
    unfit, results = unwritable(rehearsal.saved, rehearsal.session)
    return [*rehearsal.verdicts, *unfit], results if certain and not unfit else []


def free_names(graph: Graph) -> list[str]:
    """Return the names of the parameters that a graph refers to and that no process graph in it gives itself."""
    names: dict[str, None] = {}
    for node in graph.nodes.values():
        names |= dict.fromkeys(parameter_references(node.arguments))
        process = processes().get(node.process)
        for name, value in node.arguments.items():
            argument = process.arguments.get(name) if process else None
            own = (argument.callback or ()) if argument else ()
            names |= dict.fromkeys(free for inner in nested(value) for free in free_names(inner) if free not in own)
    return list(names)


class _Checker:
    """Walks through graphs with what is known of the inputs."""

    def __init__(
        self, name: str, inputs: dict[str, PinnedInput], values: Mapping[str, object], *, declares: bool
    ) -> None:
        self._name = name
        self._inputs = inputs
        self._values = values
        self._declares = declares
        self._used: set[str] = set()
        self._bands: dict[str, frozenset[str] | None] = {}
        self.faulty: dict[str, frozenset[str]] = {}
        """Arguments that are wrong, by the place of their node."""

    def graph(self, graph: Graph, scope: set[str], where: str) -> Iterator[Finding]:
        for node in graph.nodes.values():
            place = f"{where} > node {node.id!r}" if where else f"node {node.id!r}"
            if node.definition is not None:
                yield from self._defined(node, node.definition, scope, place)
                continue
            process = processes().get(node.process)
            if process is None:
                yield self._unsupported(node, place)
                continue
            yield from self._arguments(node, process, place)
            yield from self._parameters(node, scope, place)
            if node.process in LOADERS:
                yield from self._source(node, place)
            for code, message, remedy in idle(node):
                yield Finding(
                    code=code,
                    severity=Severity.WARNING,
                    where=f"{self._name}, {place}",
                    message=message,
                    remedy=remedy,
                )
            for name, value in node.arguments.items():
                argument = process.arguments.get(name)
                for callback in nested(value):
                    own = set(argument.callback or ()) if argument else set()
                    yield from self.graph(callback, scope | own, f"{place} > {name}")
        if not where:
            for place, message, remedy in unknown_bands(graph, self._bands_of):
                self._mark(place, "label" if " > " in place else "bands")
                yield self._error("workflow-unknown-band", place, message, remedy)

    def _defined(self, node: Node, definition: Definition, scope: set[str], place: str) -> Iterator[Finding]:
        """Check what is given to a process of the workflow, and the process itself, which sees nothing else."""
        yield from self._parameters(node, scope, place)
        declared = {parameter.name: parameter for parameter in definition.parameters}
        for name, value in node.arguments.items():
            if name not in declared:
                self._mark(place, name)
                close = nearest(name, declared)
                hint = f"Did you mean {close!r}?" if close else f"It takes {', '.join(declared) or 'none'}."
                message = f"{definition.name} has no argument {name!r}."
                yield self._error("workflow-unknown-argument", place, message, hint)
            elif is_plain(value) and (told := breach(declared[name].json_schema, value)):
                self._mark(place, name)
                message = f"the argument {name!r} of {definition.name} does not fit: {told}."
                yield self._error("workflow-argument-value", place, message, "Mend the value.")
        for name, parameter in declared.items():
            if parameter.required and name not in node.arguments:
                self._mark(place, name)
                message = f"{definition.name} needs the argument {name!r}."
                yield self._error("workflow-missing-argument", place, message, "Give it.")
        declares, self._declares = self._declares, True
        yield from self.graph(definition.graph, set(declared), f"{place} > {definition.name}")
        self._declares = declares

    def unused(self) -> Iterator[Finding]:
        for name in sorted(self._inputs.keys() - self._used):
            yield Finding(
                code="workflow-unused-input",
                severity=Severity.WARNING,
                where=self._name,
                message=f"the workflow does not load the input {name!r}.",
                remedy="Take it out of inputs, or load it with load_stac.",
            )

    def _mark(self, place: str, *names: str) -> None:
        self.faulty[place] = self.faulty.get(place, frozenset()).union(names)

    def _error(self, code: str, where: str, message: str, remedy: str) -> Finding:
        place = f"{self._name}, {where}"
        return Finding(code=code, severity=Severity.ERROR, where=place, message=message, remedy=remedy)

    def _unsupported(self, node: Node, place: str) -> Finding:
        close = nearest(node.process, processes())
        hint = f"The nearest that is: {close!r}." if close else f"{len(processes())} others are; see the documentation."
        return self._error(
            "workflow-unsupported-process", place, f"the process {node.process!r} is not supported here.", hint
        )

    def _arguments(self, node: Node, process: Process, place: str) -> Iterator[Finding]:
        for name, value in node.arguments.items():
            argument = process.arguments.get(name)
            if argument is None and is_hint(node, name):
                continue
            if argument is None:
                self._mark(place, name)
                close = nearest(name, process.arguments)
                known = ", ".join(process.arguments) or "none"
                hint = f"Did you mean {close!r}?" if close else f"It takes {known}."
                message = f"{node.process} has no argument {name!r}."
                yield self._error("workflow-unknown-argument", place, message, hint)
            elif (found := unfit(argument, value)) is not None:
                self._mark(place, name)
                code = "workflow-argument-value" if found.typed else "workflow-argument-type"
                message = f"the argument {name!r} of {node.process}{found.message}"
                yield self._error(code, place, message, found.remedy)
        for argument in process.arguments.values():
            if argument.required and argument.name not in node.arguments:
                self._mark(place, argument.name)
                message = f"{node.process} needs the argument {argument.name!r}."
                yield self._error("workflow-missing-argument", place, message, "Give it.")

    def _parameters(self, node: Node, scope: set[str], place: str) -> Iterator[Finding]:
        if not self._declares:
            return
        for name in dict.fromkeys(parameter_references(node.arguments)):
            if name not in scope:
                self._mark(
                    place, *(key for key, value in node.arguments.items() if name in parameter_references([value]))
                )
                close = nearest(name, scope)
                hint = f"Did you mean {close!r}?" if close else f"Known here: {', '.join(sorted(scope)) or 'none'}."
                yield self._error("workflow-unknown-parameter", place, f"there is no parameter {name!r}.", hint)

    def _source(self, node: Node, place: str) -> Iterator[Finding]:
        reference = node.arguments.get(LOADERS[node.process])
        found = self._input_of(reference)
        if found is not None:
            self._used.add(found.name)
        elif isinstance(reference, NodeReference) or " > " in place:
            # Which one is seen only when the graph runs.
            self._used |= self._inputs.keys()
        elif isinstance(reference, str | Parameters):
            shown = reference.name if isinstance(reference, Parameters) else reference
            close = nearest(shown, self._inputs)
            known = ", ".join(sorted(self._inputs)) or "none"
            self._mark(place, LOADERS[node.process])
            yield self._error(
                "workflow-unknown-input",
                place,
                f"{shown!r} is no input of the experiment.",
                f"Did you mean {close!r}?"
                if close
                else f"Declare it under inputs in experiment.yaml; declared: {known}.",
            )

    def _input_of(self, reference: Parsed) -> PinnedInput | None:
        if isinstance(reference, Parameters):
            given = self._values.get(reference.name)
            return self._inputs.get(reference.name) or input_named(given, self._inputs)
        return input_named(reference, self._inputs)

    def _bands_of(self, node: Node) -> frozenset[str] | None:
        """Return the bands that a loading node can give; None if that is not known."""
        found = self._input_of(node.arguments.get(LOADERS.get(node.process, "")))
        if found is None:
            return None
        if found.name not in self._bands:
            self._bands[found.name] = band_names(found)
        return self._bands[found.name]

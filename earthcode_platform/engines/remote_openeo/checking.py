"""What a back-end would not do with a workflow, told before any job is made there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.remote_openeo.sending import EXTENTS, window_of
from earthcode_platform.engines.remote_openeo.sources import LOADERS, named_input
from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.process_graphs.graph import NodeReference, Parameters, nested

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from earthcode_platform.engines.remote_openeo.offers import Offered, OfferedProcess
    from earthcode_platform.engines.remote_openeo.sources import Source
    from earthcode_platform.models.pinned import PinnedInput
    from earthcode_platform.process_graphs.graph import Graph, Node

__all__ = ["GraphCheck", "offer_findings", "validated"]

_LISTED: Final = 12


class GraphCheck:
    """Walks through graphs with what a back-end offers.

    Args:
        name: The workflow's file name, for the findings.
        offered: What the back-end offers.
        sources: What stands there for each input.
        inputs: The inputs, by name.
    """

    def __init__(
        self, name: str, offered: Offered, sources: Mapping[str, Source], inputs: Mapping[str, PinnedInput]
    ) -> None:
        self._name = name
        self._offered = offered
        self._sources = sources
        self._inputs = inputs
        self._used: set[str] = set()

    def findings(self, graph: Graph) -> Iterator[Finding]:
        """Yield what the back-end would not do, node by node, then what is wrong with the inputs."""
        yield from self._graph(graph, "")
        yield from self._inputs_used()

    def _graph(self, graph: Graph, where: str) -> Iterator[Finding]:
        for node in graph.nodes.values():
            place = f"{where} > node {node.id!r}" if where else f"node {node.id!r}"
            process = self._offered.processes.get(node.process)
            source = self._source(node)
            if process is None and source is None:
                yield self._unsupported(node, place)
            elif process is not None:
                yield from self._arguments(node, process, place)
            if node.process in LOADERS:
                yield from self._loading(node, source, place)
            if node.process == "save_result":
                yield from self._format(node, place)
            for name, value in node.arguments.items():
                for inner in nested(value):
                    yield from self._graph(inner, f"{place} > {name}")

    def _error(self, code: str, where: str, message: str, remedy: str) -> Finding:
        place = f"{self._name}, {where}" if where else self._name
        return Finding(code=code, severity=Severity.ERROR, where=place, message=message, remedy=remedy)

    def _source(self, node: Node) -> Source | None:
        reference = node.arguments.get(LOADERS.get(node.process, ""))
        pinned = named_input(reference, self._inputs) if node.process in LOADERS else None
        return None if pinned is None else self._sources[pinned.name]

    def _unsupported(self, node: Node, place: str) -> Finding:
        known = self._offered.processes
        close = nearest(node.process, known)
        hint = f"The nearest that it offers: {close!r}." if close else f"It offers {len(known)} others."
        message = f"the back-end does not offer the process {node.process!r}."
        return self._error("workflow-unsupported-process", place, message, hint)

    def _arguments(self, node: Node, process: OfferedProcess, place: str) -> Iterator[Finding]:
        for name in node.arguments:
            if name not in process.arguments:
                close = nearest(name, process.arguments)
                known = ", ".join(sorted(process.arguments)) or "none"
                hint = f"Did you mean {close!r}?" if close else f"There it takes {known}."
                message = f"at the back-end, {node.process} has no argument {name!r}."
                yield self._error("workflow-unknown-argument", place, message, hint)
        for name in sorted(process.required - node.arguments.keys()):
            message = f"at the back-end, {node.process} needs the argument {name!r}."
            yield self._error("workflow-missing-argument", place, message, "Give it.")

    def _loading(self, node: Node, source: Source | None, place: str) -> Iterator[Finding]:
        reference = node.arguments.get(LOADERS[node.process])
        if source is None:
            if isinstance(reference, NodeReference):
                message = "which input it loads is seen only when the graph runs."
            else:
                shown = reference.name if isinstance(reference, Parameters) else reference
                message = f"{shown!r} is no input of the experiment."
            known = ", ".join(sorted(self._inputs)) or "none"
            remedy = f"Declare it under inputs in experiment.yaml, and load it by its name; declared: {known}."
            yield self._error("workflow-unknown-input", place, message, remedy)
            return
        pinned = named_input(reference, self._inputs)
        if pinned is not None:
            self._used.add(pinned.name)
        if not source.code and source.process not in self._offered.processes:
            message = f"the back-end does not offer {source.process!r}, by which it would read this input."
            remedy = "Map the input to one of the back-end's collections in the block, or run the experiment here."
            yield self._error("workflow-unsupported-process", place, message, remedy)
        for name in window_of(pinned) if pinned is not None else ():
            process = EXTENTS[name][0]
            if node.arguments.get(name) is not None and process not in self._offered.processes:
                message = f"the back-end does not offer {process!r}, which a window of the input beside {name!r} needs."
                yield self._error("workflow-unsupported-process", place, message, f"Take {name!r} out of the node.")

    def _format(self, node: Node, place: str) -> Iterator[Finding]:
        wanted = node.arguments.get("format")
        known = {name.lower(): name for name in self._offered.formats}
        if isinstance(wanted, str) and wanted.lower() not in known:
            close = known.get(nearest(wanted.lower(), known), "")
            hint = f"Did you mean {close!r}?" if close else f"It writes {', '.join(self._offered.formats[:_LISTED])}."
            message = f"the back-end does not write the format {wanted!r}."
            yield self._error("workflow-unsupported-format", place, message, hint)

    def _inputs_used(self) -> Iterator[Finding]:
        for name, source in self._sources.items():
            if name not in self._used:
                yield Finding(
                    code="workflow-unused-input",
                    severity=Severity.WARNING,
                    where=self._name,
                    message=f"the workflow does not load the input {name!r}.",
                    remedy="Take it out of inputs, or load it with load_stac.",
                )
            elif source.code:
                yield self._error(source.code, f"input {name!r}", source.message, source.remedy)
            elif source.collection and not self._offered.has_collection(source.collection):
                close = nearest(source.collection, self._offered.collection_ids())
                message = f"the back-end has no collection {source.collection!r}, which stands for the input {name!r}."
                hint = f"Did you mean {close!r}? Mend the block." if close else "Mend the block of the back-end."
                yield self._error("workflow-unknown-collection", f"input {name!r}", message, hint)


def offer_findings(offered: Offered, plan: str, budget: float | None) -> Iterator[Finding]:
    """Yield why a back-end runs no batch jobs for us at all, and a note on what they cost."""
    where = f"back-end {offered.connected.url}"
    for endpoint in offered.missing_endpoints():
        yield Finding(
            code="workflow-backend-feature",
            severity=Severity.ERROR,
            where=where,
            message=f"it does not offer {endpoint}, without which no batch job runs.",
            remedy="Choose another back-end, or run the experiment here.",
        )
    plans = {name.lower(): name for name in offered.plans}
    if plan and plan.lower() not in plans:
        close = plans.get(nearest(plan.lower(), plans), "")
        yield Finding(
            code="workflow-backend-plan",
            severity=Severity.ERROR,
            where=where,
            message=f"it has no billing plan {plan!r}.",
            remedy=f"Did you mean {close!r}?" if close else f"It has: {', '.join(plans.values()) or 'none'}.",
        )
    currency = offered.billing.get("currency")
    if currency:
        chosen = plan or str(offered.billing.get("default_plan") or "the account's default")
        limit = f"at most {budget:g} {currency} a job" if budget is not None else "no budget is set"
        yield Finding(
            code="workflow-backend-billing",
            severity=Severity.NOTE,
            where=where,
            message=f"jobs are billed in {currency}, plan {chosen!r}, {limit}.",
            remedy="Plan and budget are set in the block of the back-end." if budget is None else "",
        )


def validated(offered: Offered, process: Mapping[str, Any], name: str) -> Iterator[Finding]:
    """Yield what the back-end's own validation has to say of a graph, if it offers one (openEO API, `/validation`).

    Args:
        offered: What the back-end offers.
        process: The graph as it would be sent.
        name: The workflow's file name, for the findings.
    """
    if not offered.has("POST", "/validation"):
        return
    connected = offered.connected
    errors = connected.ask(lambda one: list(one.validate_process_graph(dict(process))))
    for error in errors:
        code, message = (error.get("code", ""), error.get("message", "")) if isinstance(error, dict) else ("", error)
        yield Finding(
            code="workflow-backend-refuses",
            severity=Severity.ERROR,
            where=name,
            message=f"the back-end finds {connected.secrets.shown(code or 'an error')}: "
            f"{connected.secrets.shown(message).rstrip('.')}.",
            remedy="Mend the workflow as it says.",
        )

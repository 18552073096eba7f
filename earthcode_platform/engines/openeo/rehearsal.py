"""A graph, computed without its values: the same processes on the same lazy cubes, up to where pixels would be read.

What fails here would fail in the run, and is found here with its node: a dimension that an earlier node dropped, a band
that was renamed away, a window that misses the data. Nothing is guessed, so nothing is refused that would run. A node
that fails does not end the rehearsal. Those that stand on it go on with a stand-in that has its dimensions, as far as
they are certain, and of those only dimensions are judged.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from earthcode_platform.engines.openeo.executor import arguments_of, called, failures, single
from earthcode_platform.engines.openeo.missing import missed
from earthcode_platform.engines.openeo.registry import processes, unfit
from earthcode_platform.engines.openeo.session import NotYetKnownError
from earthcode_platform.engines.openeo.standins import LOADERS, stand_in, unreadable
from earthcode_platform.engines.openeo.verdicts import Verdict, about_dimensions, verdict
from earthcode_platform.errors import IntegrityError, RefusedError, UnavailableError
from earthcode_platform.process_graphs.graph import Graph, NodeReference, Parameters, leaves, unused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from earthcode_platform.engines.openeo.callbacks import Callback
    from earthcode_platform.engines.openeo.registry import Process
    from earthcode_platform.engines.openeo.session import Session
    from earthcode_platform.process_graphs.graph import Definition, Node, Parsed

__all__ = ["Rehearsal"]


class _Unknown:
    """A value that is not known before the run."""


_UNKNOWN: Final = _Unknown()


@dataclass(frozen=True, slots=True)
class _Doubtful:
    """A stand-in: its dimensions are those of the value, its labels and values may differ."""

    value: object


class _StandsOnUnknownError(Exception):
    """The result of a callback hangs on what is not known."""


@dataclass(slots=True)
class Rehearsal:
    """Computes a graph without its values, and collects what would fail."""

    session: Session
    """What the run would share."""
    faulty: Mapping[str, frozenset[str]]
    """Arguments that are known to be wrong, by the place of their node; such nodes are not computed."""
    verdicts: list[Verdict] = field(default_factory=list)
    """What would fail, each once."""
    saved: list[tuple[str, object]] = field(default_factory=list)
    """Places of nodes whose result would be written, and these results, as far as they are certain."""
    known: Mapping[str, object] = field(default_factory=dict)
    """What each node of the graph gave."""
    _doubt: bool = False

    def rehearse(self, graph: Graph, scope: Mapping[str, object]) -> bool:
        """Compute the whole graph, and tell whether all of it is certain; `saved` holds what it would write.

        Args:
            graph: A graph of sound form.
            scope: The values of parameters that are known, by name.
        """
        result = self._run(graph, scope, "")
        certain = result is not _UNKNOWN and not isinstance(result, _Doubtful)
        place = f"node {graph.result!r}"
        saving = [node for node in graph.nodes.values() if node.process == "save_result"]
        if not saving and certain:
            self.saved.append((place, result))
        # The result of the graph is the product; others stand beside it.
        self.saved.sort(key=lambda saved: saved[0] != place)
        return certain and not self.verdicts and len(self.saved) == max(1, len(saving))

    def _run(self, graph: Graph, scope: Mapping[str, object], where: str) -> object:
        def step(node: Node, results: dict[str, object]) -> object:
            if not where:
                self.known = results
            return self._node(node, results, scope, f"{where} > node {node.id!r}" if where else f"node {node.id!r}")

        return graph.each(scope, step)

    def _node(self, node: Node, results: Mapping[str, object], scope: Mapping[str, object], place: str) -> object:
        process = processes().get(node.process)
        left_out = unused(node, results, scope)
        values = {
            name: None if name in left_out else self._value(value, results, scope, f"{place} > {name}")
            for name, value in node.arguments.items()
        }
        if node.definition is not None:
            return self._defined(node.definition, values, place)
        if process is None:
            return _UNKNOWN
        doubtful = self._doubt or any(_holds(value, _Doubtful) for value in values.values())
        given = {name: _bare(value) for name, value in values.items()}
        wrong = self.faulty.get(place, frozenset()) | self._unfit(node, process, given, place)
        unknown = {name for name, value in given.items() if _holds(value, _Unknown)}
        result: object = _UNKNOWN
        sound = {name: value for name, value in given.items() if name not in wrong | unknown}
        if not wrong and not unknown:
            result = self._called(process, given, place, doubtful=doubtful)
        elif LOADERS.get(process.id) in sound:
            self._loading(process, sound, place, None)
        if result is _UNKNOWN:
            return self._instead(process, sound, given, place)
        if node.process == "save_result" and not doubtful:
            self.saved.append((place, result))
        return _Doubtful(result) if doubtful else result

    def _defined(self, definition: Definition, values: Mapping[str, object], place: str) -> object:
        """Rehearse a process of the workflow, with its parameters alone; what it saves is no result."""
        if self.faulty.get(place):
            return _UNKNOWN
        saved = list(self.saved)
        result = self._run(definition.graph, arguments_of(definition, values), f"{place} > {definition.name}")
        self.saved[:] = saved
        return result

    def _unfit(self, node: Node, process: Process, given: Mapping[str, object], place: str) -> frozenset[str]:
        """Report arguments whose value came from elsewhere in the graph and does not fit."""
        wrong = set()
        for name, value in given.items():
            argument = process.arguments.get(name)
            plain = not isinstance(node.arguments[name], NodeReference | Parameters | list | dict)
            if argument is None or plain or _holds(value, _Unknown) or name in self.faulty.get(place, ()):
                continue
            found = unfit(argument, value)
            if found is not None:
                wrong.add(name)
                code = "workflow-argument-value" if found.typed else "workflow-argument-type"
                message = f"the argument {name!r} of {process.id}{found.message}"
                self._tell(Verdict(code, place, message, found.remedy))
        return frozenset(wrong)

    def _called(self, process: Process, given: Mapping[str, object], place: str, *, doubtful: bool) -> object:
        """Return what the process gives, or that it is not known, after noting why."""
        try:
            with self._doubting(doubtful=doubtful):
                result = called(process, given, self.session)
        except (_StandsOnUnknownError, NotYetKnownError, UnavailableError, IntegrityError, RefusedError):
            # What cannot be read now is no fault of the workflow; the run says so if it lasts.
            return _UNKNOWN
        except failures() as error:
            if process.id not in LOADERS and (not doubtful or about_dimensions(error)):
                self._tell(verdict(error, process.id, place))
            elif process.id in LOADERS:
                self._loading(process, given, place, error)
            return _UNKNOWN
        lost = None if doubtful else missed(process.id, given, result)
        if lost is not None:
            self._tell(verdict(lost, process.id, place))
            return _UNKNOWN
        return result

    def _loading(self, process: Process, given: Mapping[str, object], place: str, error: Exception | None) -> None:
        """Report each argument by which loading fails, for one that misses the data hides the others.

        Args:
            process: A process that loads.
            given: Its arguments that are known and fit.
            place: Its node.
            error: Why it failed with all of them; None if it was not called.
        """
        source = LOADERS[process.id]
        alone = self._loads(process, {source: given[source]})
        if alone is None:
            single = [self._loads(process, {source: given[source], name: given[name]}) for name in given]
            found = single if any(single) else [error]
        else:
            found = [] if unreadable(self.session, given[source]) else [error or alone]
        for one in found:
            if one is not None:
                self._tell(verdict(one, process.id, place))

    def _loads(self, process: Process, given: Mapping[str, object]) -> Exception | None:
        """Return why a loading process fails; None if it does not, or if that hangs on what is not known."""
        try:
            called(process, given, self.session)
        except (_StandsOnUnknownError, UnavailableError, IntegrityError, RefusedError):
            return None
        except failures() as error:
            return error
        return None

    def _instead(
        self, process: Process, sound: Mapping[str, object], given: Mapping[str, object], place: str
    ) -> object:
        """Return a stand-in for what the process would give, after judging what is certain of its arguments."""
        try:
            found = stand_in(process, sound, given, self.session)
        except failures() as error:
            if about_dimensions(error):
                self._tell(verdict(error, process.id, place))
            return _UNKNOWN
        except (UnavailableError, IntegrityError, RefusedError):
            return _UNKNOWN
        return _UNKNOWN if found is None else _Doubtful(found)

    def _tell(self, one: Verdict) -> None:
        if one not in self.verdicts:
            self.verdicts.append(one)

    @contextmanager
    def _doubting(self, *, doubtful: bool) -> Iterator[None]:
        before, self._doubt = self._doubt, doubtful
        try:
            yield
        finally:
            self._doubt = before

    def _value(self, value: Parsed, results: Mapping[str, object], scope: Mapping[str, object], where: str) -> object:
        if isinstance(value, NodeReference):
            return results[value.node]
        if isinstance(value, Parameters):
            return scope.get(value.name, _UNKNOWN)
        if isinstance(value, Graph):
            return self._callback(value, scope, where)
        if isinstance(value, list):
            return [self._entry(entry, results, scope, where) for entry in value]
        if isinstance(value, dict):
            return {name: self._value(entry, results, scope, where) for name, entry in value.items()}
        return value

    def _entry(self, value: Parsed, results: Mapping[str, object], scope: Mapping[str, object], where: str) -> object:
        if not isinstance(value, Graph):
            return self._value(value, results, scope, where)
        result = self._run(value, scope, where)
        return _Doubtful(single(result.value)) if isinstance(result, _Doubtful) else single(result)

    def _callback(self, graph: Graph, scope: Mapping[str, object], where: str) -> Callback:
        def callback(**parameters: object) -> object:
            result = self._run(graph, {**scope, **parameters}, where)
            if result is _UNKNOWN:
                raise _StandsOnUnknownError
            return _bare(result)

        return callback


def _holds(value: object, kind: type) -> bool:
    return any(isinstance(leaf, kind) for leaf in leaves(value))


def _bare(value: object) -> object:
    if isinstance(value, _Doubtful):
        return value.value
    if not _holds(value, _Doubtful):
        return value
    if isinstance(value, dict):
        return {name: _bare(entry) for name, entry in value.items()}
    return [_bare(entry) for entry in value] if isinstance(value, list) else value

"""Can this be executed here, from its metadata alone? The answer for every workflow and experiment of a catalog.

Only the catalog's own files are read: nothing is fetched, so nothing is known of what an address really holds.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.published import find
from earthcode_platform.catalog.records.credentials import credentials_of
from earthcode_platform.catalog.records.detection import entry_of
from earthcode_platform.catalog.records.identify import candidates
from earthcode_platform.catalog.records.load import load_executables
from earthcode_platform.catalog.records.readable import readable
from earthcode_platform.catalog.records.shortcomings import (
    FIXED,
    backend_shortcoming,
    engine_shortcoming,
    entry_shortcomings,
    environment_shortcomings,
    input_shortcomings,
)
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_code import CodeForm, CodeLink, InputForm, Kernel, Pin
from earthcode_platform.models.catalog_record import ExecutableRecord, ExperimentRecord, WorkflowRecord
from earthcode_platform.models.executability import (
    EntryPoint,
    Executability,
    ExecutabilityReport,
    ReportedInput,
    ReportedParameter,
    Runtime,
    Technology,
    Verdict,
)
from earthcode_platform.models.product import PublishedExperiment

__all__ = ["report"]

_KINDS: Final = (Kind.WORKFLOW, Kind.EXPERIMENT)


def report(catalog: Catalog, engines: Collection[str], references: Sequence[str] = ()) -> ExecutabilityReport:
    """Return for workflows and experiments whether they can be executed here, and what is missing.

    Args:
        catalog: The catalog.
        engines: Kinds of workflow that an engine here runs, such as `openeo`.
        references: Those that are asked for, by id, path, href or address; all of them if there are none. An id that a
            workflow and an experiment share means both.

    Raises:
        UnknownNameError: There is no such workflow or experiment; the message suggests the nearest.
        InputError: A reference means something else, or a record that is no JSON.
    """
    found = (one for reference in references for one in candidates(catalog, reference, _KINDS))
    wanted = dict.fromkeys(found) if references else [(kind, one) for kind in _KINDS for one in catalog.ids(kind)]
    for kind, entry in wanted if references else ():
        # What is asked for by name must be readable; of all others what is not is passed over.
        catalog.document(kind.path(entry))
    catalog, unread = readable(catalog)
    records = load_executables(catalog)
    judged = [_Judged(catalog, records, frozenset(engines), records[key]) for key in wanted if key in records]
    judged.sort(key=lambda one: (isinstance(one.record, ExperimentRecord), one.record.id))
    answers = tuple(one.answer() for one in judged)
    return ExecutabilityReport(engines=tuple(sorted(engines)), records=answers, unread=unread)


class _Judged:
    """One workflow or experiment, with what its workflow adds."""

    def __init__(
        self,
        catalog: Catalog,
        records: dict[tuple[Kind, str], WorkflowRecord | ExperimentRecord],
        engines: frozenset[str],
        record: WorkflowRecord | ExperimentRecord,
    ) -> None:
        self.record = record
        self._engines = engines
        self._workflow: ExecutableRecord | None = None
        self._published: PublishedExperiment | None = None
        # An environment that its experiments recorded is as good as one of its own.
        self._experiments: list[ExperimentRecord] = []
        if isinstance(record, ExperimentRecord):
            self._workflow = records.get((Kind.WORKFLOW, record.workflow))
            self._published = _published(catalog, record.id)
            self._experiments = [record]
        else:
            held = (records.get((Kind.EXPERIMENT, one)) for one in record.experiments)
            self._experiments = [one for one in held if isinstance(one, ExperimentRecord)]
        self._lines: tuple[ExecutableRecord, ...] = (record, *([self._workflow] if self._workflow else []))

    def answer(self) -> Executability:
        """Return the answer."""
        kind, entry = self._entry()
        runtime = self._runtime()
        inputs = self._inputs()
        missing = tuple(dict.fromkeys(self._missing(kind, entry, runtime, inputs)))
        return Executability(
            id=self.record.id,
            record=self.record.kind,
            path=self.record.path,
            title=self.record.title,
            verdict=self._verdict(kind, missing),
            kind=kind,
            entry=entry,
            pinned=entry.pin in FIXED,
            runtime=runtime,
            parameters=tuple(
                ReportedParameter(name=one.name, has_value=one.has_value, has_schema=one.has_schema)
                for one in (self.record.parameters if isinstance(self.record, ExperimentRecord) else ())
            ),
            inputs=inputs,
            credentials=credentials_of(self._lines),
            missing=missing,
            quirks=self.record.quirks,
        )

    def _verdict(self, kind: Technology, missing: tuple[str, ...]) -> Verdict:
        if kind is Technology.NONE:
            return Verdict.NOT_EXECUTABLE
        if kind.value not in self._engines:
            return Verdict.NO_ENGINE
        return Verdict.AFTER_MENDING if missing else Verdict.RUNNABLE

    def _missing(
        self, kind: Technology, entry: EntryPoint, runtime: Runtime, inputs: tuple[ReportedInput, ...]
    ) -> Iterator[str]:
        yield from engine_shortcoming(kind, self._engines, runtime)
        if self._published is not None:
            # It names its archived experiment with the checksum of everything: nothing else is needed.
            return
        record = self.record
        if isinstance(record, ExperimentRecord) and self._workflow is None:
            named = f"its workflow {record.workflow!r} does not exist" if record.workflow else "it names no workflow"
            yield f"Of what it runs the catalog says nothing: {named}."
        yield from entry_shortcomings(kind, entry)
        yield from environment_shortcomings(kind, runtime)
        yield from backend_shortcoming(kind, runtime)
        if isinstance(record, ExperimentRecord):
            yield from input_shortcomings(kind, record, inputs)

    def _entry(self) -> tuple[Technology, EntryPoint]:
        """Return what it is written in and what would be started; an experiment may leave both to its workflow."""
        kind, link = entry_of(self.record)
        if self._published is not None:
            href = self._published.experiment_href
            return kind, EntryPoint(href=href, form=CodeForm.FILE, pin=Pin.DIGEST)
        if self._workflow is not None and (link is None or kind is Technology.NONE):
            inherited, code = entry_of(self._workflow)
            if code is not None:
                return inherited, _entry_point(code, named_by="workflow")
        return kind, _entry_point(link)

    def _runtime(self) -> Runtime:
        kernels = [one.kernel for one in self._lines if one.kernel is not None]
        containers = [one.container for one in self._lines if one.container is not None]
        kernel = kernels[0] if kernels else None
        environment, form, pin = self._environment()
        return Runtime(
            container=containers[0] if containers else None,
            images=_all(one.images for one in self._lines),
            environment=environment,
            environment_form=form,
            environment_pin=pin,
            kernel=kernel.name if kernel else "",
            python_version=self._python(kernel),
            languages=_all(one.languages for one in self._lines),
            backends=_all(one.backends for one in self._lines),
            platforms=_all(one.platforms for one in self._lines),
        )

    def _python(self, kernel: Kernel | None) -> str:
        recorded = (link.python_version for one in self._experiments for link in one.environments)
        return next(filter(None, recorded), kernel.python_version if kernel else "")

    def _environment(self) -> tuple[str, InputForm | None, Pin]:
        """Return address, form and pin of its environment."""
        linked = [link for one in self._experiments for link in one.environments]
        usable = [link for link in linked if link.form in (InputForm.CONDA, InputForm.RECORDED)]
        if isinstance(self.record, ExperimentRecord):
            for link in linked[:1]:
                return link.href, link.form, link.pin
        for one in self._lines:
            if one.kernel is not None and one.kernel.environment:
                return one.kernel.environment, InputForm.FILE, one.kernel.environment_pin
        return (usable[0].href, usable[0].form, usable[0].pin) if usable else ("", None, Pin.NOTHING)

    def _inputs(self) -> tuple[ReportedInput, ...]:
        return tuple(
            ReportedInput(name=link.name, href=link.href, form=link.form) for one in self._lines for link in one.inputs
        )


def _entry_point(link: CodeLink | None, *, named_by: str = "") -> EntryPoint:
    if link is None:
        return EntryPoint(href="", form=None, pin=Pin.NOTHING)
    return EntryPoint(
        href=link.href, form=link.form, pin=link.pin, reference=link.reference, path=link.path, named_by=named_by
    )


def _published(catalog: Catalog, experiment: str) -> PublishedExperiment | None:
    try:
        return find(catalog, experiment)
    except InputError:
        return None


def _all(listed: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for texts in listed for text in texts))

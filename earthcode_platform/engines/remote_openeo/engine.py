"""The engine: openEO process graphs as batch jobs on a provider's back-end, near the data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import earthcode_platform
from earthcode_platform import checksums
from earthcode_platform.errors import InputError, RefusedError
from earthcode_platform.models.run import EngineUsed, RemoteJob, RunResult
from earthcode_platform.models.workflow import Parameter
from earthcode_platform.process_graphs.document import read_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.engines.contract import Progress
    from earthcode_platform.engines.remote_openeo.backend import Backend
    from earthcode_platform.engines.remote_openeo.job import Job
    from earthcode_platform.engines.remote_openeo.offers import Offered
    from earthcode_platform.engines.remote_openeo.results import Downloaded
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow

__all__ = ["NAME", "RemoteOpenEOEngine"]

NAME: Final = "remote-openeo"
"""Its entry-point name."""
_LIBRARIES: Final = ("openeo", "rasterio", "numpy", "xarray")
_SENT: Final = 0.05
"""Share of the progress at which the job is there."""
_COMPUTED: Final = 0.85
"""Share of the progress at which it is done."""
_FETCHED: Final = 0.93
"""Share of the progress at which its results are here."""
_DRAWN: Final = 0.97
"""Share of the progress at which the product is written."""


class RemoteOpenEOEngine:
    """Runs openEO process graphs as batch jobs on one back-end.

    Args:
        backend: The back-end. Without one nothing can be checked or run.
        progress: Where to report how far it is; nowhere if None.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"openeo"})
    by_name: ClassVar[bool] = True

    def __init__(self, backend: Backend | None = None, progress: Progress | None = None) -> None:
        self._backend = backend
        self._progress = progress
        self._offered: Offered | None = None

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        """Return the parameters that the process declares; of a bare graph, every name it refers to.

        Empty if the workflow cannot be read. Only for a bare graph the back-end is asked: what its processes give to
        the graphs in it is theirs to say.
        """
        from earthcode_platform.engines.remote_openeo.offers import free_names

        document = read_document(Path(workflow.path))
        if document.declares or document.graph is None:
            return document.parameters
        names = free_names(document.graph, self._asked().processes)
        return tuple(Parameter(name=name, json_schema={}, required=True) for name in names)

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        """Return everything that is wrong with the graph's form, and what the back-end would not do with it.

        No job is made. Codes besides those of the form (`process_graphs.document`): `workflow-unsupported-process`,
        `-unknown-argument`, `-missing-argument`, `-unsupported-format`, `-unknown-input`, `-unused-input`,
        `-local-input`, `-unreachable-input`, `-unsendable-window`, `-unknown-collection`; of the back-end
        `workflow-backend-feature`, `-backend-plan`, `-backend-billing`, `-backend-rights`, and `-backend-refuses` for
        each error of its own validation.

        Raises:
            UnavailableError: The back-end does not answer.
            InputError: There is no openEO back-end at the address.
        """
        from earthcode_platform.engines.provider.rights import NotAllowedError
        from earthcode_platform.engines.remote_openeo.examining import broken, examine

        path = Path(workflow.path)
        document = read_document(path)
        if broken(document):
            return document.findings
        configuration = experiment.configuration if experiment else {}
        try:
            return examine(document, path.name, inputs, configuration, self._asked()).findings
        except NotAllowedError as error:
            return [*document.findings, error.finding()]

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        """Compute the graph at the back-end and write `result/<product id>` and `quicklook.png` below `workspace`.

        The job's id is kept in `workspace`: another try of the same run goes on with the same job. Whatever ends the
        run, but an outage, stops the job.

        Raises:
            RefusedError: The back-end would not do it; see `check`.
            IntegrityError: The workflow or a STAC document changed after it was pinned, or a result came damaged.
            ExecutionError: The job failed; the message holds its last log lines.
            UnavailableError: The back-end does not answer; the same run may succeed later.
        """
        from earthcode_platform.cubes.outcome import write_results
        from earthcode_platform.cubes.quicklook import draw_quicklook
        from earthcode_platform.engines.provider.ending import terminable
        from earthcode_platform.engines.provider.reporting import between
        from earthcode_platform.engines.remote_openeo.job import opened
        from earthcode_platform.engines.remote_openeo.outcome import cube_of
        from earthcode_platform.engines.remote_openeo.results import announced, download

        started = datetime.now(UTC)
        self._report(0.0, "asking the back-end")
        offered = self._asked()
        process, connected = _process(pinned, offered), offered.connected
        with terminable():
            job = opened(connected, process, _request(pinned, connected.backend), workspace)
            self._report(_SENT, f"job {job.id} is there")
            job.run(between(self._report, _SENT, _COMPUTED, f"job {job.id}: "))
            results = announced(connected, job)
            fetching = between(self._report, _COMPUTED, _FETCHED, "downloading")
            here = download(connected, results, workspace / "download", lambda share: fetching(share, ""))
        cubes = [cube_of(one, results) for one in here]
        files = write_results(cubes, pinned, workspace / "result")
        self._report(_DRAWN, "drawing the quicklook")
        quicklook = workspace / "quicklook.png"
        draw_quicklook(cubes[0], quicklook, pinned.experiment.product.title)
        engine = _engine_used(offered, process, job, here)
        if connected.backend.deletes:
            job.delete()
        self._report(1.0, "done")
        return RunResult(
            experiment=pinned.experiment.id,
            fingerprint=pinned.fingerprint,
            engine=engine,
            started=started,
            finished=datetime.now(UTC),
            files=files,
            quicklook=str(quicklook.absolute()),
        )

    def _report(self, fraction: float, step: str) -> None:
        if self._progress is not None:
            self._progress(fraction, step)

    def _asked(self) -> Offered:
        """Return what the back-end offers; it is asked once in the life of an engine."""
        from earthcode_platform.engines.remote_openeo.connecting import connect
        from earthcode_platform.engines.remote_openeo.offers import offers_of

        if self._backend is None:
            raise InputError(
                "this engine was given no back-end.", where=NAME, remedy="Name a block of an openEO back-end."
            )
        if self._offered is None:
            self._offered = offers_of(connect(self._backend))
        return self._offered


def _process(pinned: PinnedExperiment, offered: Offered) -> dict[str, Any]:
    """Return the process graph as it is sent.

    Raises:
        RefusedError: The back-end would not run it.
        IntegrityError: The workflow changed after it was pinned.
    """
    from earthcode_platform.engines.remote_openeo.examining import examine

    path = Path(pinned.workflow.path)
    checksums.require(path, pinned.workflow.checksum)
    examined = examine(read_document(path), path.name, pinned.inputs, pinned.experiment.configuration, offered)
    RefusedError.if_any(examined.findings, where=pinned.experiment.id)
    return examined.process


def _request(pinned: PinnedExperiment, backend: Backend) -> dict[str, Any]:
    """Return what a job is given besides its graph (openEO API 1.2, `POST /jobs`)."""
    experiment = pinned.experiment
    request: dict[str, Any] = {
        "title": f"{experiment.title} ({experiment.id} {experiment.version})",
        "description": f"EarthCODE experiment {experiment.id}, fingerprint {pinned.fingerprint}",
    }
    if backend.plan:
        request["plan"] = backend.plan
    if backend.budget is not None:
        request["budget"] = backend.budget
    return request


def _engine_used(offered: Offered, process: dict[str, Any], job: Job, here: Sequence[Downloaded]) -> EngineUsed:
    from importlib.metadata import version

    from earthcode_platform.engines.remote_openeo.sending import process_ids

    described, secrets = job.describe(), offered.connected.secrets
    costs = described.get("costs")
    used = RemoteJob(
        backend=offered.connected.url,
        title=secrets.shown(offered.capabilities.get("title", "")),
        api_version=offered.api_version,
        version=secrets.shown(offered.capabilities.get("backend_version", "")),
        job=job.id,
        processes={name: offered.processes[name].checksum for name in process_ids(process)},
        verified={one.wanted.key: one.verified for one in here},
        costs=float(costs) if isinstance(costs, int | float) else None,
        currency=str(offered.billing["currency"]) if offered.billing.get("currency") else None,
        logs=tuple(job.logs()),
    )
    libraries = {name: version(name) for name in _LIBRARIES}
    return EngineUsed(name=NAME, version=earthcode_platform.__version__, libraries=libraries, remote=used)

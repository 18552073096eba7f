"""The engine: CWL packages as processes of a provider's OGC API - Processes, near the data."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import cwltool  # noqa: F401 - the registry reads a missing extra from its import

import earthcode_platform
from earthcode_platform.application_packages.staged import declared_parameters, staged_package
from earthcode_platform.errors import InputError, RefusedError
from earthcode_platform.models.run import EngineUsed, RemoteJob, RunResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.engines.contract import Progress
    from earthcode_platform.engines.ogc_processes.endpoint import Endpoint
    from earthcode_platform.engines.ogc_processes.examining import Examined, Provider
    from earthcode_platform.engines.ogc_processes.running import Running
    from earthcode_platform.engines.ogc_processes.staging import StagedBack
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
    from earthcode_platform.models.workflow import Parameter

__all__ = ["NAME", "ProcessesEngine"]

NAME: Final = "ogc-api-processes"
"""Its entry-point name."""
_LIBRARIES: Final = ("owslib", "cwltool", "rasterio", "numpy")
_DEPLOYED: Final = 0.05
"""Share of the progress at which the process is there."""
_COMPUTED: Final = 0.85
"""Share of the progress at which the job is done."""
_FETCHED: Final = 0.93
"""Share of the progress at which its results are here."""


class ProcessesEngine:
    """Runs CWL packages as processes of one provider: deployed there if they are not, executed, their results fetched.

    Args:
        endpoint: The provider. Without one nothing can be checked or run.
        progress: Where to report how far it is; nowhere if None.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"cwl"})
    by_name: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint | None = None, progress: Progress | None = None) -> None:
        self._endpoint = endpoint
        self._progress = progress

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        """Return the inputs of the workflow; empty if it cannot be read. The provider is not asked."""
        return declared_parameters(workflow)

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        """Return everything that is wrong with the package, and what the provider would not do with it.

        Nothing is deployed and no job is made. Codes besides those of documents and steps, which are those of the
        engine for CWL: `workflow-local-file`, `-local-input`, `-unreachable-input`, `-input-type`, `-several-items`;
        of the provider `workflow-backend-feature`, `-backend-rights`, `-backend-process`, `-unknown-process`,
        `-process-conflict`; of the process, if it is there already, `-unknown-argument`, `-missing-argument`,
        `-argument-value`.

        Raises:
            UnavailableError: The provider does not answer.
            InputError: There is no OGC API - Processes at the address.
        """
        from earthcode_platform.engines.ogc_processes.examining import examine, read_workflow
        from earthcode_platform.engines.provider.rights import NotAllowedError

        with tempfile.TemporaryDirectory(prefix="cwl-") as folder:
            read = read_workflow(staged_package(workflow, Path(folder)), inputs, experiment, self._given())
            if read.broken:
                return read.findings
            try:
                with self._asked() as provider:
                    return examine(read, provider).findings
            except NotAllowedError as error:
                return [*read.findings, error.finding()]

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        """Run the package at the provider and write its files below `result` and `quicklook.png` in `workspace`.

        The job's address is kept in `workspace`: another try of the same run goes on with the same job. Whatever ends
        the run, but an outage, dismisses the job.

        Raises:
            RefusedError: The package is wrong, or the provider would not do it; see `check`.
            IntegrityError: A file of the workflow is not what was pinned, or a result came damaged.
            ConflictError: Another process has the name of ours.
            ExecutionError: The job failed, or what it handed back makes no product.
            UnavailableError: The provider does not answer; the same run may succeed later.
        """
        from earthcode_platform.engines.ogc_processes.examining import examine, read_workflow
        from earthcode_platform.engines.provider.ending import terminable

        started = datetime.now(UTC)
        self._report(0.0, "asking the provider")
        with tempfile.TemporaryDirectory(prefix="cwl-package-") as folder, self._asked() as provider, terminable():
            package = staged_package(pinned.workflow, Path(folder))
            read = read_workflow(package, pinned.inputs, pinned.experiment, self._given())
            RefusedError.if_any(read.findings, where=pinned.experiment.id)
            examined = examine(read, provider)
            RefusedError.if_any(examined.findings, where=pinned.experiment.id)
            return self._computed(examined, provider, pinned, workspace, started)

    def _computed(
        self, examined: Examined, provider: Provider, pinned: PinnedExperiment, workspace: Path, started: datetime
    ) -> RunResult:
        """Deploy, execute, and fetch; return what became a product of it."""
        from earthcode_platform.application_packages.stageout import stage_out
        from earthcode_platform.cubes.produced import draw_produced
        from earthcode_platform.engines.ogc_processes.running import Running
        from earthcode_platform.engines.provider.reporting import between

        workspace.mkdir(parents=True, exist_ok=True)
        with (
            Running(examined, provider, workspace, pinned) as running,
            running.job.dismissed_with_us(),
            tempfile.TemporaryDirectory(prefix=".ogc-", dir=workspace) as there,
        ):
            job = running.job
            self._report(_DEPLOYED, f"job {job.id} is there")
            held = job.run(between(self._report, _DEPLOYED, _COMPUTED, f"job {job.id}: "))
            self._report(_COMPUTED, "downloading")
            staged = running.fetched(held, Path(there))
            self._report(_FETCHED, "describing")
            files = stage_out(staged.outputs, Path(there), pinned, workspace / "result")
            used = _used(provider, running, staged)
            running.done()
        quicklook = workspace / "quicklook.png"
        draw_produced(Path(files[0].path), quicklook, pinned.experiment.product.title, files[0].start)
        self._report(1.0, "done")
        return RunResult(
            experiment=pinned.experiment.id,
            fingerprint=pinned.fingerprint,
            engine=used,
            started=started,
            finished=datetime.now(UTC),
            files=files,
            quicklook=str(quicklook.absolute()),
        )

    def _report(self, fraction: float, step: str) -> None:
        if self._progress is not None:
            self._progress(fraction, step)

    def _given(self) -> Endpoint:
        if self._endpoint is None:
            raise InputError(
                "this engine was given no provider.", where=NAME, remedy="Name a block of an OGC API - Processes."
            )
        return self._endpoint

    def _asked(self) -> Provider:
        from earthcode_platform.engines.ogc_processes.examining import Provider

        return Provider(self._given())


def _used(provider: Provider, running: Running, staged: StagedBack) -> EngineUsed:
    from importlib.metadata import version

    job = running.job
    remote = RemoteJob(
        backend=provider.url,
        title=provider.title,
        api_version=provider.api_version,
        version="",
        job=job.id,
        processes=running.checksums,
        verified=staged.verified,
        logs=tuple(job.messages),
    )
    libraries = {name: version(name) for name in _LIBRARIES}
    return EngineUsed(name=NAME, version=earthcode_platform.__version__, libraries=libraries, remote=remote)

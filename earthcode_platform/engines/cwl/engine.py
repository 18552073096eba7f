"""The engine: CWL workflows and EO application packages, conducted by cwltool in an isolated child."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import cwltool  # noqa: F401 - the registry reads a missing extra from its import

import earthcode_platform
from earthcode_platform.application_packages.staged import declared_parameters, staged_package
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import ExecutionError, RefusedError
from earthcode_platform.models.run import EngineUsed, RunResult

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from pydantic import JsonValue

    from earthcode_platform.application_packages.document import Package
    from earthcode_platform.engines.contract import Progress
    from earthcode_platform.engines.cwl.execution import Execution
    from earthcode_platform.engines.cwl.runtimes import Runtime
    from earthcode_platform.isolation.limits import Isolation, Limits
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
    from earthcode_platform.models.run import ProducedFile
    from earthcode_platform.models.workflow import Parameter

__all__ = ["CWLEngine"]

_LIBRARIES: Final = ("cwltool", "cwl-utils", "schema-salad")
_STAGED: Final = 0.1
_RAN: Final = 0.9


class CWLEngine:
    """Runs CWL v1.0 to v1.2: a workflow, or a single tool. What it allows is in `settings`.

    Args:
        progress: Where to report how far it is; nowhere if None.
        limits: What the programs of a run may use together; as `settings` say if None.
        least: How far they must be kept from everything else; as `settings` say if None.
        settings: What else the platform allows packages; the defaults if None.
        cancelled: Ends a run once it is set, by whichever thread.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"cwl"})

    def __init__(
        self,
        progress: Progress | None = None,
        limits: Limits | None = None,
        least: Isolation | None = None,
        *,
        settings: Settings | None = None,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._progress = progress
        self.settings = (settings or Settings()).within(limits, least)
        self._cancelled = cancelled

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        """Return the inputs of the workflow; empty if it cannot be read."""
        return declared_parameters(workflow)

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        """Return everything that is wrong with the package; no tool runs, and nothing is fetched.

        Codes of documents: `workflow-not-readable`, `-too-large`, `-too-many-documents`, `-syntax`, `-no-cwl`,
        `-version`, `-no-main`, `-class`, `-operation`. Of steps: `-no-run`, `-no-tool`, `-remote`, `-outside-folder`,
        `-no-steps`, `-unknown-source`, `-no-source`, `-unknown-step-input`, `-missing-step-input`, `-unknown-output`,
        `-unknown-scatter`, `-scatter-no-array`, `-scatter-method`, `-missing-requirement`, `-cycle`, `-type-mismatch`;
        whatever else the CWL schemas refuse is `-invalid`. Of the platform: `-no-image`, `-without-container`,
        `-no-network`, `-no-javascript`, `-too-large`. Of the experiment: `-input-type`, `-several-items`,
        `-unknown-file`. Warnings `-ogc-7` to `-ogc-14` are the rules of OGC 20-089r1.
        """
        from earthcode_platform.engines.cwl.checking import examine

        with tempfile.TemporaryDirectory(prefix="cwl-") as folder:
            package = staged_package(workflow, Path(folder))
            return examine(package, inputs, experiment, self._with_documents(package), self._runtime())

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        """Run the package and write its files below `result` and `quicklook.png` in `workspace`.

        Raises:
            RefusedError: The package is wrong; see `check`.
            IntegrityError: A file of the workflow or of an input is not what was pinned.
            ExecutionError: A tool failed, or what it handed back makes no product; the message names step or output.
            NotIsolatedError: This machine cannot isolate tools as far as the platform's settings want.
            UnavailableError: An image or a file of the web could not be had; the same run may succeed later.
        """
        from earthcode_platform.cubes.produced import draw_produced
        from earthcode_platform.engines.cwl.checking import examine
        from earthcode_platform.engines.cwl.execution import Execution

        started, runtime = datetime.now(UTC), self._runtime()
        self._report(0.0, "staging")
        with tempfile.TemporaryDirectory(prefix="cwl-package-") as folder:
            package = staged_package(pinned.workflow, Path(folder))
            settings = self._with_documents(package)
            findings = examine(package, pinned.inputs, pinned.experiment, settings, runtime)
            RefusedError.if_any(findings, where=pinned.experiment.id)
            with Execution(package, settings, runtime, workspace, self._progress, self._cancelled) as execution:
                files = self._files(execution, pinned, workspace)
                used = _used(execution)
        self._report(_RAN, "drawing the quicklook")
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

    def _with_documents(self, package: Package) -> Settings:
        """Return the settings, with the documents of the web that the package imports fetched if they allow that."""
        from earthcode_platform.application_packages.web_documents import fetch_documents

        if self.settings.fetched is None:
            return self.settings
        folders = (*self.settings.schemas, self.settings.fetched)
        fetch_documents(package, folders, self.settings.fetched)
        return self.settings.model_copy(update={"schemas": folders})

    def _runtime(self) -> Runtime | None:
        from earthcode_platform.engines.cwl.runtimes import find_runtime

        return find_runtime(self.settings.containers)

    def _report(self, fraction: float, step: str) -> None:
        if self._progress is not None:
            self._progress(fraction, step)

    def _files(self, execution: Execution, pinned: PinnedExperiment, workspace: Path) -> tuple[ProducedFile, ...]:
        from earthcode_platform.application_packages.stageout import stage_out

        values, by_address = _values(execution, pinned)
        self._report(_STAGED, "running")
        outputs = execution.run(values, by_address=by_address)
        return stage_out(outputs, execution.outputs, pinned, workspace / "result")


def _values(execution: Execution, pinned: PinnedExperiment) -> tuple[dict[str, JsonValue], bool]:
    """Return the job order, with the inputs staged, and whether one of them is taken by its address."""
    from earthcode_platform.application_packages.parameters import accepts_window
    from earthcode_platform.application_packages.types import Shape, shape_of
    from earthcode_platform.engines.cwl.stagein import stage_in

    values: dict[str, JsonValue] = dict(pinned.experiment.configuration)
    known = execution.package.main.inputs if execution.package.main else {}
    by_address = False
    for one in pinned.inputs:
        shape = shape_of(known[one.name].get("type"))
        if shape is None:
            raise ExecutionError("it cannot take STAC data.", where=f"input {one.name!r}")
        by_address |= shape in (Shape.ADDRESS, Shape.ADDRESSES)
        window = accepts_window(execution.package, one.name)
        values[one.name] = stage_in(one, shape, execution.inputs / one.name, window=window)
    return values, by_address


def _used(execution: Execution) -> EngineUsed:
    """Return what ran the package: libraries, images by digest, documents of the web by checksum, images not used."""
    from importlib.metadata import version

    from earthcode_platform.application_packages.web_documents import used_documents
    from earthcode_platform.engines.cwl.needs import images_of

    named = dict.fromkeys(wanted.name for wanted in images_of(execution.package) if wanted.name)
    documents = used_documents(execution.package, execution.settings.schemas)
    return EngineUsed(
        name="cwl",
        version=earthcode_platform.__version__,
        libraries={**{name: version(name) for name in _LIBRARIES}, **execution.digests, **documents},
        isolation=execution.isolation,
        without_images=tuple(name for name in named if name not in execution.digests),
    )

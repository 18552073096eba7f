"""The engine: openEO process graphs on lazy cubes, computed by Dask."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import earthcode_platform
from earthcode_platform.errors import ExecutionError, RefusedError, UnavailableError
from earthcode_platform.models.run import EngineUsed, RunResult
from earthcode_platform.models.workflow import Parameter
from earthcode_platform.process_graphs.document import Document, read_document
from earthcode_platform.provenance.staging import require_workflow
from earthcode_platform.uncollected import uncollected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr

    from earthcode_platform.cubes.saved import SavedResult
    from earthcode_platform.engines.contract import Progress
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
    from earthcode_platform.models.run import ProducedFile

__all__ = ["OpenEOEngine"]

_LIBRARIES: Final = ("numpy", "xarray", "dask", "rasterio", "odc-stac", "netCDF4", "zarr")
_BUILT: Final = 0.05
"""Share of the progress at which the lazy cube stands."""
_COMPUTED: Final = 0.85
"""Share of the progress at which its values are in memory."""
_WRITTEN: Final = 0.95
"""Share of the progress at which files are written and read back."""


class OpenEOEngine:
    """Runs openEO process graphs: a user-defined process in JSON, or a bare graph.

    Args:
        progress: Where to report how far it is; nowhere if None.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"openeo"})

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        """Return the parameters that the process declares; of a bare graph, every name it refers to.

        Empty if the workflow cannot be read.
        """
        document = read_document(Path(workflow.path), workflow.files)
        if document.declares or document.graph is None:
            return document.parameters
        from earthcode_platform.engines.openeo.check import free_names

        return tuple(Parameter(name=name, json_schema={}, required=True) for name in free_names(document.graph))

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        """Return everything that is wrong with the graph: its form, each node, and what would fail in the run.

        The graph is rehearsed on lazy cubes: STAC documents and headers of files are read, and no pixel.

        Codes of the form: `workflow-not-readable`, `-not-json`, `-duplicate-key`, `-no-graph`, `-not-a-node`,
        `-not-a-parameter`, `-duplicate-parameter`, `-bad-default`, `-no-result`, `-many-results`, `-unknown-node`,
        `-unknown-reference`, `-cycle`, and as warnings `-dead-node` and `-legacy-reference`; of processes that it
        brings along `-unknown-namespace`, `-unknown-process`, `-recursion`. Of nodes: `-unsupported-process`,
        `-unknown-argument`, `-missing-argument`, `-argument-type`, `-argument-value`, `-unknown-parameter`,
        `-unknown-input`, `-unused-input`, `-unknown-band`, and as warnings `-unused-argument` and `-other-format`. Of
        the rehearsal: the error codes of openEO, such as `-dimension-not-available`, and `-unknown-…`,
        `-unusable-input`, `-unwritable` and `-would-fail`.
        """
        from earthcode_platform.engines.openeo.check import examine

        path = Path(workflow.path)
        return examine(read_document(path, workflow.files), inputs, path.name, experiment, workflow.files).findings

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        """Compute the graph and write `result/<product id>` and `quicklook.png` below `workspace`.

        Raises:
            RefusedError: The graph is wrong; see `check`.
            IntegrityError: The workflow or a STAC document changed after it was pinned.
            ExecutionError: A node failed; the message names it.
            UnavailableError: Remote data did not answer; the same run may succeed later.
        """
        started = datetime.now(UTC)
        require_workflow(pinned.workflow)
        self._report(0.0, "building the cube")
        with uncollected():
            results = self.built(read_document(Path(pinned.workflow.path), pinned.workflow.files), pinned)
        self._report(_BUILT, "computing")
        files, quicklook = self._streamed(results, pinned, workspace) or self._written(results, pinned, workspace)
        self._report(1.0, "done")
        return RunResult(
            experiment=pinned.experiment.id,
            fingerprint=pinned.fingerprint,
            engine=_engine_used(),
            started=started,
            finished=datetime.now(UTC),
            files=files,
            quicklook=str(quicklook.absolute()),
        )

    def _report(self, fraction: float, step: str) -> None:
        if self._progress is not None:
            self._progress(fraction, step)

    def built(self, document: Document, pinned: PinnedExperiment) -> list[SavedResult]:
        """Return what the graph saves, its result first, or that alone; nothing is computed yet.

        The check has built them; where it could not, for data that did not answer, they are built again.
        """
        from earthcode_platform.engines.openeo.check import examine
        from earthcode_platform.engines.openeo.executor import Executor
        from earthcode_platform.engines.openeo.fused.fusing import fused
        from earthcode_platform.engines.openeo.session import Session

        name = Path(pinned.workflow.path).name
        examined = examine(document, pinned.inputs, name, pinned.experiment, pinned.workflow.files)
        RefusedError.if_any(examined.findings, where=pinned.experiment.id)
        inputs = {entry.name: entry for entry in pinned.inputs}
        session = Session(inputs, pinned.experiment.product.format, files=pinned.workflow.files)
        values = {**document.defaults(), **pinned.experiment.configuration, **inputs}
        if document.graph is not None and len(examined.results) == 1:
            (only,) = examined.results
            return [replace(only, cube=fused(document.graph, values, only.cube, examined.known, session))]
        if examined.results or document.graph is None:
            return examined.results
        result = Executor(session).run(document.graph, values)
        return sorted(session.results, key=lambda saved: saved.cube is not result) or [session.saved(result)]

    def _streamed(
        self, results: Sequence[SavedResult], pinned: PinnedExperiment, workspace: Path
    ) -> tuple[tuple[ProducedFile, ...], Path] | None:
        """Write the only result while its blocks are computed; None if it cannot be."""
        from earthcode_platform.cubes.streaming.memory import require_room
        from earthcode_platform.cubes.streaming.product import shown, streamed_result, write_streamed

        wanted = streamed_result(results[0], pinned, workspace) if len(results) == 1 else None
        if wanted is None:
            return None
        require_room(wanted.source, pinned.experiment.id)
        with self._failures(pinned):
            file = write_streamed(wanted, pinned, self._computing)
        self._report(_WRITTEN, "drawing the quicklook")
        return (file,), self._quicklook(shown(wanted), pinned, workspace)

    def _written(
        self, results: Sequence[SavedResult], pinned: PinnedExperiment, workspace: Path
    ) -> tuple[tuple[ProducedFile, ...], Path]:
        """Compute the results into memory, and write them."""
        from earthcode_platform.cubes.compute import compute
        from earthcode_platform.cubes.outcome import write_results
        from earthcode_platform.cubes.streaming.memory import require_room_for_all
        from earthcode_platform.engines.openeo.writing import dated

        require_room_for_all([saved.cube for saved in results], pinned.experiment.id)
        with self._failures(pinned):
            computed = compute([saved.cube for saved in results], self._computing)
        results = [replace(saved, cube=dated(cube)) for saved, cube in zip(results, computed, strict=True)]
        files = write_results(results, pinned, workspace / "result")
        self._report(_WRITTEN, "drawing the quicklook")
        return files, self._quicklook(computed[0], pinned, workspace)

    def _computing(self, fraction: float) -> None:
        self._report(_BUILT + (_COMPUTED - _BUILT) * fraction, "computing" if fraction < 1 else "writing")

    @contextmanager
    def _failures(self, pinned: PinnedExperiment) -> Iterator[None]:
        """Turn what computing raises into errors that say what to do."""
        from rasterio.errors import RasterioError

        try:
            yield
        except (RasterioError, OSError) as error:
            remote = any("://" in asset.href for entry in pinned.inputs for asset in entry.assets)
            kind = UnavailableError if remote else ExecutionError
            raise kind(
                f"reading the data failed: {error}.", where=pinned.experiment.id, remedy="Check the files; try again."
            ) from error
        except (ValueError, TypeError, RuntimeError, MemoryError, ArithmeticError, LookupError) as error:
            raise ExecutionError(
                f"computing failed: {type(error).__name__}: {error}.",
                where=pinned.experiment.id,
                remedy="Check the workflow, or choose a smaller window.",
            ) from error

    def _quicklook(self, cube: xr.DataArray, pinned: PinnedExperiment, workspace: Path) -> Path:
        from earthcode_platform.cubes.quicklook import draw_quicklook
        from earthcode_platform.cubes.zone_maps import drawable

        path = workspace / "quicklook.png"
        draw_quicklook(drawable(cube), path, pinned.experiment.product.title)
        return path


def _engine_used() -> EngineUsed:
    from importlib.metadata import version

    import rasterio

    libraries = {name: version(name) for name in _LIBRARIES}
    return EngineUsed(
        name="openeo",
        version=earthcode_platform.__version__,
        libraries={**libraries, "gdal": rasterio.__gdal_version__},
    )

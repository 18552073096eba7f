"""Execute: the engine runs near the data, on the Dask cluster of the compute block or at a provider."""

import base64
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

from prefect import task
from prefect.artifacts import create_image_artifact, create_progress_artifact, update_progress_artifact
from prefect.runtime import flow_run

from blocks.compute import DaskCompute
from blocks.engines import chosen_engine
from blocks.home import home
from blocks.input_access import InputAccess
from blocks.loading import DEFAULT, load
from blocks.measuring import measured
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.workspace import Workspace
from tasks.artifacts import artifact_key, show_measures
from tasks.policies import ONCE, PATIENT

__all__ = ["open_workspace", "run_workflow", "show_quicklook"]


_LONGEST = 6 * 3600


def open_workspace(pinned: PinnedExperiment) -> str:
    """Return the folder of this run, which no other run shares, with the pinned experiment in it."""
    run = str(flow_run.id or pinned.fingerprint)[:8]
    workspace = Workspace(home() / "runs" / f"{pinned.experiment.id}-{pinned.fingerprint[:12]}-{run}")
    workspace.save(pinned)
    return str(workspace.path)


@task(name="execute: run workflow", timeout_seconds=_LONGEST, **PATIENT)
def run_workflow(pinned: PinnedExperiment, workspace: str, compute: str, backend: str | None) -> RunResult:
    """Run the workflow. Retried only while cluster or back-end do not answer; a workflow that fails is not run again.

    A retry goes on with the job that the try before made at the back-end. Six hours end it. How many compute at once is
    the deployment's concurrency limit.
    """
    bar = _ProgressArtifact(pinned.experiment.id)
    place = load(DaskCompute, compute)
    engine = chosen_engine(pinned.workflow.kind, backend, bar, place.for_programs())
    client = place.client() if backend is None else nullcontext()
    with load(InputAccess, DEFAULT).granted(), client, measured(Path(workspace)) as took:
        run = engine.run(pinned, Path(workspace))
    show_measures(took.rows, pinned.experiment.id)
    Workspace(Path(workspace)).save(run)
    bar(1.0, "done")
    return run


@task(name="execute: show quicklook", **ONCE)
def show_quicklook(run: RunResult, title: str) -> None:
    """Show the quicklook on the run's page. The artifact holds the picture itself. Never retried."""
    picture = base64.b64encode(Path(run.quicklook).read_bytes()).decode()
    create_image_artifact(
        image_url=f"data:image/png;base64,{picture}",
        key=f"quicklook-{artifact_key(run.experiment)}",
        description=f"**{title}**",
    )


class _ProgressArtifact:
    """Moves one progress bar on the run's page, at most once a percent."""

    def __init__(self, experiment_id: str) -> None:
        self._shown = 0
        artifact = create_progress_artifact(
            progress=0.0, key=f"progress-{artifact_key(experiment_id)}", description=f"Computing **{experiment_id}**"
        )
        self._id: UUID = artifact if isinstance(artifact, UUID) else UUID(str(artifact))

    def __call__(self, fraction: float, step: str) -> None:
        percent = int(fraction * 100)
        if percent > self._shown:
            self._shown = percent
            update_progress_artifact(artifact_id=self._id, progress=float(percent), description=step)

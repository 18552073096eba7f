"""Execute: the engine runs near the data, on the Dask cluster of the compute block or at a provider.

What it wrote is looked at before anything else is done with it, and gets its pictures and its report.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from prefect import get_run_logger, task
from prefect.artifacts import (
    create_image_artifact,
    create_link_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.runtime import flow_run

from blocks.compute import DaskCompute
from blocks.engines import chosen_engine
from blocks.home import home
from blocks.input_access import InputAccess
from blocks.loading import DEFAULT, load
from blocks.measuring import Measured, measured
from blocks.policy import GatePolicy
from earthcode_platform.cubes.input_extent import input_boxes
from earthcode_platform.cubes.streaming.product import FOLDER
from earthcode_platform.errors import RefusedError
from earthcode_platform.gates.policy import judged
from earthcode_platform.gates.product.gate import check
from earthcode_platform.gates.product.stac import check_stac
from earthcode_platform.gates.quality.gate import check_product
from earthcode_platform.models.checked import Checked
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.policy import Stage
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.resuming import forget, resuming
from earthcode_platform.provenance.workspace import Workspace
from earthcode_platform.reports.attaching import REPORT, attach
from earthcode_platform.stores.preview import stac_documents
from tasks.artifacts import artifact_key, show_findings, show_measures, show_quality
from tasks.policies import ONCE, PATIENT

__all__ = ["attach_report", "gate_product", "going_on", "open_workspace", "run_workflow", "show_pictures"]


_LONGEST = 6 * 3600


def open_workspace(pinned: PinnedExperiment) -> str:
    """Return the folder of this run, which no other run shares, with the pinned experiment in it."""
    run = str(flow_run.id or pinned.fingerprint)[:8]
    workspace = Workspace(home() / "runs" / f"{pinned.experiment.id}-{pinned.fingerprint[:12]}-{run}")
    workspace.save(pinned)
    return str(workspace.path)


@contextmanager
def going_on(workspace: str) -> Iterator[None]:
    """Hold the folder while the workflow runs, tries again included, and begin with the blocks of a run that ended.

    A run that was killed, or whose services never answered, leaves its finished blocks: the next run of the same
    experiment takes them over. Those that nobody took over for a week are removed.
    """
    folder = Path(workspace)
    forget(folder.parent, FOLDER)
    with resuming(folder, FOLDER) as before:
        if before is not None:
            get_run_logger().info("Going on with the blocks that the run in %s finished", before)
        yield


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
    with load(InputAccess, DEFAULT).granted(), client, _shown(pinned.experiment.id, workspace) as took:
        run = engine.run(pinned, Path(workspace))
    bar(1.0, "done")
    return run.model_copy(update={"costs": took.costs})


@contextmanager
def _shown(experiment_id: str, workspace: str) -> Iterator[Measured]:
    """Measure, and show on the run's page what it took, also when it fails: then somebody wants to know it most."""
    took: Measured | None = None
    try:
        with measured(Path(workspace)) as took:
            yield took
    finally:
        if took is not None:
            show_measures(took.rows, took.report, experiment_id)


@task(name="execute: gate product", **PATIENT)
def gate_product(pinned: PinnedExperiment, run: RunResult) -> Checked:
    """Open every file again and refuse what no reader elsewhere could use; nothing of it can be archived then.

    Retried only while a server of the inputs does not answer.
    """
    with load(InputAccess, DEFAULT).granted():
        boxes = input_boxes(pinned)
    quality = check_product(pinned, run)
    findings = [
        *check(pinned, run, [box for found in boxes.values() for box in found]),
        *check_stac(stac_documents(pinned, run)),
        *(quality.findings if quality else ()),
    ]
    rules = load(GatePolicy, DEFAULT).get_policy()
    weighed = judged(findings, pinned.experiment.waivers, rules, Stage.ARCHIVE, datetime.now(UTC).date())
    show_findings(weighed.findings, f"product of {pinned.experiment.id}")
    if quality is not None:
        show_quality(quality, pinned.experiment.id)
    RefusedError.if_any(weighed.findings, where=pinned.experiment.product.id)
    return Checked(findings=weighed.findings, waived=weighed.waived, quality=quality, boxes=boxes)


@task(name="execute: attach report", **ONCE)
def attach_report(
    pinned: PinnedExperiment, run: RunResult, before: Checked, after: Checked, workspace: str
) -> RunResult:
    """Draw the pictures, write the report, and leave the run for `archive`. Never retried."""
    attached = attach(pinned, run, (before, after), Path(workspace))
    folder = Workspace(Path(workspace))
    folder.save(pinned)
    folder.save(attached.run)
    return attached.run


@task(name="execute: show pictures", **ONCE)
def show_pictures(run: RunResult, title: str) -> None:
    """Show quicklook, series, footprint and report on the run's page. Artifacts hold the pictures. Never retried."""
    key = artifact_key(run.experiment)
    drawn = {one.key: one for one in run.attached}
    shown = [("quicklook", run.quicklook, title)]
    shown += [(name, drawn[name].path, drawn[name].title) for name in ("series", "footprint") if name in drawn]
    for name, path, words in shown:
        picture = base64.b64encode(Path(path).read_bytes()).decode()
        create_image_artifact(
            image_url=f"data:image/png;base64,{picture}", key=f"{name}-{key}", description=f"**{words}**"
        )
    report = Path(drawn[REPORT].path)
    create_link_artifact(
        link=report.as_uri(),
        link_text="Report of the run",
        key=f"report-{key}",
        description=f"**{title}**: everything about this run on one page, which is archived with the product as "
        f"`{report.name}`. Here it lies at `{report}`.",
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

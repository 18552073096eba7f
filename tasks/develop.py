"""Develop: the folder is read and everything it uses is named by place and checksum."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.futures import PrefectFuture
from pydantic import JsonValue

from blocks.catalog import OpenScienceCatalog
from blocks.compute import DaskCompute
from blocks.container_registry import ContainerRegistry
from blocks.engines import chosen_engine
from blocks.input_access import InputAccess
from blocks.loading import DEFAULT, load
from earthcode_platform.cubes import pin as cubes
from earthcode_platform.development import code, imaging, looking, previewing, testing, trying
from earthcode_platform.development.containers import find_builder
from earthcode_platform.development.finding import found
from earthcode_platform.development.preview_page import preview_markdown, preview_page
from earthcode_platform.development.report import in_markdown
from earthcode_platform.engines.contract import Engine
from earthcode_platform.errors import ConflictError, MissingExtraError, RefusedError, UnknownNameError
from earthcode_platform.experiments import pin as experiments
from earthcode_platform.experiments.read import read_declared
from earthcode_platform.gates import workflow
from earthcode_platform.models.development import Development, ImageBuilt, TestsRun, Trial
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import CodeVersion, PinnedExperiment, PinnedFile, PinnedInput, PinnedWorkflow
from earthcode_platform.provenance.workspace import Workspace
from tasks.artifacts import artifact_key, show_findings
from tasks.policies import ONCE, PATIENT

__all__ = [
    "build_image",
    "conclude",
    "errors",
    "lint",
    "pin_code",
    "pin_inputs",
    "pin_workflow",
    "pinned_expectations",
    "preview",
    "read_experiment",
    "refusals",
    "run_tests",
    "try_out",
]

_IMAGE_SECONDS: Final = 3600
_TRIAL_SECONDS: Final = 3600


@task(name="develop: read experiment", **ONCE)
def read_experiment(folder: str, inputs: dict[str, str], configuration: dict[str, JsonValue]) -> Experiment:
    """Read the declaration in `folder`, with this run's inputs and values. Never retried: wrong stays wrong."""
    try:
        return read_declared(Path(folder), inputs, configuration)
    except RefusedError as error:
        show_findings(error.findings, Path(folder).name)
        raise


@task(name="develop: pin workflow", **ONCE)
def pin_workflow(experiment: Experiment, folder: str) -> PinnedWorkflow:
    """Name the workflow's file by checksum. Never retried."""
    return experiments.pin_workflow(experiment, Path(folder))


@task(name="develop: pin code", **ONCE)
def pin_code(folder: str) -> CodeVersion | None:
    """Name the commit the folder is at. Never retried."""
    return experiments.code_version(Path(folder))


@task(name="develop: pin inputs", **PATIENT)
def pin_inputs(experiment: Experiment, folder: str) -> tuple[PinnedInput, ...]:
    """Resolve the STAC inputs to files. Retried only while a server does not answer."""
    with load(InputAccess, DEFAULT).granted():
        return cubes.pin_inputs(experiment.inputs, Path(folder))


def pinned_expectations(folder: str) -> PinnedFile | None:
    """Return the file of expectations by checksum; None if there is none, which costs nothing."""
    return experiments.pin_expectations(Path(folder))


def refusals(*steps: PrefectFuture[Any]) -> list[Finding]:
    """Wait for steps that ran side by side, and return the findings of all that refused."""
    findings: list[Finding] = []
    for step in steps:
        try:
            step.result()
        except RefusedError as error:
            findings += error.findings
    return findings


def errors(findings: list[Finding]) -> bool:
    """Tell whether one of the findings keeps the experiment from running."""
    return any(one.severity is Severity.ERROR for one in findings)


@task(name="develop: build image", timeout_seconds=_IMAGE_SECONDS, **PATIENT)
def build_image(pinned: PinnedExperiment, registry: str) -> tuple[ImageBuilt | None, list[Finding]]:
    """Build the image of a Containerfile if the platform allows it, and push it if a registry is named.

    Retried only while the registry does not take it: what was built under its content is there already.
    """
    folder = Path(pinned.folder)
    containerfile = imaging.find_containerfile(folder)
    block = load(ContainerRegistry, registry)
    if containerfile is None or not block.builds:
        message = "no image was built: this platform builds none."
        remedy = "Build it yourself: earthcode-platform develop FOLDER."
        where = "image" if containerfile is None else containerfile.relative_to(folder).as_posix()
        return None, [found("no-builder", Severity.NOTE, where, message, remedy)] if containerfile else []
    builder = find_builder()
    image, findings = imaging.make_image(pinned.experiment, folder, builder)
    target = block.get_registry()
    if image is not None and builder is not None and target is not None:
        image = imaging.push_image(image, target, builder)
    return image, findings


def _engine(pinned: PinnedExperiment, compute: str) -> Engine:
    """Return the engine here, as a run would have it."""
    return chosen_engine(pinned.workflow.kind, None, offered=load(DaskCompute, compute).for_programs())


@task(name="develop: lint", **PATIENT)
def lint(pinned: PinnedExperiment, compute: str) -> tuple[tuple[str, ...], list[Finding]]:
    """Let the engine and the linters look, without running anything. Retried only while a server does not answer."""
    try:
        engine = _engine(pinned, compute)
    except (UnknownNameError, MissingExtraError) as error:
        return (), [workflow.no_engine(error)]
    with load(InputAccess, DEFAULT).granted():
        return looking.lint(pinned, engine)


@task(name="develop: run tests", **ONCE)
def run_tests(folder: str, compute: str) -> tuple[TestsRun | None, list[Finding]]:
    """Run the folder's own tests, isolated as the compute block says, for ten minutes at most. Never retried."""
    return testing.run_tests(Path(folder), least=load(DaskCompute, compute).isolation)


@task(name="develop: try out", timeout_seconds=_TRIAL_SECONDS, **PATIENT)
def try_out(pinned: PinnedExperiment, compute: str) -> tuple[Trial | None, list[Finding]]:
    """Run the workflow on small parts of its inputs, in this process, and note what that takes.

    An hour ends it. Retried only while a server does not answer.
    """
    engine = _engine(pinned, compute)
    with load(InputAccess, DEFAULT).granted(), TemporaryDirectory(prefix="earthcode-trial-") as scratch:
        return trying.try_out(pinned, engine, Path(scratch), get_run_logger().info)


@task(name="develop: preview", **PATIENT)
def preview(pinned: PinnedExperiment, workspace: str, catalog: str, trial: Trial | None) -> list[Finding]:
    """Show how the entries in the catalog will read, and leave a page of it in the run's folder.

    Retried only while the catalog does not answer. What the catalog would refuse is returned.
    """
    held = load(OpenScienceCatalog, catalog).get_repository().read()
    try:
        entries = previewing.previewed(held, pinned, trial.engine if trial else None)
    except RefusedError as error:
        return list(error.findings)
    except ConflictError as error:
        return [found("catalog-conflict", Severity.ERROR, error.where, error.message, error.remedy)]
    (Path(workspace) / "preview.html").write_text(preview_page(entries), encoding="utf-8")
    create_markdown_artifact(
        key=f"preview-{artifact_key(pinned.experiment.id)}",
        markdown=preview_markdown(entries),
        description=f"How **{pinned.experiment.id}** will read in the catalog",
    )
    return []


@task(name="develop: conclude", **ONCE)
def conclude(
    pinned: PinnedExperiment,
    workspace: str,
    linted: tuple[tuple[str, ...], list[Finding]],
    steps: tuple[list[Finding], ...],
    outcome: tuple[TestsRun | None, Trial | None, ImageBuilt | None],
) -> Development:
    """Show everything on the run's page, keep it in the run's folder, and fail if one finding is an error.

    Never retried.
    """
    findings = (*linted[1], *(one for step in steps for one in step), *code.look_at_code(pinned.code))
    tests, trial, image = outcome
    development = Development(
        experiment=pinned.experiment.id,
        fingerprint=pinned.fingerprint,
        linters=linted[0],
        findings=findings,
        tests=tests,
        trial=trial,
        image=image,
        code=pinned.code,
    )
    Workspace(Path(workspace)).save(development)
    show_findings(findings, pinned.experiment.id)
    create_markdown_artifact(
        key=f"developed-{artifact_key(pinned.experiment.id)}",
        markdown=in_markdown(development, pinned.experiment.title),
        description=f"What was tried out of **{pinned.experiment.id}**",
    )
    RefusedError.if_any(findings, where=pinned.experiment.id)
    return development

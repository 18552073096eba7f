"""Develop: the folder is read and everything it uses is named by place and checksum."""

from pathlib import Path
from typing import Any

from prefect import task
from prefect.futures import PrefectFuture
from pydantic import JsonValue

from blocks.input_access import InputAccess
from blocks.loading import DEFAULT, load
from earthcode_platform.cubes import pin as cubes
from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments import pin as experiments
from earthcode_platform.experiments.read import read_declared
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import CodeVersion, PinnedInput, PinnedWorkflow
from tasks.artifacts import show_findings
from tasks.policies import ONCE, PATIENT

__all__ = ["pin_code", "pin_inputs", "pin_workflow", "read_experiment", "refusals"]


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


def refusals(*steps: PrefectFuture[Any]) -> list[Finding]:
    """Wait for steps that ran side by side, and return the findings of all that refused."""
    findings: list[Finding] = []
    for step in steps:
        try:
            step.result()
        except RefusedError as error:
            findings += error.findings
    return findings

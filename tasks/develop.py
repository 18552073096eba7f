"""Develop: the folder is read and everything it uses is named by place and checksum."""

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from earthcode_platform.cubes import pin as cubes
from earthcode_platform.experiments import pin as experiments
from earthcode_platform.experiments import read
from earthcode_platform.experiments.overrides import override
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.pinned import CodeVersion, PinnedInput, PinnedWorkflow
from tasks.policies import BACKOFF, TRIES_AGAIN, stage, try_again

__all__ = ["pin_code", "pin_inputs", "pin_workflow", "read_experiment"]

_TAGS = stage("develop")


@task(tags=_TAGS, cache_policy=NO_CACHE)
def read_experiment(folder: str, inputs: dict[str, str], configuration: dict[str, JsonValue]) -> Experiment:
    """Read the declaration in `folder`, with this run's inputs and values. Never retried: wrong stays wrong."""
    return override(read.read_experiment(Path(folder)), inputs, configuration)


@task(tags=_TAGS, cache_policy=NO_CACHE)
def pin_workflow(experiment: Experiment, folder: str) -> PinnedWorkflow:
    """Name the workflow's file by checksum. Never retried."""
    return experiments.pin_workflow(experiment, Path(folder))


@task(tags=_TAGS, cache_policy=NO_CACHE)
def pin_code(folder: str) -> CodeVersion | None:
    """Name the commit the folder is at. Never retried."""
    return experiments.code_version(Path(folder))


@task(tags=_TAGS, cache_policy=NO_CACHE, retries=TRIES_AGAIN, retry_delay_seconds=BACKOFF, retry_condition_fn=try_again)
def pin_inputs(experiment: Experiment, folder: str) -> tuple[PinnedInput, ...]:
    """Resolve the STAC inputs to files. Retried only while a server does not answer."""
    return cubes.pin_inputs(experiment.inputs, Path(folder))

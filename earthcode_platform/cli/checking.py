"""Develop and validate without a server: what an experiment uses is fixed, and every gate looks at it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue, ValidationError

from earthcode_platform.cubes.input_extent import input_boxes
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.engines.registry import engine_for, platforms
from earthcode_platform.errors import InputError, MissingExtraError, RefusedError, UnknownNameError
from earthcode_platform.experiments.pin import code_version, pin_expectations, pin_workflow
from earthcode_platform.experiments.read import read_declared
from earthcode_platform.gates import (
    compatibility,
    configuration,
    elsewhere,
    inputs,
    metadata,
    reproducibility,
    workflow,
)
from earthcode_platform.gates.policy import Judged, judged
from earthcode_platform.gates.product import gate as product
from earthcode_platform.gates.product.stac import check_stac
from earthcode_platform.gates.quality.gate import check_inputs, check_product
from earthcode_platform.models.checked import Checked
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
from earthcode_platform.models.platform import Vocabulary
from earthcode_platform.models.policy import Policy, Stage
from earthcode_platform.models.run import RunResult
from earthcode_platform.stores.preview import stac_documents

__all__ = ["Asked", "Developed", "checked", "develop", "examine", "read_policy", "validate", "weigh"]


@dataclass(frozen=True)
class Asked:
    """An experiment's folder, and what one run changes in it."""

    folder: Path
    """The folder, or the path of its `experiment.yaml`."""
    hrefs: Mapping[str, str]
    """Other STAC documents, by name of an input."""
    values: Mapping[str, JsonValue]
    """Other configuration values, by name."""


@dataclass(frozen=True)
class Developed:
    """An experiment with as many parts fixed as could be."""

    experiment: Experiment
    """What was declared, with the run's changes."""
    pinned: PinnedExperiment | None
    """The experiment with every part fixed; None if one could not be."""
    refused: tuple[Finding, ...]
    """Why not."""


def develop(asked: Asked) -> Developed:
    """Read the folder and pin its workflow and every input; what cannot be pinned is told all at once.

    Raises:
        RefusedError: The folder declares no experiment.
        InputError: A name or a href that was passed cannot be used.
        UnavailableError: A server did not answer.
    """
    experiment = read_declared(asked.folder, asked.hrefs, asked.values)
    folder = (asked.folder if asked.folder.is_dir() else asked.folder.parent).absolute()
    refused: list[Finding] = []
    entry = _workflow(experiment, folder, refused)
    pins = _inputs(experiment, folder, refused)
    if entry is None or refused:
        return Developed(experiment, None, tuple(refused))
    pinned = PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=entry,
        inputs=pins,
        code=code_version(folder),
        expectations=pin_expectations(folder),
    )
    return Developed(experiment, pinned, ())


def read_policy(path: Path | None) -> Policy:
    """Return the policy in a JSON file; that of a platform without one if there is none.

    Raises:
        InputError: The file cannot be read, or is no policy.
    """
    if path is None:
        return Policy()
    remedy = "Write it as docs/guides/provider.md shows."
    try:
        return Policy.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"it cannot be read: {error.strerror}.", where=str(path), remedy=remedy) from None
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise InputError(f"it is no policy: {told}.", where=str(path), remedy=remedy) from None


def weigh(developed: Developed, findings: Sequence[Finding], policy: Policy) -> Judged:
    """Return the findings as they count by a policy and the waivers of the experiment."""
    today = datetime.now(UTC).date()
    stage = Stage.DEVELOP if developed.pinned is None else Stage.VALIDATE
    return judged(findings, developed.experiment.waivers, policy, stage, today)


def _workflow(experiment: Experiment, folder: Path, refused: list[Finding]) -> PinnedWorkflow | None:
    try:
        return pin_workflow(experiment, folder)
    except RefusedError as error:
        refused += error.findings
        return None


def _inputs(experiment: Experiment, folder: Path, refused: list[Finding]) -> tuple[PinnedInput, ...]:
    pins = []
    for name, reference in experiment.inputs.items():
        try:
            pins.append(pin_input(name, reference, folder))
        except RefusedError as error:
            refused += error.findings
    return tuple(pins)


def validate(developed: Developed, vocabulary: Vocabulary | None) -> list[Finding]:
    """Return what every gate has to say, as `checked`."""
    return list(checked(developed, vocabulary).findings)


def checked(developed: Developed, vocabulary: Vocabulary | None) -> Checked:
    """Return what every gate has to say, the errors that kept parts from being pinned included.

    Args:
        developed: The experiment.
        vocabulary: The ids of the catalog; None if it is held against no catalog.

    Raises:
        UnavailableError: A server did not answer.
    """
    findings = [*metadata.check(developed.experiment, vocabulary), *developed.refused]
    pinned = developed.pinned
    if pinned is None:
        return Checked(findings=tuple(findings))
    try:
        engine = engine_for(pinned.workflow.kind)
    except (UnknownNameError, MissingExtraError) as error:
        findings += [workflow.no_engine(error), *elsewhere.check(pinned, platforms())]
    else:
        findings += workflow.check(pinned, engine)
        findings += configuration.check(pinned, engine)
    findings += compatibility.check(pinned, platforms())
    findings += [*inputs.check(pinned), *reproducibility.check(pinned, os.environ)]
    quality = check_inputs(pinned)
    return Checked(findings=(*findings, *(quality.findings if quality else ())), quality=quality)


def examine(pinned: PinnedExperiment, run: RunResult, policy: Policy) -> Checked:
    """Return what the gates have to say of a product, weighed by a policy.

    Args:
        pinned: What ran.
        run: What it produced.
        policy: What the gates let pass.

    Raises:
        UnavailableError: A server of the inputs did not answer.
    """
    boxes, quality = input_boxes(pinned), check_product(pinned, run)
    findings = [*product.check(pinned, run, [box for found in boxes.values() for box in found])]
    findings += check_stac(stac_documents(pinned, run))
    findings += quality.findings if quality is not None else ()
    weighed = judged(findings, pinned.experiment.waivers, policy, Stage.ARCHIVE, datetime.now(UTC).date())
    return Checked(findings=weighed.findings, waived=weighed.waived, quality=quality, boxes=boxes)

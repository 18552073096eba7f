"""Everything that can be said of a model before any of its code runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from earthcode_platform.cubes.write import require_writable
from earthcode_platform.engines.mlflow_models.choices import DATA, Choices
from earthcode_platform.engines.mlflow_models.document import Model, finding, read_model
from earthcode_platform.engines.mlflow_models.files import check_files
from earthcode_platform.engines.mlflow_models.fitting import fit
from earthcode_platform.engines.mlflow_models.picture import Picture
from earthcode_platform.engines.mlflow_models.requirements import check_requirements
from earthcode_platform.errors import InputError, IntegrityError, RefusedError, UnavailableError
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedInput, PinnedWorkflow

__all__ = ["Examined", "examine"]


@dataclass(frozen=True, slots=True)
class Examined:
    """A model that was looked at."""

    model: Model
    """The model."""
    findings: list[Finding]
    """What is wrong with it, and with its use of the inputs."""
    picture: Picture | None
    """What it would be applied to; None if that cannot be told."""


def examine(
    workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None, memory_bytes: int
) -> Examined:
    """Look at a model and at its use of the inputs; nothing of it is loaded, and no pixel is read.

    Args:
        workflow: The model's files.
        inputs: What it would be applied to.
        experiment: What chooses bands and format; without it nothing is said of them.
        memory_bytes: The memory that the model may use.
    """
    model = read_model(workflow)
    findings = list(model.findings)
    if model.flavors:
        findings += check_files(model, workflow, memory_bytes)
        findings += check_requirements(model)
    if model.signature is None or experiment is None:
        return Examined(model, findings, None)
    choices = Choices.of(experiment.configuration, model.signature)
    fits = list(fit(model, model.signature, choices, inputs))
    findings += fits
    if any(found.severity is Severity.ERROR for found in fits):
        return Examined(model, findings, None)
    data = next((pinned for pinned in inputs if pinned.name == DATA), None)
    if data is None:
        return Examined(model, findings, None)
    picture, told = _picture(data, model, choices, experiment)
    return Examined(model, findings + told, picture)


def _picture(
    data: PinnedInput, model: Model, choices: Choices, experiment: Experiment
) -> tuple[Picture | None, list[Finding]]:
    """Return what the model would be applied to, or why that cannot be made or written."""
    if model.signature is None:
        return None, []
    try:
        picture = Picture.of(data, model.signature, choices)
    except (InputError, RefusedError, IntegrityError) as error:
        remedy = getattr(error, "remedy", "")
        return None, [finding("unusable-input", f"input {DATA}", error.message, remedy)]
    except UnavailableError:
        return None, []  # nothing can be said now; the inputs gate tells that a server does not answer
    try:
        require_writable(picture.template, experiment.product.format, "configuration.composite")
    except InputError as error:
        remedy = "Choose composite: first, mean or median, a window with one date, or the format NetCDF."
        where = "experiment.yaml: configuration.composite"
        return picture, [
            finding("unwritable", where, error.message, remedy if "dates" in error.message else error.remedy)
        ]
    return picture, []

"""The package of a pinned workflow: what was pinned, verified, in a folder of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from earthcode_platform.application_packages.document import Package, read_package
from earthcode_platform.application_packages.parameters import parameters_of
from earthcode_platform.errors import EarthCodeError
from earthcode_platform.provenance.staging import stage_workflow

if TYPE_CHECKING:
    from earthcode_platform.models.pinned import PinnedWorkflow
    from earthcode_platform.models.workflow import Parameter

__all__ = ["declared_parameters", "staged_package"]


def staged_package(workflow: PinnedWorkflow, folder: Path) -> Package:
    """Copy the workflow's files below `folder` and return the package that they are.

    Raises:
        InputError: Two files have one place.
        IntegrityError: A file changed since it was pinned.
    """
    return read_package(stage_workflow(workflow, folder), folder)


def declared_parameters(workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
    """Return the inputs of the workflow; empty if it cannot be read."""
    with tempfile.TemporaryDirectory(prefix="cwl-") as folder:
        try:
            return parameters_of(staged_package(workflow, Path(folder)))
        except EarthCodeError:
            return ()

"""The files of a workflow in a folder of their own: what was pinned, verified, and nothing else."""

import shutil
from pathlib import Path, PurePath

from earthcode_platform import checksums
from earthcode_platform.errors import InputError
from earthcode_platform.models.pinned import PinnedWorkflow

__all__ = ["require_free", "require_workflow", "stage_workflow"]


def require_workflow(workflow: PinnedWorkflow) -> None:
    """Check that every file of the workflow still has the checksum that was pinned.

    Raises:
        IntegrityError: One has another, or cannot be read.
    """
    checksums.require(Path(workflow.path), workflow.checksum)
    for file in workflow.files:
        checksums.require(Path(file.path), file.checksum)


def stage_workflow(workflow: PinnedWorkflow, folder: Path) -> Path:
    """Copy the workflow's files below `folder`, to the places they have in the experiment; return the entry's path.

    A workflow that runs from there finds what was pinned, and cannot use a file that nobody declared.

    Args:
        workflow: The workflow.
        folder: A folder that is empty, or missing.

    Raises:
        InputError: Two files have one place.
        IntegrityError: A file changed since it was pinned.
    """
    entry = folder / (workflow.name or PurePath(workflow.path).name)
    _copy(Path(workflow.path), workflow.checksum, entry)
    for file in workflow.files:
        _copy(Path(file.path), file.checksum, folder / file.name)
    return entry


def _copy(source: Path, checksum: str, target: Path) -> None:
    require_free(target)
    try:
        # With its rights: a script that may be run stays one.
        shutil.copy(source, target)
    except FileNotFoundError:
        checksums.require(source, checksum)
        raise
    checksums.require(target, checksum)


def require_free(target: Path) -> None:
    """Check that nothing has the place `target` yet, and make its folder.

    Raises:
        InputError: It is taken.
    """
    if target.exists():
        raise InputError(
            f"two files of the experiment want the place {target.name!r} in its package.",
            where=target.parent.name,
            remedy="Give the workflow's file, or the input's item or asset, another name.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)

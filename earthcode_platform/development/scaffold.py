"""A new experiment's folder: it passes every gate and runs as it is, or it is not there at all."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from earthcode_platform.development.blueprint import Blueprint
from earthcode_platform.development.sample import write_sample
from earthcode_platform.development.templating import templated
from earthcode_platform.errors import ConflictError, ExecutionError, InputError
from earthcode_platform.models.experiment import WorkflowKind

__all__ = ["require_place", "scaffold"]

_TRAIN_SECONDS: Final = 180
_TOLD: Final = 400
"""Characters of what a script printed last that a message shows."""


def require_place(folder: Path) -> None:
    """Check that a new folder can be made at `folder`.

    Raises:
        ConflictError: Something is there already.
        InputError: The folder that it shall lie in is none, or cannot be written to.
    """
    if os.path.lexists(folder):
        raise ConflictError(
            "something is there already.", where=str(folder), remedy="Take another name, or move it away."
        )
    if not folder.parent.is_dir():
        raise InputError(
            "the folder that it shall lie in is not there.", where=str(folder.parent), remedy="Make it first."
        )
    if not os.access(folder.parent, os.W_OK | os.X_OK):
        raise InputError(
            "nothing can be written there.", where=str(folder.parent), remedy="Name a folder that you may write to."
        )


def scaffold(made: Blueprint, folder: Path) -> Path:
    """Write the experiment that `made` describes to `folder`, which must not exist, and return it.

    It appears whole, or not at all.

    Raises:
        ConflictError: Something is there already.
        InputError: It cannot be written.
        ExecutionError: Its model could not be trained.
    """
    require_place(folder)
    try:
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as scratch:
            fresh = Path(scratch) / folder.name
            _write(made, fresh)
            if os.path.lexists(folder):
                require_place(folder)
            fresh.rename(folder)
    except OSError as error:
        raise InputError(
            f"the folder cannot be written: {error.strerror}.",
            where=str(folder),
            remedy="Name a folder that you may write to.",
        ) from error
    return folder


def _write(made: Blueprint, folder: Path) -> None:
    for name, content in templated(made).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    write_sample(folder / "data")
    if made.kind is WorkflowKind.MLFLOW:
        _train(folder)


def _train(folder: Path) -> None:
    """Let the folder's own script make the model, as its author will."""
    try:
        done = subprocess.run(
            [sys.executable, "-B", "train.py"],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_TRAIN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ExecutionError(f"training the model took longer than {_TRAIN_SECONDS} s.", where="train.py") from None
    if done.returncode:
        told = " ".join(done.stderr.split())[-_TOLD:]
        raise ExecutionError(
            f"the model could not be trained: {told}", where="train.py", remedy="Install the extra 'mlflow' anew."
        )
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)

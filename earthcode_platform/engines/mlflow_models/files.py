"""Whether the files of a model are those that the experiment names: no fewer, no more, and not too large."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from earthcode_platform.engines.mlflow_models.document import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.engines.mlflow_models.document import Model
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedWorkflow

__all__ = ["check_files"]

_LISTED = "experiment.yaml: workflow.files"


def check_files(model: Model, workflow: PinnedWorkflow, memory_bytes: int) -> Iterator[Finding]:
    """Yield what is wrong with the files beside an MLmodel file.

    A file that nobody declared is neither archived nor there in the run; where it decides something, the model would
    do something else in a rerun.

    Args:
        model: The model.
        workflow: The files that were pinned.
        memory_bytes: The memory that the model may use.
    """
    pinned = {Path(file.path) for file in workflow.files}
    folder = model.folder.resolve()
    for path in model.files:
        target = folder / path
        if not target.exists():
            message = f"the model names {path.as_posix()!r}, and its folder holds no such file."
            yield finding("missing-file", model.name, message, "Copy the whole folder that MLflow wrote.")
        elif target.is_file() and target.resolve() not in pinned:
            message = f"the model needs {path.as_posix()!r}, which the list does not name."
            yield finding("undeclared-file", _LISTED, message, f"Name the folder: files: [{_folder(model)}].")
    for target in sorted(folder.rglob("*")):
        extra = target.is_file() and target.resolve() not in pinned and target.name != "MLmodel"
        if extra and "__pycache__" not in target.parts and target.relative_to(folder).as_posix() not in _named(model):
            message = (
                f"the model's folder holds {target.relative_to(folder).as_posix()!r}, which the list does not name."
            )
            remedy = f"Name the folder, files: [{_folder(model)}], or take the file out of it."
            yield finding("undeclared-file", _LISTED, message, remedy)
    size = sum(path.stat().st_size for path in pinned if path.is_file())
    if size > memory_bytes:
        message = f"its files hold {size:,} bytes, and a model may use {memory_bytes:,} bytes of memory."
        yield finding("too-large", model.name, message, "Use a smaller model, or a platform that grants more memory.")


def _named(model: Model) -> set[str]:
    return {path.as_posix() for path in model.files}


def _folder(model: Model) -> str:
    folder = model.name.rpartition("/")[0]
    return folder or "."

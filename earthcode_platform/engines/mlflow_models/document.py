"""An MLmodel file: read as text, never loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.mlflow_models.signature import Signature, SignatureError, read_signature
from earthcode_platform.models.finding import Finding, Severity

if TYPE_CHECKING:
    from earthcode_platform.models.pinned import PinnedWorkflow

__all__ = ["ENTRY", "Model", "finding", "read_model"]

ENTRY: Final = "MLmodel"
"""Name of the file that makes a folder a model (MLflow, model format)."""
_LIMIT_BYTES: Final = 1024 * 1024
_PYFUNC: Final = "python_function"
_NAMES_FILES: Final = ("data", "model_path", "code", "pickled_model", "model_data", "python_model")
"""Keys of flavours that name a file or folder of the model."""


@dataclass(slots=True)
class Model:
    """A model as its file describes it."""

    name: str
    """The file, as the experiment's folder calls it."""
    folder: Path
    """Where its files lie."""
    flavors: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What it says for each flavour."""
    signature: Signature | None = None
    """What it takes and gives; None if that cannot be read."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What its author adds to it (MLflow, `metadata`)."""
    mlflow_version: str = ""
    """The release of MLflow that saved it."""
    files: tuple[PurePosixPath, ...] = ()
    """The files and folders of it that it names, below its folder."""
    findings: list[Finding] = field(default_factory=list)
    """What is wrong with its form."""

    @property
    def pyfunc(self) -> dict[str, Any]:
        """What it says of its flavour python_function; empty if it has none."""
        return self.flavors.get(_PYFUNC, {})

    @property
    def flavor(self) -> str:
        """The flavour it was saved as, such as `sklearn`."""
        return next((name for name in self.flavors if name != _PYFUNC), _PYFUNC)

    def report(self, code: str, key: str, message: str, remedy: str) -> None:
        """Note an error at a key of the file."""
        self.findings.append(finding(code, f"{self.name}{': ' if key else ''}{key}", message, remedy))


def finding(code: str, where: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    """Return a finding about a workflow."""
    return Finding(code=f"workflow-{code}", severity=severity, where=where, message=message, remedy=remedy)


def read_model(workflow: PinnedWorkflow) -> Model:
    """Return the model with what is wrong with its form; nothing is raised for a bad file, and nothing of it runs."""
    path = Path(workflow.path)
    model = Model(workflow.name or path.name, path.parent)
    content = _content(path, model)
    if content is None:
        return model
    flavors = content.get("flavors")
    if not isinstance(flavors, dict) or not all(isinstance(said, dict) for said in flavors.values()):
        message = "it has no 'flavors', which every MLmodel file has."
        model.report("not-a-model", "flavors", message, "Name the file MLmodel that MLflow wrote.")
        return model
    model.flavors = {str(name): said for name, said in flavors.items()}
    model.mlflow_version = str(content.get("mlflow_version") or "")
    said = content.get("metadata")
    model.metadata = said if isinstance(said, dict) else {}
    if not model.pyfunc:
        known = ", ".join(map(repr, model.flavors)) or "none"
        message = f"it has no flavour 'python_function', by which a model is applied; it has {known}."
        model.report("no-pyfunc", "flavors", message, "Save it with the flavour of its library, or with mlflow.pyfunc.")
    _read_signature(content, model)
    _read_files(model)
    return model


def _content(path: Path, model: Model) -> dict[str, Any] | None:
    import yaml

    if path.name != ENTRY:
        message = f"the entry of a model is its file {ENTRY!r}, and this is {path.name!r}."
        model.report("not-a-model", "", message, f"Write 'entry: <folder of the model>/{ENTRY}'.")
        return None
    try:
        if path.stat().st_size > _LIMIT_BYTES:
            message = f"it has more than {_LIMIT_BYTES} bytes."
            model.report("too-large", "", message, "An MLmodel file is far smaller.")
            return None
        parsed = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        model.report("not-readable", "", f"it cannot be read: {error.strerror}.", "Restore the file.")
        return None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        told = getattr(error, "problem", None) or type(error).__name__
        model.report("not-yaml", place, f"this is no YAML: {told}.", "Save the model anew with MLflow.")
        return None
    if not isinstance(parsed, dict):
        message = f"it holds {type(parsed).__name__}, no keys."
        model.report("not-a-model", "", message, "Name the file MLmodel that MLflow wrote.")
        return None
    return parsed


def _read_signature(content: dict[str, Any], model: Model) -> None:
    declared = content.get("signature")
    if not isinstance(declared, dict):
        message = "it has no signature, so that nobody can tell which bands it takes."
        model.report("no-signature", "signature", message, "Save it with signature=infer_signature(X, y).")
        return
    try:
        model.signature = read_signature(declared)
    except SignatureError as error:
        model.report(error.code, error.key, str(error), error.remedy)


def _read_files(model: Model) -> None:
    """Note the files that its flavours name, and those that would lead out of its folder."""
    named: list[PurePosixPath] = []
    for flavor, said in model.flavors.items():
        for key in _NAMES_FILES:
            value = said.get(key)
            if isinstance(value, str) and value:
                named += _inside(model, f"flavors.{flavor}.{key}", value)
    env = model.pyfunc.get("env")
    for key, value in env.items() if isinstance(env, dict) else ():
        if isinstance(value, str):
            named += _inside(model, f"flavors.{_PYFUNC}.env.{key}", value)
    model.files = tuple(dict.fromkeys(named))


def _inside(model: Model, key: str, value: str) -> list[PurePosixPath]:
    path = PurePosixPath(value)
    real = Path(os.path.realpath(model.folder / value))
    if path.is_absolute() or ".." in path.parts or not real.is_relative_to(os.path.realpath(model.folder)):
        message = f"{value!r} leads out of the model's folder."
        model.report("outside-folder", key, message, "Keep every file of the model in its folder.")
        return []
    return [path]

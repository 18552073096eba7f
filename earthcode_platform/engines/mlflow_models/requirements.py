"""Whether what a model was saved with is what would run it: Python, its packages and its loader."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from earthcode_platform.engines.mlflow_models.document import finding
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from earthcode_platform.engines.mlflow_models.document import Model
    from earthcode_platform.models.finding import Finding

__all__ = ["check_requirements", "requirements"]

_INSTALLERS: Final = {"pip", "setuptools", "wheel"}
"""Packages that install others, and have no part in a prediction."""
_AS: Final = {"mlflow": "mlflow-skinny"}
"""Packages of which a part is enough: mlflow-skinny holds the same code with fewer dependencies."""
_NEEDS: Final = {
    "mlflow.sklearn": "sklearn",
    "mlflow.onnx": "onnxruntime",
    "mlflow.xgboost": "xgboost",
    "mlflow.lightgbm": "lightgbm",
    "mlflow.catboost": "catboost",
    "mlflow.pytorch": "torch",
    "mlflow.tensorflow": "tensorflow",
    "mlflow.statsmodels": "statsmodels",
}
"""The module that each loader of MLflow imports."""
_EXTRA: Final = (
    "Install it beside the platform: pip install {}. For scikit-learn and ONNX: 'earthcode-platform[mlflow]'."
)


def check_requirements(model: Model) -> Iterator[Finding]:
    """Yield where the Python here, and the packages here, are not those that the model was saved with.

    Another minor version of Python, a missing package, and another major or minor version of a package are errors: what
    was saved may not load, or load and predict other numbers. A differing patch release is a warning.
    """
    yield from _python(model)
    yield from _loader(model)
    for line in requirements(model):
        yield from _package(model, line)


def _python(model: Model) -> Iterator[Finding]:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    saved = str(model.pyfunc.get("python_version") or "")
    if model.pyfunc and ".".join(saved.split(".")[:2]) != here:
        message = f"it was saved with Python {saved or 'of an unknown version'!s}, and this platform runs {here}."
        remedy = f"Save it with Python {here}, or run it on a platform with Python {saved}."
        yield finding("python-version", f"{model.name}: flavors.python_function.python_version", message, remedy)


def _loader(model: Model) -> Iterator[Finding]:
    loader = model.pyfunc.get("loader_module")
    where = f"{model.name}: flavors.python_function.loader_module"
    if not model.pyfunc:
        return
    if not isinstance(loader, str) or not _there(loader, model):
        message = f"the loader {loader!r} is neither a part of MLflow nor of the model's own code."
        remedy = "Save it with a flavour of MLflow, or with its code: code_paths=[…]."
        yield finding("unknown-loader", where, message, remedy)
        return
    needed = _NEEDS.get(loader)
    if needed is not None and find_spec(needed) is None:
        message = f"the loader {loader!r} needs the package {needed!r}, which is not installed."
        yield finding("package-missing", where, message, _EXTRA.format(needed))


def _there(loader: str, model: Model) -> bool:
    """Tell whether a module is there, without importing what lies above it."""
    code = model.pyfunc.get("code")
    places = [model.folder / code] if isinstance(code, str) and code else []
    spec = find_spec("mlflow")
    places += [Path(found).parent for found in (spec.submodule_search_locations or ()) if spec] if spec else []
    if not all(part.isidentifier() for part in loader.split(".")):
        return False
    inside = Path(*loader.split("."))
    return any((place / inside).is_dir() or (place / inside).with_suffix(".py").is_file() for place in places)


def requirements(model: Model) -> list[str]:
    """Return the packages that the model was saved with, as pip writes them; from conda.yaml where no list is."""
    try:
        lines = (model.folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = _from_conda(model)
    cleaned = (line.partition(" #")[0].strip() for line in lines)
    return [line for line in cleaned if line and not line.startswith("#")]


def _from_conda(model: Model) -> list[str]:
    import yaml

    try:
        content: Any = yaml.safe_load((model.folder / "conda.yaml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return []
    listed = content.get("dependencies", []) if isinstance(content, dict) else []
    pips = [entry["pip"] for entry in listed if isinstance(entry, dict) and isinstance(entry.get("pip"), list)]
    return [str(line) for pip in pips for line in pip]


def _package(model: Model, line: str) -> Iterator[Finding]:
    where = f"{model.name.rpartition('/')[0] or '.'}/requirements.txt"
    try:
        wanted = Requirement(line)
    except InvalidRequirement:
        message = f"{line!r} is no package with a version, and is not compared with what runs."
        yield finding("requirement-unread", where, message, "Look at it yourself.", Severity.WARNING)
        return
    name = canonicalize_name(wanted.name)
    if name in _INSTALLERS or (wanted.marker is not None and not wanted.marker.evaluate()):
        return
    found = _installed(name)
    if found is None:
        message = f"the model needs the package {line!r}, which is not installed."
        yield finding("package-missing", where, message, _EXTRA.format(f"'{line}'"))
    elif not wanted.specifier.contains(found, prereleases=True):
        same = _same_minor(found, str(wanted.specifier).lstrip("=~<>!"))
        severity = Severity.WARNING if same else Severity.ERROR
        message = f"the model was saved with {line!r}, and {found} is installed."
        remedy = f"Save it with {wanted.name} {found}, or install the other version."
        yield finding("package-version", where, message, remedy, severity)


def _installed(name: str) -> str | None:
    for candidate in (name, _AS.get(name, name)):
        try:
            return version(candidate)
        except PackageNotFoundError:
            continue
    return None


def _same_minor(one: str, other: str) -> bool:
    try:
        return Version(one).release[:2] == Version(other).release[:2]
    except InvalidVersion:
        return False

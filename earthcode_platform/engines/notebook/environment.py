"""What a notebook says it needs, held against what would run it: kernel, Python and packages."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from earthcode_platform.engines.notebook.document import finding
from earthcode_platform.engines.notebook.staging import remote_files
from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from earthcode_platform.engines.notebook.document import Document
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["check_environment", "check_network", "kernels"]

_CONDA: Final = ("environment.yml", "environment.yaml")
_PIP: Final = "requirements.txt"


def kernels() -> dict[str, str]:
    """Return the languages of the kernels that are installed for all users of this Python, by their names.

    Kernels in somebody's home are left out: a run does not see it.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_core.paths import ENV_JUPYTER_PATH, SYSTEM_JUPYTER_PATH

    folders = [str(Path(folder) / "kernels") for folder in (*ENV_JUPYTER_PATH, *SYSTEM_JUPYTER_PATH)]
    manager = KernelSpecManager(kernel_dirs=folders)
    return {name: found["spec"].get("language", "") for name, found in manager.get_all_specs().items()}


def check_environment(document: Document, files: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what the notebook needs and is not here.

    Args:
        document: The notebook.
        files: Paths of the workflow's further files by name; `requirements.txt` and `environment.yml` are read.
    """
    yield from _kernel(document)
    yield from _python(document)
    yield from _required(document.name, "metadata.earthcode.requirements", list(document.declared.requirements))
    for name, place in files.items():
        path = Path(place)
        if path.name == _PIP:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            yield from _required(name, "", [line for line in lines if _is_requirement(line)])
        elif path.name in _CONDA:
            yield from _conda(name, path)


def check_network(document: Document, inputs: Sequence[PinnedInput]) -> Iterator[Finding]:
    """Yield inputs that a notebook without network could not read, and that what it fetches is nobody's record."""
    name, place = document.name, "metadata.earthcode.network"
    if document.declared.network:
        message = "it may reach the network, and what it fetches there is not pinned."
        yield finding("uses-network", name, place, message, "Look whether inputs can do.", severity=Severity.WARNING)
        return
    for entry in inputs:
        remote = remote_files(entry)
        if remote:
            message = f"the input {entry.name!r} has files elsewhere, such as {remote[0]!r}, and it has no network."
            yield finding("needs-network", name, place, message, "Set it to true, or name a local copy at run time.")


def _kernel(document: Document) -> Iterator[Finding]:
    spec = document.metadata.get("kernelspec", {})
    name, known = str(spec.get("name", "")), kernels()
    language = known.get(name) or spec.get("language") or document.metadata.get("language_info", {}).get("name", "")
    if language and str(language).lower() != "python":
        message = f"its language is {language!r}; kernels of Python run here."
        yield finding("other-language", document.name, "metadata.kernelspec", message, "Rewrite it in Python.")
    elif not name:
        message = "it names no kernel."
        yield finding("no-kernel", document.name, "metadata", message, "Open and save it with Jupyter.")
    elif name not in known:
        close = nearest(name, known)
        hint = f"Did you mean {close!r}?" if close else f"Here are: {', '.join(sorted(known))}. Take one of them."
        message = f"there is no kernel {name!r} here."
        yield finding("no-kernel", document.name, "metadata.kernelspec", message, hint)


def _python(document: Document) -> Iterator[Finding]:
    info = document.metadata.get("language_info", {})
    written = str(info.get("version", ""))
    if info.get("name", "python") == "python" and written and written.split(".")[:2] != _here().split(".")[:2]:
        message = f"it was written with Python {written}, and Python {_here()} runs it."
        remedy = "Look whether the results are the same."
        yield finding(
            "other-python", document.name, "metadata.language_info", message, remedy, severity=Severity.WARNING
        )


def _here() -> str:
    return platform.python_version()


def _is_requirement(line: str) -> bool:
    """Tell a requirement from a comment, an option and an empty line (pip, "Requirements File Format")."""
    return bool(line.strip()) and not line.lstrip().startswith(("#", "-"))


def _required(name: str, place: str, lines: Sequence[str]) -> Iterator[Finding]:
    for line in lines:
        text = line.split(" #", maxsplit=1)[0].split(" --", maxsplit=1)[0].strip()
        try:
            wanted = Requirement(text)
        except InvalidRequirement as error:
            told = str(error).splitlines()[0]
            message = f"{text!r} is no requirement: {told}."
            yield finding("bad-requirement", name, place, message, "Write it as in 'xarray>=2024.1'.")
            continue
        if wanted.marker is None or wanted.marker.evaluate():
            yield from _installed(name, place, wanted.name, wanted.specifier, conda=False)


def _installed(name: str, place: str, package: str, wanted: SpecifierSet, *, conda: bool) -> Iterator[Finding]:
    try:
        found = version(package)
    except PackageNotFoundError:
        message = f"it needs {package!r}, which is not installed here."
        remedy = "Let it be installed on the platform, or do without it."
        if conda:
            # Many packages have another name there, or are no package of Python at all.
            yield finding("requirement-unknown", name, place, message, remedy, severity=Severity.WARNING)
        else:
            yield finding("requirement-missing", name, place, message, remedy)
        return
    if not wanted.contains(found, prereleases=True):
        message = f"it wants {package}{wanted}, and {found} is installed here."
        remedy = "Look whether the results are the same, or widen the range."
        yield finding("requirement-differs", name, place, message, remedy, severity=Severity.WARNING)


def _conda(name: str, path: Path) -> Iterator[Finding]:
    import yaml

    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8", errors="replace"))
        entries = list(content["dependencies"])
    except (yaml.YAMLError, KeyError, TypeError, RecursionError):
        message = "it has no list of dependencies."
        yield finding("bad-requirement", name, "", message, "Write it as conda does: 'conda env export'.")
        return
    for entry in entries:
        packages = entry.get("pip") if isinstance(entry, dict) else None
        if isinstance(packages, list):
            yield from _required(name, "dependencies.pip", [line for line in packages if isinstance(line, str)])
        elif isinstance(entry, str):
            yield from _conda_entry(name, entry)


def _conda_entry(name: str, entry: str) -> Iterator[Finding]:
    """Hold one match specification against what is installed (conda, "Package match specifications")."""
    text = entry.rpartition("::")[2].replace(" ", "")
    package = text.split("=")[0].split("<")[0].split(">")[0].split("!")[0].split("[")[0]
    constraint = text[len(package) :].split("[")[0]
    if constraint.startswith("=") and not constraint.startswith("=="):
        # `numpy=1.26` and `numpy=1.26.4=py311_0` mean any 1.26 and any 1.26.4.
        constraint = f"=={constraint[1:].split('=')[0].rstrip('.*')}.*"
    try:
        wanted = SpecifierSet(constraint)
    except InvalidSpecifier:
        message = f"{entry!r} is no dependency."
        yield finding("bad-requirement", name, "dependencies", message, "Write it as in 'xarray>=2024.1'.")
        return
    if package == "python":
        if not wanted.contains(_here(), prereleases=True):
            message = f"it wants python{wanted}, and Python {_here()} runs it."
            remedy = "Look whether the results are the same, or widen the range."
            yield finding("other-python", name, "dependencies", message, remedy, severity=Severity.WARNING)
    elif package not in ("pip", sys.implementation.name):
        yield from _installed(name, "dependencies", package, wanted, conda=True)

"""An application package as one step of something else: folders in, files out, nothing of an experiment."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from earthcode_platform.application_packages.catalogs import free_place
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import ExecutionError, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["run_step"]


def run_step(document: Path, folders: Mapping[str, Path], target: Path, settings: Settings | None = None) -> list[Path]:
    """Run an application package on folders, kept apart as the engine keeps all packages; return what it handed back.

    Args:
        document: The package's CWL document.
        folders: A folder for each of its inputs, all of type Directory.
        target: Gets the outputs; it is made if needed.
        settings: What the platform allows packages.

    Raises:
        RefusedError: The document is wrong; the findings say where.
        InputError: It does not take these folders.
        ExecutionError: A tool failed, or handed nothing back.
        UnavailableError: An image could not be had.
    """
    from earthcode_platform.application_packages.document import read_package
    from earthcode_platform.engines.cwl.checking import examine
    from earthcode_platform.engines.cwl.execution import Execution
    from earthcode_platform.engines.cwl.runtimes import find_runtime

    allowed = settings or Settings()
    if not document.is_file():
        raise InputError("there is no such application package.", where=str(document), remedy="Name its CWL document.")
    runtime = find_runtime(allowed.containers)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cwl-step-") as staged:
        package = read_package(Path(shutil.copy(document, staged)), Path(staged))
        RefusedError.if_any(examine(package, (), None, allowed, runtime), where=document.name)
        wanted = set(package.main.inputs) if package.main is not None else set()
        if wanted != set(folders):
            raise InputError(
                f"the application package takes {sorted(wanted)}, but {sorted(folders)} are handed to it.",
                where=document.name,
                remedy="Its only inputs must be these folders.",
            )
        with Execution(package, allowed, runtime, target) as execution:
            values: dict[str, Any] = {}
            for name, folder in folders.items():
                shutil.copytree(folder, execution.inputs / name)
                values[name] = {"class": "Directory", "location": (execution.inputs / name).as_uri()}
            found = [_kept(output, execution.outputs, target) for output in _outputs(execution.run(values))]
    if not found:
        raise ExecutionError("the application package handed nothing back.", where=document.name)
    return found


def _outputs(told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for value in told.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and one.get("class") in ("File", "Directory"):
                yield one


def _kept(output: Mapping[str, Any], outputs: Path, target: Path) -> Path:
    """Copy an output out of the folder that goes."""
    path = Path(unquote(urlsplit(str(output["location"])).path)).resolve()
    if not path.is_relative_to(outputs.resolve()):
        raise ExecutionError("an output lies outside the folder of outputs.", where=str(output.get("basename", "")))
    kept = free_place(target, path.name)
    if path.is_dir():
        shutil.copytree(path, kept)
    else:
        shutil.copyfile(path, kept)
    return kept

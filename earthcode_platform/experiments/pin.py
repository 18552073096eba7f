"""What an experiment's folder pins: the workflow's files by checksum, and the git commit the folder is at."""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from earthcode_platform import checksums
from earthcode_platform.errors import RefusedError, nearest
from earthcode_platform.experiments.asking_git import ask_git
from earthcode_platform.experiments.files import pin_files
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import CodeVersion, PinnedFile, PinnedWorkflow
from earthcode_platform.models.quality import EXPECTATIONS_FILE
from earthcode_platform.redaction import public

__all__ = ["code_version", "pin_expectations", "pin_workflow"]


def pin_workflow(experiment: Experiment, folder: Path) -> PinnedWorkflow:
    """Return the workflow of `experiment` with the absolute path and the checksum of each of its files.

    Args:
        experiment: What was declared.
        folder: The experiment's folder.

    Raises:
        RefusedError: A file is missing, empty, no file, hidden, or a link that leads out of the folder; or there are
            too many of them (`workflow-*`).
    """
    declared = experiment.workflow
    files, findings = pin_files((*declared.files, *declared.copies.values()), declared.entry, folder)
    files, findings = _addressed(files, declared.copies), findings or _no_copies(files, declared.copies)
    try:
        path, checksum = _entry(declared.entry, folder)
    except RefusedError as error:
        raise RefusedError([*error.findings, *findings]) from None
    RefusedError.if_any(findings)
    name = PurePosixPath(declared.entry).as_posix()
    return PinnedWorkflow(kind=declared.kind, path=str(path), checksum=checksum, name=name, files=files)


def pin_expectations(folder: Path) -> PinnedFile | None:
    """Return the file of expectations in an experiment's folder with its checksum; None if there is none.

    Raises:
        RefusedError: It cannot be read, is no file, or is a link that leads out of the folder (`workflow-*`).
    """
    if not os.path.lexists(folder / EXPECTATIONS_FILE):
        return None
    files, findings = pin_files((EXPECTATIONS_FILE,), "", folder)
    RefusedError.if_any([found.model_copy(update={"where": EXPECTATIONS_FILE}) for found in findings])
    return files[0]


def _addressed(files: tuple[PinnedFile, ...], copies: Mapping[str, str]) -> tuple[PinnedFile, ...]:
    """Return the files with the addresses for which each is read."""
    named = {name: tuple(sorted(url for url, path in copies.items() if _plain(path) == name)) for name in
             map(_plain, copies.values())}  # fmt: skip
    return tuple(file.model_copy(update={"addresses": named.get(file.name, ())}) for file in files)


def _no_copies(files: tuple[PinnedFile, ...], copies: Mapping[str, str]) -> list[Finding]:
    """Return a finding for each address whose copy is no file: a folder, or the entry itself."""
    names = {file.name for file in files}
    return [
        Finding(
            code="workflow-not-a-file",
            severity=Severity.ERROR,
            where="experiment.yaml: workflow.copies",
            message=f"the copy of {public(url)}, {path!r}, is no further file.",
            remedy="Name the one file that holds what the address gives.",
        )
        for url, path in copies.items()
        if _plain(path) not in names
    ]


def _plain(path: str) -> str:
    return PurePosixPath(path).as_posix()


def _entry(entry: str, folder: Path) -> tuple[Path, str]:
    # realpath, unlike Path.resolve, comes back from a loop of links; what it names then does not exist.
    path = Path(os.path.realpath(folder / entry))
    if not path.is_relative_to(os.path.realpath(folder)):
        raise _refused("outside-folder", f"{entry!r} is a link that leads out of the folder.", "Copy the file into it.")
    if not path.exists():
        files = [str(one.relative_to(folder)) for one in folder.iterdir() if one.is_file()]
        close = nearest(entry, files)
        remedy = f"Did you mean {close!r}?" if close else f"Put the workflow into {folder.name!r}."
        raise _refused("no-file", f"the folder holds no file {entry!r}.", remedy)
    if not path.is_file():
        raise _refused("not-a-file", f"{entry!r} is no file.", "Name the file that holds the workflow.")
    if path.stat().st_size == 0:
        raise _refused("empty", f"{entry!r} has 0 bytes.", "Write the workflow into it.")
    try:
        return path, checksums.of_file(path)
    except OSError as error:
        raise _refused("not-readable", f"{entry!r} cannot be read: {error.strerror}.", "Check its rights.") from error


def _refused(code: str, message: str, remedy: str) -> RefusedError:
    where = "experiment.yaml: workflow.entry"
    finding = Finding(code=f"workflow-{code}", severity=Severity.ERROR, where=where, message=message, remedy=remedy)
    return RefusedError([finding])


def code_version(folder: Path) -> CodeVersion | None:
    """Return the git commit that `folder` is at, and whether its files differ from it.

    None outside a git work tree, before the first commit, if git ignores the folder, and where git is not installed.
    """
    commit = ask_git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    changes = ask_git(folder, "status", "--porcelain", "--untracked-files=normal", "--", ".")
    if not commit or changes is None:
        return None
    if not changes and not ask_git(folder, "ls-tree", "-r", "--name-only", "HEAD", "."):
        return None
    origin = ask_git(folder, "config", "--get", "remote.origin.url")
    return CodeVersion(commit=commit, dirty=bool(changes), repository=public(origin) if origin else None)

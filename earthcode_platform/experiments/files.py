"""The further files that a workflow uses: found below the experiment's folder, and named by checksum."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from earthcode_platform import checksums
from earthcode_platform.errors import nearest
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedFile

__all__ = ["MAX_BYTES", "MAX_FILES", "pin_files"]

MAX_FILES: Final = 1000
"""How many further files a workflow may have."""

MAX_BYTES: Final = 512 * 1024 * 1024
"""Bytes of all of them together: they are archived with every version of the product."""

_LEFT_OUT: Final = "__pycache__"
"""Folder that Python makes beside scripts when they run; nothing of it belongs to the workflow."""

_RESERVED: Final = {
    "experiment.yaml": "It is archived anyway; take it out of the list.",
    "inputs": "The archive keeps local inputs there; take another name for the folder.",
}
"""Names at the top of an archived experiment that are taken, and what to do."""

_HIDDEN: Final = "{name!r} is hidden, and hidden files often hold settings and secrets."
_VISIBLE: Final = "Move it away, or name the files beside it one by one."


class _Found(NamedTuple):
    """A file below the experiment's folder, or what is wrong with it."""

    key: str
    name: str
    code: str = ""
    message: str = ""
    remedy: str = ""


def pin_files(
    declared: tuple[str, ...], entry: str, folder: Path, *, most: int = MAX_FILES, largest: int = MAX_BYTES
) -> tuple[tuple[PinnedFile, ...], list[Finding]]:
    """Return the files behind `declared`, by name, and what is wrong with any of them.

    Of a folder, all files below it count, but for `__pycache__`. The entry is left out: it is pinned by itself.

    Args:
        declared: Paths of files and folders, relative to `folder`, with forward slashes.
        entry: The workflow's entry, relative to `folder`.
        folder: The experiment's folder.
        most: How many files are taken.
        largest: How many bytes they may hold together.
    """
    found: dict[str, _Found] = {}
    for number, path in enumerate(declared):
        for one in _below(f"workflow.files[{number}]", PurePosixPath(path), folder):
            found.setdefault(one.name, one)
            if len(found) > most:
                message = f"the files and folders of the list hold more than {most:,} files."
                return (), [_finding("workflow.files", "too-many-files", message, "Name fewer, or pack them into one.")]
    found.pop(PurePosixPath(entry).as_posix(), None)
    findings = [_finding(one.key, one.code, one.message, one.remedy) for one in found.values() if one.code]
    return ((), findings) if findings else _pinned(found, folder, largest)


def _below(key: str, declared: PurePosixPath, folder: Path) -> Iterator[_Found]:
    name = declared.as_posix()
    if not declared.parts:
        message = "the experiment's folder itself is in the list."
        yield _Found(key, name, "whole-folder", message, "Name the files and folders in it that the workflow uses.")
    elif declared.parts[0] in _RESERVED:
        message = f"{name!r} has a place that is taken in an archived experiment."
        yield _Found(key, name, "reserved-place", message, _RESERVED[declared.parts[0]])
    elif (folder / name).is_dir():
        files = _walk(key, name, folder)
        first = next(files, None)
        yield first or _Found(key, name, "empty-folder", f"the folder {name!r} holds no file.", "Put them there.")
        yield from files
    elif os.path.lexists(folder / name):
        yield _looked_at(key, name, folder)
    else:
        yield _missing(key, name, folder)


def _walk(key: str, name: str, folder: Path) -> Iterator[_Found]:
    if (folder / name).is_symlink() or name.startswith("."):
        yield _refused_folder(key, name, folder)
        return
    for place, folders, files in os.walk(folder / name):
        here = Path(place).relative_to(folder)
        folders[:] = sorted(one for one in folders if one != _LEFT_OUT)
        for one in [one for one in folders if one.startswith(".") or (Path(place) / one).is_symlink()]:
            folders.remove(one)
            yield _refused_folder(key, (here / one).as_posix(), folder)
        for one in sorted(files):
            yield _looked_at(key, (here / one).as_posix(), folder)


def _looked_at(key: str, name: str, folder: Path) -> _Found:
    """Return the file, with what speaks against it."""
    path = Path(os.path.realpath(folder / name))
    code, message, remedy = "", "", ""
    if any(part.startswith(".") for part in PurePosixPath(name).parts):
        code, message, remedy = "hidden-file", _HIDDEN.format(name=name), _VISIBLE
    elif not name.isprintable() or any(one in name for one in '\\:"*?<>|'):
        code, message = "file-name", f"{name!r} is a name that not every file system keeps."
        remedy = "Rename it with letters, digits, '.', '_' and '-'."
    elif not path.is_relative_to(os.path.realpath(folder)):
        code, message = "outside-folder", f"{name!r} is a link that leads out of the experiment's folder."
        remedy = "Copy the file into it."
    elif not path.is_file():
        code, message, remedy = "not-a-file", f"{name!r} is no file.", "Name files, or folders of files."
    return _Found(key, name, code, message, remedy)


def _refused_folder(key: str, name: str, folder: Path) -> _Found:
    if not (folder / name).is_symlink():
        return _Found(key, name, "hidden-file", _HIDDEN.format(name=name), _VISIBLE)
    return _Found(key, name, "linked-folder", f"{name!r} is a link to a folder.", "Name the folder that it leads to.")


def _missing(key: str, name: str, folder: Path) -> _Found:
    close = nearest(name, [one.name for one in folder.iterdir()])
    remedy = f"Did you mean {close!r}?" if close else f"Put it into {folder.name!r}, or take it out of the list."
    return _Found(key, name, "no-file", f"the folder holds nothing called {name!r}.", remedy)


def _pinned(found: Mapping[str, _Found], folder: Path, largest: int) -> tuple[tuple[PinnedFile, ...], list[Finding]]:
    try:
        size = sum((folder / name).stat().st_size for name in found)
        if size > largest:
            message = f"the further files hold {size:,} bytes, and a workflow carries {largest:,} of them at most."
            remedy = "Make large files an input, or fetch them by a URL in the workflow."
            return (), [_finding("workflow.files", "files-too-large", message, remedy)]
        return tuple(_pin(name, folder) for name in sorted(found)), []
    except OSError as error:
        message = f"{Path(str(error.filename)).name!r} cannot be read: {error.strerror}."
        return (), [_finding("workflow.files", "not-readable", message, "Check its rights.")]


def _pin(name: str, folder: Path) -> PinnedFile:
    path = Path(os.path.realpath(folder / name))
    return PinnedFile(name=name, path=str(path), checksum=checksums.of_file(path))


def _finding(key: str, code: str, message: str, remedy: str) -> Finding:
    where = f"experiment.yaml: {key}"
    return Finding(code=f"workflow-{code}", severity=Severity.ERROR, where=where, message=message, remedy=remedy)

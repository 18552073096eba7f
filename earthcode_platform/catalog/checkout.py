"""A whole catalog read from a folder: a plain tree of files, or a git repository without one."""

import os
from collections.abc import Iterator
from pathlib import Path

from earthcode_platform.catalog.kinds import ROOT
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError

__all__ = ["read_catalog"]


def read_catalog(path: Path) -> Catalog:
    """Return the catalog at `path`: the files as they lie there, or those of a bare repository's HEAD.

    Hidden files and folders are no part of it: settings of git, of continuous integration and of editors.

    Raises:
        InputError: There is no catalog, or a part of it cannot be read.
    """
    try:
        if (path / ROOT).is_file():
            return Catalog(dict(_walk(str(path), "")))
        if (path / "HEAD").is_file() and (path / "objects").is_dir():
            return _head(path)
    except OSError as error:
        where = str(error.filename or path)
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"it cannot be read: {reason}.", where=where, remedy="Check its rights.") from None
    raise InputError(
        f"there is no {ROOT} here.",
        where=str(path),
        remedy="Name the folder of a catalog laid out like the Open Science Catalog, or its bare git repository.",
    )


def _head(repository: Path) -> Catalog:
    from earthcode_platform.catalog.objects import read_files
    from earthcode_platform.catalog.plumbing import git

    found = git("rev-parse", "--verify", "--quiet", "HEAD^{commit}", repository=repository)
    if found.code:
        raise InputError("the repository has no commit.", where=str(repository), remedy="Push a catalog into it.")
    files = read_files(repository, found.text)
    return Catalog({name: held for name, held in files.items() if not _is_hidden(name)}, found.text)


def _is_hidden(path: str) -> bool:
    return path.startswith(".") or "/." in path


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every file; hidden ones and symbolic links are left out."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda found: found.name):
            if _is_hidden(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{prefix}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb") as file:  # noqa: PTH123 - two thousand times, and pathlib takes twice as long
                    yield f"{prefix}{entry.name}", file.read()

"""Edits of a catalog, written into its folder: every file whole, or none."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import ConflictError, InputError

__all__ = ["write_edits"]


def write_edits(folder: Path, catalog: Catalog, edits: Mapping[str, bytes]) -> None:
    """Write `edits` into `folder`, from which `catalog` was read. Each file appears at once and keeps its mode.

    Nothing is replaced before all of it is written under other names, and every file is found to be still as it was
    read.

    Raises:
        ConflictError: A file changed since it was read; then none is replaced.
        InputError: A file cannot be written; those replaced before it are whole.
    """
    parts: dict[str, Path] = {}
    written = 0
    path = ""
    try:
        for path, content in edits.items():
            parts[path] = _write_beside(folder / path, content)
        for path in edits:
            _require_unchanged(folder / path, catalog.content(path))
        for path, part in parts.items():
            part.replace(folder / path)
            written += 1
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(
            f"it cannot be written: {reason}. {written} of {len(edits)} files were written before it.",
            where=str(folder / path),
            remedy="Check the rights and the space, then mend the catalog again.",
        ) from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _write_beside(path: Path, content: bytes) -> Path:
    # A hidden file is no part of a catalog, should somebody read it meanwhile.
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        part.write_bytes(content)
        shutil.copymode(path, part)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def _require_unchanged(path: Path, content: bytes) -> None:
    if path.read_bytes() != content:
        raise ConflictError(
            "it changed while it was being mended; nothing was written.",
            where=str(path),
            remedy="Mend the catalog again when nobody else is writing.",
        )

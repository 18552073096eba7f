"""A Zarr store packed into one zip file, so that equal stores give equal bytes.

The root of the archive is the root of the store, and nothing is compressed twice: members are kept as they are, so that
a part of one can be read without the rest. Metadata go first, the root's before all. That is how OME-NGFF RFC 9 has it
for OME-Zarr, and zarr-python reads it as a `ZipStore`.
"""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SUFFIX", "pack"]

SUFFIX: Final = ".zip"
"""What the name of a packed store has behind that of the folder."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file knows; stands for the moment of writing, which is not recorded."""
_MODE: Final = 0o100644 << 16
"""A plain file that everybody may read, where the archive keeps the rights of Unix."""
_UNIX: Final = 3
_METADATA: Final = "zarr.json"


def pack(folder: Path, path: Path) -> None:
    """Write a Zarr store that is a folder as one zip file, the same bytes for the same content.

    Args:
        folder: The store.
        path: The file to make or replace.

    Raises:
        OSError: It cannot be read or written.
    """
    names = [found.relative_to(folder) for found in folder.rglob("*") if found.is_file()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(names, key=_order):
            member = zipfile.ZipInfo(name.as_posix(), _EPOCH)
            member.create_system, member.external_attr = _UNIX, _MODE
            member.file_size = (folder / name).stat().st_size
            with (folder / name).open("rb") as source, archive.open(member, "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _order(name: Path) -> tuple[bool, int, str]:
    """Return what sorts members: metadata first, the highest before all, everything else by name."""
    metadata = name.name == _METADATA
    return not metadata, len(name.parts) if metadata else 0, name.as_posix()

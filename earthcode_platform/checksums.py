"""SHA-256 checksums as multihashes, the form of STAC's `file:checksum`; and sizes, its `file:size`."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from earthcode_platform.errors import IntegrityError

__all__ = ["MULTIHASH_SHA256", "of_bytes", "of_file", "of_members", "of_path", "require", "size_of"]

MULTIHASH_SHA256: Final = "1220"
"""Multihash prefix: 0x12 is sha2-256, 0x20 its length of 32 bytes (multiformats table)."""


def of_bytes(content: bytes | memoryview) -> str:
    """Return the multihash of `content` as 68 hexadecimal digits."""
    return MULTIHASH_SHA256 + hashlib.sha256(content).hexdigest()


def of_file(path: Path) -> str:
    """Return the multihash of the file at `path`, read once in blocks.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as stream:
        return MULTIHASH_SHA256 + hashlib.file_digest(stream, "sha256").hexdigest()


def of_path(path: Path) -> str:
    """Return the multihash of a file, or of a folder such as a Zarr store.

    A folder's is that of the lines `<multihash of the file>  <path below the folder>`, sorted by path.

    Raises:
        OSError: A file cannot be read.
    """
    if not path.is_dir():
        return of_file(path)
    files = (found.relative_to(path).as_posix() for found in path.rglob("*") if found.is_file())
    return of_members((name, of_file(path / name)) for name in files)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder such as a Zarr store.

    Raises:
        OSError: A file cannot be read.
    """
    if not path.is_dir():
        return path.stat().st_size
    return sum(found.stat().st_size for found in path.rglob("*") if found.is_file())


def of_members(members: Iterable[tuple[str, str]]) -> str:
    """Return the multihash of a folder from the path below it and the multihash of each of its files."""
    return of_bytes("".join(f"{checksum}  {name}\n" for name, checksum in sorted(members)).encode())


def require(path: Path, expected: str) -> None:
    """Check that the file or folder at `path` has the multihash `expected`.

    Raises:
        IntegrityError: It has another one, or it cannot be read.
    """
    try:
        found = of_path(path)
    except OSError as error:
        raise IntegrityError(
            f"it was recorded, but cannot be read now: {error.strerror}.",
            where=str(path),
            remedy="Restore it, or make it anew.",
        ) from error
    if found != expected:
        raise IntegrityError(
            f"the SHA-256 multihash is {found}, but {expected} was recorded.",
            where=str(path),
            remedy="The file changed after it was recorded; restore it, or record it anew under a new version.",
        )

"""SHA-256 checksums as multihashes, the form of STAC's `file:checksum`."""

import hashlib
from pathlib import Path
from typing import Final

from earthcode_platform.errors import IntegrityError

__all__ = ["MULTIHASH_SHA256", "of_bytes", "of_file", "require"]

MULTIHASH_SHA256: Final = "1220"
"""Multihash prefix: 0x12 is sha2-256, 0x20 its length of 32 bytes (multiformats table)."""


def of_bytes(content: bytes) -> str:
    """Return the multihash of `content` as 68 hexadecimal digits."""
    return MULTIHASH_SHA256 + hashlib.sha256(content).hexdigest()


def of_file(path: Path) -> str:
    """Return the multihash of the file at `path`, read once in blocks.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as stream:
        return MULTIHASH_SHA256 + hashlib.file_digest(stream, "sha256").hexdigest()


def require(path: Path, expected: str) -> None:
    """Check that the file at `path` has the multihash `expected`.

    Raises:
        IntegrityError: It has another one.
    """
    found = of_file(path)
    if found != expected:
        raise IntegrityError(
            f"the SHA-256 multihash is {found}, but {expected} was recorded.",
            where=str(path),
            remedy="The file changed after it was recorded; restore it, or record it anew under a new version.",
        )

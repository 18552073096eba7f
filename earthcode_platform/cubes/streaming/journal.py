"""The record of finished units beside a half-made product.

A unit is noted behind its values, with their checksum. After a crash the record says what need not be computed again;
what does not have that checksum any more is computed again all the same, so no order of writes to the disk matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Journal", "Noted", "checksum"]


def checksum(stored: NDArray[np.generic]) -> int:
    """Return the CRC-32 of stored numbers in the order of rows; it guards against accidents, not against people."""
    return crc32(np.ascontiguousarray(stored).data)


class Noted(NamedTuple):
    """What is noted of a finished unit."""

    checksum: int
    """CRC-32 of its stored numbers."""
    valid: int
    """How many of its values are finite."""


class Journal:
    """Finished units by their number, kept in a file of one line each.

    Args:
        path: The file. It begins with the key of the product; one with another key, or without, counts for nothing.
        key: What decides every byte of the product.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key

    def read(self) -> dict[int, Noted]:
        """Return what is noted; nothing if the file is not there, or of another product.

        A line that is half-written or damaged does not count.
        """
        try:
            first, *lines = self._path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
        except (OSError, ValueError):
            return {}
        return dict(filter(None, map(_read, lines))) if first == self._key else {}

    def begin(self, known: dict[int, Noted]) -> None:
        """Write the file anew, with what is known already."""
        part = self._path.with_suffix(".part")
        part.write_text("".join([f"{self._key}\n", *map(_line, known, known.values())]), encoding="utf-8")
        part.replace(self._path)

    def note(self, number: int, noted: Noted) -> None:
        """Note a unit whose values are written."""
        with self._path.open("a", encoding="utf-8") as opened:
            opened.write(_line(number, noted))


def _read(line: str) -> tuple[int, Noted] | None:
    try:
        number, *noted = (int(field) for field in line.split())
        return number, Noted(*noted)
    except (ValueError, TypeError):
        return None


def _line(number: int, noted: Noted) -> str:
    return " ".join(map(str, (number, *noted))) + "\n"

"""How a map is cut: units, which are written, noted and resumed as a whole, of blocks, which are computed by a task."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Box", "Unit", "cut"]


class Box(NamedTuple):
    """A rectangle of pixels; the last row and column are those behind it."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns as an index."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def within(self, other: Box) -> Box:
        """Return the same rectangle, counted from the corner of another."""
        return Box(self.top - other.top, self.bottom - other.top, self.left - other.left, self.right - other.left)


class Unit(NamedTuple):
    """What is written at once."""

    number: int
    """Its place in the order, from 0."""
    box: Box
    blocks: tuple[Box, ...]
    """What is computed at once, one after the other."""


def cut(shape: tuple[int, int], unit: int, block: int) -> list[Unit]:
    """Return the units of a map, row by row.

    Args:
        shape: Rows and columns of the map.
        unit: Rows and columns of a unit; at the edges it may be smaller.
        block: Rows and columns of a block.
    """
    boxes = _boxes(Box(0, shape[0], 0, shape[1]), unit)
    return [Unit(number, box, tuple(_boxes(box, block))) for number, box in enumerate(boxes)]


def _boxes(whole: Box, side: int) -> list[Box]:
    return [
        Box(top, min(top + side, whole.bottom), left, min(left + side, whole.right))
        for top in range(whole.top, whole.bottom, side)
        for left in range(whole.left, whole.right, side)
    ]

"""Which blocks of the block engine are computed in this process, and how small they are."""

from typing import Any

import numpy as np
import pytest

from earthcode_platform.engines.openeo.fused import block_array
from earthcode_platform.engines.openeo.fused.block_array import BlockArray

__all__ = ["noted_blocks", "small_blocks"]


def small_blocks(monkeypatch: pytest.MonkeyPatch, side: int) -> None:
    """Cut blocks of so many rows and columns."""
    for name in ("_SIDE", "_SMALLEST"):
        monkeypatch.setattr(block_array, name, side)


def noted_blocks(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the list that gets the place of each block as it is computed."""
    taken: list[object] = []
    compute = BlockArray.__getitem__

    def noted(blocks: BlockArray, key: tuple[Any, ...]) -> np.ndarray[Any, Any]:
        taken.append(key)
        return compute(blocks, key)

    monkeypatch.setattr(BlockArray, "__getitem__", noted)
    return taken

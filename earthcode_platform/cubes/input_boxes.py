"""Where the inputs of an experiment lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.cubes.extent import item_bbox
from earthcode_platform.cubes.resolved import resolved_items

if TYPE_CHECKING:
    from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["input_boxes"]


def input_boxes(pinned: PinnedExperiment) -> dict[str, tuple[tuple[float, float, float, float], ...]]:
    """Return the boxes in degrees of the items of each input, by its name; items without a place are left out.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A server did not answer.
    """
    return {
        pin.name: tuple(box for found in resolved_items(pin) if (box := item_bbox(found.item.content)) is not None)
        for pin in pinned.inputs
    }

"""Where the inputs of an experiment lie, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.cubes.extent import item_bbox
from earthcode_platform.cubes.resolved import resolved_items

if TYPE_CHECKING:
    from datetime import datetime

    from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput
    from earthcode_platform.models.window import BBox

__all__ = ["input_boxes", "input_place", "input_span"]


def input_boxes(pinned: PinnedExperiment) -> dict[str, tuple[tuple[float, float, float, float], ...]]:
    """Return the boxes in degrees of the items of each input, by its name; items without a place are left out.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A server did not answer.
    """
    return {one.name: _boxes(one) for one in pinned.inputs}


def input_place(pinned: PinnedExperiment) -> BBox | None:
    """Return the box around all inputs: their windows, or else the boxes of their items; None if none has a place.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A server did not answer.
    """
    boxes = [box for one in pinned.inputs for box in ((one.bbox,) if one.bbox else _boxes(one))]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    if any(one > other for one, other in zip(west, east, strict=True)):
        return boxes[0] if len(set(boxes)) == 1 else (-180.0, min(south), 180.0, max(north))
    return min(west), min(south), max(east), max(north)


def input_span(pinned: PinnedExperiment) -> tuple[datetime, datetime]:
    """Return the first and the last moment of all items of the inputs.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A server did not answer.
    """
    items = [found.item for one in pinned.inputs for found in resolved_items(one)]
    return min(item.start for item in items), max(item.end for item in items)


def _boxes(pinned: PinnedInput) -> tuple[BBox, ...]:
    found = (item_bbox(one.item.content) for one in resolved_items(pinned))
    return tuple(box for box in found if box is not None)

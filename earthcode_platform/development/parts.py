"""Small parts of an experiment's inputs, to try it on."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from earthcode_platform.cubes.extent import item_bbox
from earthcode_platform.cubes.resolved import ResolvedItem, resolved_items
from earthcode_platform.models.development import Part
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput

__all__ = ["SIDE", "Cut", "cuts"]

SIDE: Final = 256
"""Pixels of a side of the smallest box that is tried, as far as the items tell how large their pixels are."""
_LARGEST: Final = 0.5
"""Part of the whole side that a box has at most."""
_ITEMS: Final = 2
"""How few items are tried."""
_BY_ITEMS: Final = frozenset({WorkflowKind.CWL, WorkflowKind.NOTEBOOK})
"""Kinds whose workflows get whole files, whatever the box."""

_Box = tuple[float, float, float, float]


class Cut(NamedTuple):
    """A part of an experiment."""

    share: float
    """How large it is, 0 to 1."""
    pinned: PinnedExperiment
    """The experiment on that part alone."""


def cuts(pinned: PinnedExperiment) -> tuple[Part, list[Cut]]:
    """Return of what parts are taken, and the parts, the smaller first and everything last.

    Process graphs and models are tried on boxes in the middle of what all inputs cover, on all dates; the side of each
    is twice that of the one before. CWL packages and notebooks get whole files: they are tried on the first items,
    twice as many each time. The largest part but everything is half of a side, or half of the items.

    Raises:
        EarthCodeError: A STAC document changed, or does not answer.
    """
    if pinned.workflow.kind in _BY_ITEMS:
        return _by_items(pinned)
    return _by_area(pinned, {one.name: resolved_items(one) for one in pinned.inputs})


def _by_items(pinned: PinnedExperiment) -> tuple[Part, list[Cut]]:
    most = max(len({asset.item for asset in one.assets}) for one in pinned.inputs)
    counts = [_ITEMS * 2**step for step in range(most.bit_length()) if _ITEMS * 2**step <= most / 2]
    parts = [Cut(count / most, _with(pinned, [_first(one, count) for one in pinned.inputs])) for count in counts]
    return (Part.ITEMS if parts else Part.WHOLE), [*parts, Cut(1.0, pinned)]


def _first(pin: PinnedInput, count: int) -> PinnedInput:
    names = list(dict.fromkeys(asset.item for asset in pin.assets))[:count]
    return pin.model_copy(update={"assets": tuple(asset for asset in pin.assets if asset.item in names)})


def _by_area(pinned: PinnedExperiment, items: dict[str, list[ResolvedItem]]) -> tuple[Part, list[Cut]]:
    boxes = [_covered(one, items[one.name]) for one in pinned.inputs]
    box = _shared([one for one in boxes if one is not None])
    size = _pixels(box, [found for one in items.values() for found in one]) if box and None not in boxes else None
    parts: list[Cut] = []
    while box is not None and size is not None and (side := SIDE * 2 ** len(parts)) <= _LARGEST * min(size):
        across, down = side / size[0], side / size[1]
        inputs = [one.model_copy(update={"bbox": _middle(box, across, down)}) for one in pinned.inputs]
        parts.append(Cut(across * down, _with(pinned, inputs)))
    return (Part.AREA if parts else Part.WHOLE), [*parts, Cut(1.0, pinned)]


def _with(pinned: PinnedExperiment, inputs: Sequence[PinnedInput]) -> PinnedExperiment:
    return pinned.model_copy(update={"inputs": tuple(inputs)})


def _covered(pin: PinnedInput, items: Sequence[ResolvedItem]) -> _Box | None:
    """Return the box in degrees that the input covers inside its window; None if it cannot be told."""
    boxes = [box for found in items if (box := item_bbox(found.item.content)) is not None]
    if not boxes or any(west > east for west, _, east, _ in boxes):
        return None
    edges = list(zip(*boxes, strict=True))
    covered = (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
    return covered if pin.bbox is None else _shared([covered, pin.bbox])


def _shared(boxes: Sequence[_Box]) -> _Box | None:
    """Return the box that lies in all of the boxes; None if there is none."""
    if not boxes:
        return None
    edges = list(zip(*boxes, strict=True))
    west, south, east, north = max(edges[0]), max(edges[1]), min(edges[2]), min(edges[3])
    return (west, south, east, north) if west < east and south < north else None


def _pixels(box: _Box, items: Sequence[ResolvedItem]) -> tuple[float, float] | None:
    """Return how many pixels `box` has across and down; None if no item tells."""
    densities = [density for found in items if (density := _density(found)) is not None]
    if not densities:
        return None
    across = max(one[0] for one in densities) * (box[2] - box[0])
    return across, max(one[1] for one in densities) * (box[3] - box[1])


def _density(found: ResolvedItem) -> tuple[float, float] | None:
    """Return pixels a degree, across and down, of the finest asset (STAC projection extension, `proj:shape`)."""
    box = item_bbox(found.item.content)
    properties, assets = found.item.content.get("properties"), found.item.content.get("assets")
    held = [properties, *(assets.values() if isinstance(assets, dict) else ())]
    shapes = [one.get("proj:shape") for one in held if isinstance(one, dict)]
    sizes = [(float(one[1]), float(one[0])) for one in shapes if isinstance(one, list) and _is_size(one)]
    if box is None or not sizes or box[2] <= box[0] or box[3] <= box[1]:
        return None
    return max(one[0] for one in sizes) / (box[2] - box[0]), max(one[1] for one in sizes) / (box[3] - box[1])


def _is_size(shape: list[object]) -> bool:
    return len(shape) == 2 and all(isinstance(side, int | float) and side > 0 for side in shape)  # noqa: PLR2004 - rows and columns


def _middle(box: _Box, across: float, down: float) -> _Box:
    west, south, east, north = box
    wide, high = (east - west) * across / 2, (north - south) * down / 2
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide, y - high, x + wide, y + high

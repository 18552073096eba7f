"""Does the window of an input ask for ground that its items do not cover?"""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.cubes.extent import item_bbox
from earthcode_platform.cubes.stac import is_remote, items_of, read_document
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedInput

__all__ = ["beyond"]

_TOLERANCE: Final = 0.01
"""Part of the window that may lie beyond the data without a word: half a pixel, or what rounded boxes lose."""


def beyond(pin: PinnedInput) -> Iterator[Finding]:
    """Yield a warning if the window of `pin` reaches beyond the boxes of its items.

    Boxes that cross the antimeridian, and items whose document is remote, are not compared.
    """
    if pin.bbox is None or pin.bbox[0] > pin.bbox[2]:
        return
    boxes = list(_boxes(pin))
    if not boxes or any(west > east for west, _, east, _ in boxes):
        return
    edges = list(zip(*boxes, strict=True))
    covered = (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
    wanted = pin.bbox
    width, height = wanted[2] - wanted[0], wanted[3] - wanted[1]
    outside = [
        side
        for side, gap, size in (
            ("west", covered[0] - wanted[0], width),
            ("south", covered[1] - wanted[1], height),
            ("east", wanted[2] - covered[2], width),
            ("north", wanted[3] - covered[3], height),
        )
        if gap > _TOLERANCE * size
    ]
    if outside:
        yield Finding(
            code="inputs-window-beyond-data",
            severity=Severity.WARNING,
            where=f"experiment.yaml: inputs.{pin.name}.bbox",
            message=f"the box {list(wanted)} reaches beyond the data {list(covered)} in the {', '.join(outside)}.",
            remedy="There will be no values there; make the box smaller if that is not meant.",
        )


def _boxes(pin: PinnedInput) -> Iterator[tuple[float, float, float, float]]:
    """Yield the box in degrees of each pinned item that a local document holds, or that an API found."""
    wanted = {asset.item for asset in pin.assets}
    yield from (box for content in pin.found if (box := item_bbox(content)) is not None)
    for document in pin.documents:
        if is_remote(document.href):
            continue
        try:
            items = items_of(read_document(document.href))
        except RefusedError:
            continue  # reported already: the document changed or is gone
        yield from (box for item in items if item.id in wanted and (box := item_bbox(item.content)) is not None)

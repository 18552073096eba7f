"""Days by the sun: what a satellite saw in one pass belongs to one day, wherever midnight of UTC falls.

Local solar time is UTC moved by one hour for each 15 degrees of longitude. As in odc-stac (`groupby="solar_day"`),
whole hours are taken, and one longitude stands for the whole input: neighbours never fall into different days.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from earthcode_platform.cubes.extent import item_bbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from earthcode_platform.cubes.resolved import ResolvedItem
    from earthcode_platform.models.window import BBox

__all__ = ["solar_days"]

_DEGREES_AN_HOUR: Final = 15
_TURN: Final = 360.0


def solar_days(items: Sequence[ResolvedItem], window: BBox | None = None) -> list[datetime]:
    """Return the date of each item: the moment of the first of its solar day.

    Args:
        items: Items in the order of time.
        window: Box of the input in degrees, whose middle counts; the middle of the items if None.
    """
    boxes = [window] if window else [box for found in items if (box := item_bbox(found.item.content)) is not None]
    shift = timedelta(hours=int(_middle(boxes) / _DEGREES_AN_HOUR))
    first: dict[date, datetime] = {}
    return [first.setdefault((found.item.moment + shift).date(), found.item.moment) for found in items]


def _middle(boxes: Sequence[BBox]) -> float:
    """Return the longitude in the middle of boxes, between -180 and 180, also of those across the antimeridian."""
    centres = np.radians([west + (east - west) % _TURN / 2 for west, _, east, _ in boxes])
    # Rounded, so that what lies on a border of hours stays there.
    return round(float(np.degrees(np.angle(np.exp(1j * centres).sum()))), 9) if boxes else 0.0

"""Does something that a service lists fit what is looked for? Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from earthcode_platform.cubes.extent import intersects
from earthcode_platform.models.found_data import DataQuery

__all__ = ["fits", "flat_box", "moment"]

_FLAT = 4
_WITH_HEIGHT = 6


def fits(
    query: DataQuery,
    texts: Iterable[object],
    boxes: Sequence[tuple[float, float, float, float]],
    times: Sequence[tuple[datetime | None, datetime | None]],
) -> bool:
    """Tell whether all of the query holds; what has no box is never met by one, and the same with time.

    Args:
        query: What is looked for.
        texts: What the words may stand in.
        boxes: West, south, east, north in degrees.
        times: Begin and end, None for open.
    """
    said = " ".join(str(text) for text in texts if text).casefold()
    if not all(word.casefold() in said for word in query.text):
        return False
    if query.bbox is not None and not any(intersects(query.bbox, box) for box in boxes):
        return False
    window = query.datetime
    return window is None or any(
        (window.end is None or start is None or start <= window.end)
        and (window.start is None or end is None or end >= window.start)
        for start, end in times
    )


def flat_box(numbers: object) -> tuple[float, float, float, float] | None:
    """Return a box of four or six numbers without its heights; None if it is none."""
    if not isinstance(numbers, Sequence) or isinstance(numbers, str):
        return None
    edges = [float(one) for one in numbers if isinstance(one, int | float)]
    if len(edges) == _FLAT:
        return edges[0], edges[1], edges[2], edges[3]
    if len(edges) == _WITH_HEIGHT:
        return edges[0], edges[1], edges[3], edges[4]
    return None


def moment(value: Any) -> datetime | None:  # noqa: ANN401 - what services write there
    """Return a time as services write it, in UTC; None if it is open or cannot be read."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str) or value in ("", ".."):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)

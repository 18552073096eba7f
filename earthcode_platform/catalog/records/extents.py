"""Where and when: the boxes and intervals of entries, and whether two of them meet."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject, facts, section
from earthcode_platform.catalog.records.readings import Readings
from earthcode_platform.models.catalog_record import Box, Interval

__all__ = ["boxes_meet", "intervals_meet", "read_boxes", "read_intervals", "read_moment"]

_FLAT: Final = 4
_HIGH: Final = 6
_TURN: Final = 360.0
_HALF: Final = 180.0
_FARTHEST: Final = 3600.0
"""Degrees beyond which a number is none of a place; it leaves infinity out, too."""
_POLE: Final = 90.0
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d(?P<time>[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?")
"""RFC 3339, section 5.6, in upper case; the zone may be missing, as in many records, and is UTC then."""
_OPEN: Final = (None, "", "..")


def boxes_meet(one: Box, other: Box) -> bool:
    """Tell whether two boxes have a point in common; their edges belong to them.

    A box whose west is above its east crosses the antimeridian (RFC 7946, section 5.2); -180 and 180 are one meridian.
    """
    if one[1] > other[3] or other[1] > one[3]:
        return False
    west, east = _span(one)
    from_, to = _span(other)
    return any(west <= to + turn and from_ + turn <= east for turn in (-_TURN, 0.0, _TURN))


def intervals_meet(one: Interval, other: Interval) -> bool:
    """Tell whether two closed intervals have a moment in common; an open end has no limit."""
    return not (_before(one.end, other.start) or _before(other.end, one.start))


def read_boxes(document: JsonObject, readings: Readings) -> tuple[Box, ...]:
    """Return the boxes of a collection (`extent.spatial.bbox`) or of a record (`bbox`).

    Of a box of six numbers the heights are left out. Where several are given and the first holds all others, it is
    their sum (STAC 1.1.0, Spatial Extent Object), and the others are returned.
    """
    found = section(section(document, "extent"), "spatial").get("bbox", document.get("bbox"))
    if isinstance(found, list) and found and not isinstance(found[0], list):
        found = [found]
    written = found if isinstance(found, list) else []
    boxes = tuple(filter(None, (_box(one, readings) for one in written)))
    if len(boxes) > 1 and all(_holds(boxes[0], box) for box in boxes[1:]):
        return boxes[1:]
    return boxes


def read_intervals(document: JsonObject, readings: Readings) -> tuple[Interval, ...]:
    """Return the intervals of a collection (`extent.temporal.interval`) or of a record (`start_datetime`, `time`).

    An interval with two open ends says nothing and is left out; a reversed one is turned.
    """
    found = section(section(document, "extent"), "temporal").get("interval")
    if found is None:
        said = facts(document)
        stated = document.get("time") or said.get("time")
        pair: JsonValue = [said.get("start_datetime"), said.get("end_datetime")]
        if isinstance(stated, dict):
            pair = stated.get("interval") or [stated.get("date")] * 2
        found = [pair]
    return tuple(filter(None, (_interval(one, readings) for one in found))) if isinstance(found, list) else ()


def read_moment(text: str, *, last: bool = False) -> datetime:
    """Return the moment that RFC 3339 `text` means, in UTC; a date alone means its first or its last microsecond.

    Raises:
        ValueError: It is no RFC 3339 date or time.
    """
    folded = text.strip().upper()
    written = _MOMENT.fullmatch(folded)
    try:
        moment = datetime.fromisoformat(folded if written else "")
        if written and not written["time"]:
            return datetime.combine(moment, time.max if last else time.min, UTC)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no RFC 3339 date or time") from None


def _span(box: Box) -> tuple[float, float]:
    return box[0], box[2] + (_TURN if box[0] > box[2] else 0.0)


def _before(end: datetime | None, start: datetime | None) -> bool:
    return end is not None and start is not None and end < start


def _holds(outer: Box, inner: Box) -> bool:
    west, east = _span(outer)
    from_, to = _span(inner)
    return outer[1] <= inner[1] and inner[3] <= outer[3] and west <= from_ and to <= east


def _box(written: JsonValue, readings: Readings) -> Box | None:
    numbers = list(_numbers(written)) if isinstance(written, list) else []
    if len(numbers) not in (_FLAT, _HIGH):
        readings.note(f"The box {str(written)[:80]} is none of four or six numbers; it is left out.")
        return None
    half = len(numbers) // 2
    west, south, east, north = numbers[0], numbers[1], numbers[half], numbers[half + 1]
    if not (-_POLE <= south <= north <= _POLE):
        readings.note(
            f"The box {str(written)[:80]} has its south at {south:g} and its north at {north:g}; it is left out."
        )
        return None
    first, last = _longitudes(west, east)
    return (first, south, last, north)


def _longitudes(west: float, east: float) -> tuple[float, float]:
    """Return both between -180 and 180 degrees; some people count from 0 to 360."""
    if east - west >= _TURN:
        return -_HALF, _HALF
    return _longitude(west), _longitude(east)


def _longitude(degrees: float) -> float:
    return degrees if -_HALF <= degrees <= _HALF else (degrees + _HALF) % _TURN - _HALF


def _numbers(written: Iterable[JsonValue]) -> Iterator[float]:
    for one in written:
        if isinstance(one, int | float) and not isinstance(one, bool) and abs(one) <= _FARTHEST:
            yield float(one)


def _interval(written: JsonValue, readings: Readings) -> Interval | None:
    ends = written if isinstance(written, list) else []
    if len(ends) != 2 or all(end in _OPEN for end in ends):  # noqa: PLR2004 - an interval has two ends
        return None
    try:
        start, end = (None if one in _OPEN else read_moment(str(one), last=bool(at)) for at, one in enumerate(ends))
    except ValueError as error:
        readings.note(f"The interval {str(ends)[:80]} cannot be read ({error}); it is left out.")
        return None
    if start is not None and end is not None and start > end:
        readings.note(f"The interval {ends} is reversed; read the other way round.")
        start, end = end, start
    return Interval(start=start, end=end)

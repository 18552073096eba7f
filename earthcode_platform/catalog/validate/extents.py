"""Boxes, intervals and moments of a document (STAC 1.1.0, Collection, Extent Object; RFC 3339)."""

from datetime import datetime
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject, section
from earthcode_platform.catalog.validate.formats import is_date_time

__all__ = ["boxes", "intervals", "is_box", "is_interval", "is_reversed", "is_utc"]

_BOX: Final = 4
_ENDS: Final = 2


def boxes(document: JsonObject) -> list[JsonValue] | None:
    """Return the boxes of a document's extent; None if it has no array of them."""
    found = section(section(document, "extent"), "spatial").get("bbox")
    return found if isinstance(found, list) else None


def intervals(document: JsonObject) -> list[JsonValue] | None:
    """Return the intervals of a document's extent; None if it has no array of them."""
    found = section(section(document, "extent"), "temporal").get("interval")
    return found if isinstance(found, list) else None


def is_utc(value: JsonValue) -> bool:
    """Tell whether a value is a moment in UTC by RFC 3339."""
    return isinstance(value, str) and value.endswith(("Z", "+00:00")) and is_date_time(value)


def is_box(value: JsonValue) -> bool:
    """Tell whether a value is an array of exactly four numbers."""
    return isinstance(value, list) and len(value) == _BOX and all(map(_is_number, value))


def is_interval(value: JsonValue) -> bool:
    """Tell whether a value is an array of two ends, each a moment in UTC or null."""
    return isinstance(value, list) and len(value) == _ENDS and all(end is None or is_utc(end) for end in value)


def is_reversed(value: JsonValue) -> bool:
    """Tell whether an interval ends before it starts."""
    if not isinstance(value, list) or not is_interval(value):
        return False
    start, end = (_moment(one) if isinstance(one, str) else None for one in value)
    return start is not None and end is not None and end < start


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _moment(value: str) -> datetime | None:
    try:
        # Leap seconds and the year 0 are moments that Python does not know: such an interval is not compared.
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None

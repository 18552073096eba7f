"""Boxes and times as they are typed."""

from typing import Final

from earthcode_platform.catalog.records.extents import read_moment
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_record import Box, Interval

__all__ = ["read_box", "read_interval"]

_FLAT: Final = 4
_HIGH: Final = 6
_OPEN: Final = ("", "..")


def read_box(text: str) -> Box:
    """Return the box that `text` means: four numbers with commas between, or six of which the heights are left out.

    West above east crosses the antimeridian (RFC 7946, section 5.2). Source: OGC API Features, parameter bbox.

    Raises:
        InputError: It is none of four or six numbers.
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (_FLAT, _HIGH):
        raise InputError(
            f"{text!r} is no box.", where="bbox", remedy="Write WEST,SOUTH,EAST,NORTH in degrees, such as -10,35,5,45."
        )
    half = len(numbers) // 2
    return (numbers[0], numbers[1], numbers[half], numbers[half + 1])


def read_interval(text: str) -> Interval:
    """Return the interval that `text` means: `START/END`, or one date or time for both.

    An end that is `..` or empty is open. A date alone means the whole day; a time without a zone is UTC. Source: OGC
    API Features, parameter datetime; RFC 3339, section 5.6.

    Raises:
        InputError: It is no interval, or both ends are open, or it ends before it starts.
    """
    parts = text.strip().split("/")
    if len(parts) > 2 or all(part.strip() in _OPEN for part in parts):  # noqa: PLR2004 - an interval has two ends
        raise _no_interval(f"{text!r} is no interval of time.")
    try:
        start, end = (
            None if part.strip() in _OPEN else read_moment(part, last=last)
            for part, last in ((parts[0], False), (parts[-1], True))
        )
    except ValueError as error:
        raise _no_interval(f"{error}.") from None
    if start is not None and end is not None and start > end:
        raise _no_interval(f"{text!r} ends before it starts.")
    return Interval(start=start, end=end)


def _no_interval(message: str) -> InputError:
    return InputError(
        message, where="datetime", remedy="Write START/END, such as 2023-08-01/2023-08-31, 2023-08-01/.. or 2023-08-01."
    )

"""Intervals of time and boxes on the ground, as arguments of processes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.engines.openeo.moments import parsed
from earthcode_platform.errors import ExecutionError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["box_of", "daily_interval", "interval", "is_daily", "require_box", "seconds_of"]

_TIME: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d):([0-5]\d)$")


def interval(extent: object) -> tuple[np.datetime64 | None, np.datetime64 | None]:
    """Return the ends of a left-closed interval; None where it is open.

    Raises:
        ExecutionError: It is no interval, open at both ends, or empty (TemporalExtentEmpty).
    """
    ends = list(extent) if isinstance(extent, list | tuple) else []
    if len(ends) != 2 or all(end is None for end in ends):  # noqa: PLR2004 - an interval has two ends
        raise ExecutionError(f"{extent!r} is no interval.", remedy="Give two dates; null leaves one end open.")
    start, end = (None if end is None else parsed(str(end)) for end in ends)
    if start is not None and end is not None and start >= end:
        raise ExecutionError(
            f"TemporalExtentEmpty: the interval {ends} is empty; its end is not part of it.",
            remedy="Let it end after the last moment wanted.",
        )
    return start, end


def is_daily(extent: object) -> bool:
    """Tell whether an interval is one of two times of the day, such as `06:00:00`."""
    ends = list(extent) if isinstance(extent, list | tuple) else []
    return bool(ends) and all(isinstance(end, str) and _TIME.match(end) for end in ends)


def seconds_of(time: str) -> int:
    """Return the seconds from midnight to a time of the day."""
    hours, minutes, seconds = map(int, time.split(":"))
    return hours * 3600 + minutes * 60 + seconds


def daily_interval(extent: object) -> None:
    """Check an interval of moments, or of times of the day.

    Raises:
        ExecutionError: It is neither, or empty (TemporalExtentEmpty).
    """
    if not is_daily(extent):
        interval(extent)
    elif len(set(extent if isinstance(extent, list | tuple) else ())) != 2:  # noqa: PLR2004 - an interval has two ends
        raise ExecutionError(f"TemporalExtentEmpty: {extent!r} are not two times of the day.", remedy="Give two.")


def box_of(extent: object) -> tuple[tuple[float, float, float, float], str]:
    """Return the edges and the CRS of a bounding box object.

    Raises:
        ExecutionError: An edge is missing or no number; GeoJSON is not supported.
    """
    edges = extent if isinstance(extent, dict) else {}
    numbers = [edges.get(name) for name in ("west", "south", "east", "north")]
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
        raise ExecutionError(
            f"{extent!r} is no bounding box.",
            remedy="Give west, south, east and north as numbers (GeoJSON is not read).",
        )
    west, south, east, north = (float(str(number)) for number in numbers)
    code = edges.get("crs")
    crs = "EPSG:4326" if code is None else f"EPSG:{code}" if isinstance(code, int) else str(code)
    return (west, south, east, north), crs


def require_box(extent: object) -> None:
    """Check that a bounding box can hold a pixel, and that its CRS exists.

    Raises:
        ExecutionError: It is incomplete, or its south lies above its north.
        InputError: There is no such CRS.
    """
    (_, south, _, north), crs = box_of(extent)
    crs_name(crs)
    if south > north:
        raise ExecutionError(f"the south of the box, {south:g}, lies above its north, {north:g}.", remedy="Swap them.")

"""Calendar periods: which one a moment falls in, by the labels of the openEO specification.

A season that runs over New Year belongs to the year it begins in: December 2009 to February 2010 is `2009-djf`. Dekads
count from 01 to 36, weeks follow ISO 8601.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from earthcode_platform.errors import ExecutionError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import pandas as pd
    import xarray as xr

__all__ = ["PERIODS", "PERIOD_START", "beginning", "complete", "moments_of", "name_in_year", "name_with_year"]

PERIODS: Final = (
    "hour",
    "day",
    "week",
    "dekad",
    "month",
    "season",
    "tropical-season",
    "year",
    "decade",
    "decade-ad",
)
"""Periods that moments can be grouped by."""
PERIOD_START: Final = "period_start"
"""Coordinate beside the labels of periods: the moment at which each begins."""
_SEASONS: Final = {12: "djf", 3: "mam", 6: "jja", 9: "son"}
"""By their first month."""
_TROPICAL: Final = {11: "ndjfma", 5: "mjjaso"}
"""By their first month."""
_MONTHS: Final = 12
_LAST_OF_FEBRUARY: Final = 59
"""Day of the year."""


def moments_of(cube: xr.DataArray, dimension: str) -> pd.DatetimeIndex:
    """Return the labels of a temporal dimension as moments.

    Raises:
        ExecutionError: They are not moments.
    """
    import pandas as pd

    labels = cube[dimension].to_numpy()
    if labels.dtype.kind != "M":
        raise ExecutionError(
            f"the labels of {dimension!r} are no moments: {labels[:3].tolist()}.",
            remedy="Use the cube as it was before its dates were aggregated.",
        )
    return pd.DatetimeIndex(labels)


def name_with_year(moments: Iterable[datetime], period: str) -> list[str]:
    """Return for each moment the label of its period in its year, such as 2020-03 or 2020-djf.

    Raises:
        UnknownNameError: There is no such period.
    """
    return ["-".join(part for part in _parts(moment, period) if part) for moment in moments]


def name_in_year(moments: Iterable[datetime], period: str) -> list[str]:
    """Return for each moment the label of its period in any year, such as 03 or djf; years and decades keep theirs.

    Days run from 001 to 365: the 29th of February counts as the 28th.

    Raises:
        UnknownNameError: There is no such period.
    """
    named = []
    for moment in moments:
        year, label = _parts(moment, period)
        if period == "day":
            label = f"{_day_without_leap(moment):03d}"
        named.append(label.rpartition("-")[2] if period == "hour" else label or year)
    return named


def complete(moments: pd.DatetimeIndex, period: str) -> dict[str, datetime]:
    """Return all periods from the first moment to the last, those without a moment included: label and beginning.

    Raises:
        UnknownNameError: There is no such period.
    """
    import pandas as pd

    if moments.empty:
        return {}
    step = "h" if period == "hour" else "D"
    every = pd.date_range(moments.min().floor(step), moments.max(), freq=step)
    named: dict[str, datetime] = {}
    for moment, label in zip(every, name_with_year(every, period), strict=True):
        named.setdefault(label, beginning(moment, period))
    return named


def beginning(moment: datetime, period: str) -> datetime:
    """Return the first moment of the period that `moment` falls in."""
    hour = moment.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    day = hour.replace(hour=0)
    if period in ("hour", "day", "week"):
        return {"hour": hour, "day": day, "week": day - timedelta(days=day.weekday())}[period]
    if period == "dekad":
        return day.replace(day=min((day.day - 1) // 10, 2) * 10 + 1)
    year, label = _parts(moment, period)
    first = next((month for months in (_SEASONS, _TROPICAL) for month, name in months.items() if name == label), 1)
    return day.replace(year=int(year), month=day.month if period == "month" else first, day=1)


def _parts(moment: datetime, period: str) -> tuple[str, str]:
    """Return the year and the label within it; the latter is empty for years and longer."""
    year, month, day = moment.year, moment.month, moment.day
    calendar = moment.isocalendar()
    named = {
        "hour": (f"{year:04d}", f"{month:02d}-{day:02d}-{moment.hour:02d}"),
        "day": (f"{year:04d}", f"{moment.timetuple().tm_yday:03d}"),
        "week": (f"{calendar.year:04d}", f"{calendar.week:02d}"),
        "dekad": (f"{year:04d}", f"{(month - 1) * 3 + min((day - 1) // 10, 2) + 1:02d}"),
        "month": (f"{year:04d}", f"{month:02d}"),
        "season": _season(year, month, 3, _SEASONS),
        "tropical-season": _season(year, month, 6, _TROPICAL),
        "year": (f"{year:04d}", ""),
        "decade": (f"{year // 10 * 10:04d}", ""),
        "decade-ad": (f"{(year - 1) // 10 * 10 + 1:04d}", ""),
    }
    if period not in named:
        raise UnknownNameError.among("period", period, PERIODS)
    return named[period]


def _season(year: int, month: int, length: int, names: dict[int, str]) -> tuple[str, str]:
    first = next(start for start in names if (month - start) % _MONTHS < length)
    return f"{year - (first > month):04d}", names[first]


def _day_without_leap(moment: datetime) -> int:
    day = moment.timetuple().tm_yday
    leap = moment.year % 4 == 0 and (moment.year % 100 != 0 or moment.year % 400 == 0)
    return day - 1 if leap and day > _LAST_OF_FEBRUARY else day

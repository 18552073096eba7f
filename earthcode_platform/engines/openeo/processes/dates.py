"""Dates and times as texts (RFC 3339)."""

import calendar
from datetime import datetime, timedelta
from typing import Final

from earthcode_platform.engines.openeo.allowed import DateText, DateUnit
from earthcode_platform.engines.openeo.moments import parsed
from earthcode_platform.errors import ExecutionError, UnknownNameError

__all__ = ["date_between", "date_difference", "date_shift"]

_SECONDS: Final = {"millisecond": 0.001, "second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_MONTHS: Final = {"month": 1, "year": 12}
_DATE_ONLY: Final = len("2020-01-31")


def date_shift(date: DateText, value: int, unit: DateUnit) -> str:
    """Return the date moved by a number of units; a day that a month lacks becomes its last.

    Raises:
        ExecutionError: It is no date.
        UnknownNameError: There is no such unit.
    """
    moment = _moment(date)
    if unit in _MONTHS:
        months = moment.year * 12 + moment.month - 1 + value * _MONTHS[unit]
        year, month = months // 12, months % 12 + 1
        moved = moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
    elif unit in _SECONDS:
        moved = moment + timedelta(seconds=value * _SECONDS[unit])
    else:
        raise UnknownNameError.among("unit", unit, (*_SECONDS, *_MONTHS))
    if len(date) == _DATE_ONLY:
        return moved.date().isoformat()
    text = moved.isoformat(timespec="milliseconds" if moved.microsecond else "seconds")
    return text.replace("+00:00", "Z") if date.endswith("Z") else text


def date_difference(date1: DateText, date2: DateText, unit: DateUnit = "second") -> float:
    """Return how many units `date2` lies after `date1`; months and years count as whole ones and a part by days.

    Raises:
        ExecutionError: One is no date.
        UnknownNameError: There is no such unit.
    """
    seconds = float((parsed(date2) - parsed(date1)).astype("int64")) / 1e9
    if unit in _SECONDS:
        return seconds / _SECONDS[unit]
    if unit not in _MONTHS:
        raise UnknownNameError.among("unit", unit, (*_SECONDS, *_MONTHS))
    return (_months(date2) - _months(date1)) / _MONTHS[unit]


def date_between(x: DateText, min_: DateText, max_: DateText, *, exclude_max: bool = False) -> bool:
    """Tell whether a date lies between two others; the later belongs to them, unless it is excluded.

    Raises:
        ExecutionError: One is no date.
    """
    moment, start, end = parsed(x), parsed(min_), parsed(max_)
    return bool(start <= moment and (moment < end if exclude_max else moment <= end))


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ExecutionError(f"{text!r} is no date.", remedy="Write 2020-01-31 or 2020-01-31T12:00:00Z.") from None


def _months(text: str) -> float:
    moment = _moment(text)
    days = calendar.monthrange(moment.year, moment.month)[1]
    seconds = (moment - moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)).total_seconds()
    return moment.year * 12 + moment.month - 1 + seconds / (days * 86400)

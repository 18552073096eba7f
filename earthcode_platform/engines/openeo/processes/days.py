"""Parts of dates."""

import calendar
from datetime import datetime
from typing import Final, Literal

from earthcode_platform.engines.openeo.allowed import DateText
from earthcode_platform.errors import ExecutionError

__all__ = ["date_replace_component"]

_DATE_ONLY: Final = len("2020-01-31")


def date_replace_component(
    date: DateText,
    value: int,
    component: Literal["year", "month", "day", "hour", "minute", "second", "millisecond"] = "day",
) -> str:
    """Return the date with one of its components replaced; a day that a month lacks becomes its last.

    Raises:
        ExecutionError: It is no date, or there is no such year, month, day, hour and so on.
    """
    try:
        moment = datetime.fromisoformat(date)
        if component == "day":
            moved = moment.replace(day=min(value, calendar.monthrange(moment.year, moment.month)[1]))
        elif component in ("year", "month"):
            year, month = (value, moment.month) if component == "year" else (moment.year, value)
            last = calendar.monthrange(year, month)[1]
            moved = moment.replace(year=year, month=month, day=min(moment.day, last))
        elif component == "millisecond":
            moved = moment.replace(microsecond=value * 1000)
        else:
            moved = moment.replace(**{component: value})  # type: ignore[arg-type]  # hour, minute or second
    except ValueError as error:
        raise ExecutionError(
            f"{date!r} cannot have the {component} {value}: {error}.", remedy="Choose a value that the calendar has."
        ) from None
    if len(date) == _DATE_ONLY:
        return moved.date().isoformat()
    return moved.isoformat(timespec="milliseconds" if moved.microsecond else "seconds").replace("+00:00", "Z")

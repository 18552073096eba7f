"""Numbers, sizes and moments as a reader likes them."""

from datetime import datetime
from typing import Final

__all__ = ["NOTHING", "counted", "long_time", "moment", "number", "size"]

NOTHING: Final = "\N{EN DASH}"
"""What stands where there is no value."""

_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")
_STEP: Final = 1000
_MINUTE: Final = 60
_HOUR: Final = 3600


def number(value: float | None) -> str:
    """Return a number with six digits that matter; a dash for None."""
    return NOTHING if value is None else f"{value:.6g}"


def size(count: int | None) -> str:
    """Return bytes in the unit that fits (powers of 1000, as disks are sold)."""
    if count is None:
        return NOTHING
    held, unit = float(count), 0
    while held >= _STEP and unit + 1 < len(_UNITS):
        held, unit = held / _STEP, unit + 1
    return f"{held:.3g} {_UNITS[unit]}" if unit else f"{count} bytes"


def moment(value: datetime | None) -> str:
    """Return a moment in UTC, to the second."""
    return NOTHING if value is None else f"{value:%Y-%m-%d %H:%M:%S} UTC"


def long_time(seconds: float) -> str:
    """Return a span of time: seconds below a minute, then minutes, then hours."""
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 file`, `2 files`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"

"""Moments in process graphs: RFC 3339 texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from earthcode_platform.errors import ExecutionError

__all__ = ["parsed"]

_MIDNIGHT: Final = re.compile(
    r"^(?P<day>\d{4}-\d{2}-\d{2})[Tt]24(?P<rest>:00(?::00(?:\.0+)?)?(?:[Zz]|[+-]\d{2}:\d{2})?)$"
)


def parsed(text: str) -> np.datetime64:
    """Return the moment that an RFC 3339 date or time stands for, in UTC.

    The hour 24 is the beginning of the next day: openEO allows it at the ends of intervals.

    Raises:
        ExecutionError: It is none.
    """
    try:
        whole = _MIDNIGHT.sub(r"\g<day>T00\g<rest>", text)
        moment = datetime.fromisoformat(whole) + timedelta(days=whole != text)
    except (ValueError, TypeError):
        raise ExecutionError(
            f"{text!r} is no date or time.", remedy="Write 2020-01-31 or 2020-01-31T12:00:00Z."
        ) from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(moment, "ns")

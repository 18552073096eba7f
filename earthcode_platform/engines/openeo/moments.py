"""Moments in process graphs: RFC 3339 texts."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from earthcode_platform.errors import ExecutionError

__all__ = ["parsed"]


def parsed(text: str) -> np.datetime64:
    """Return the moment that an RFC 3339 date or time stands for, in UTC.

    Raises:
        ExecutionError: It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise ExecutionError(
            f"{text!r} is no date or time.", remedy="Write 2020-01-31 or 2020-01-31T12:00:00Z."
        ) from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(moment, "ns")

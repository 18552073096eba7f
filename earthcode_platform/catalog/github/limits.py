"""How long to wait before a request is sent again.

Source: GitHub's REST API documentation, "Rate limits for the REST API" and "Best practices for using the REST API".
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["delay"]

_LONGEST_STEP: Final = 32.0
_UNSAID: Final = 60.0
"""Seconds to wait after a secondary limit that does not say how long."""
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_BROKEN: Final = 500
_LIMIT_SIGNS: Final = ("rate limit", "abuse detection")


def delay(status: int, headers: Mapping[str, str], said: str, attempt: int, now: float) -> float | None:
    """Return the seconds to wait before the next try, None if another try would not help.

    Args:
        status: Status of the answer; 0 if none came.
        headers: Its headers, names in small letters.
        said: Its message.
        attempt: How many tries there were before it.
        now: Seconds since 1970.
    """
    if status == _FORBIDDEN and not _is_limit(headers, said):
        return None
    if status in (_FORBIDDEN, _TOO_MANY):
        return _until(headers, now)
    if status == 0 or status >= _BROKEN:
        return max(_whole(headers, "retry-after") or 0.0, min(2.0**attempt, _LONGEST_STEP))
    return None


def _is_limit(headers: Mapping[str, str], said: str) -> bool:
    return (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or any(sign in said.lower() for sign in _LIMIT_SIGNS)
    )


def _until(headers: Mapping[str, str], now: float) -> float:
    after = _whole(headers, "retry-after")
    if after is not None:
        return max(after, 1.0)
    reset = _whole(headers, "x-ratelimit-reset") if headers.get("x-ratelimit-remaining") == "0" else None
    # It says the second in which it ends, not when in it.
    return _UNSAID if reset is None else max(reset - now, 0.0) + 1.0


def _whole(headers: Mapping[str, str], name: str) -> float | None:
    value = headers.get(name, "")
    return float(value) if value.isascii() and value.isdigit() else None

"""Another try for what may have been the network's fault."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from earthcode_platform.errors import EarthCodeError

__all__ = ["tried"]

_TRIES: Final = 3
_FIRST: Final = 1.0
_Result = TypeVar("_Result")


def tried(attempt: Callable[[], _Result], passing: tuple[type[EarthCodeError], ...], longest: float = 30.0) -> _Result:
    """Return what `attempt` returns, at the third try at the latest.

    Args:
        attempt: What is tried; it leaves nothing behind when it fails.
        passing: Errors after which another try may succeed; that of the last try is raised.
        longest: Most seconds between two tries; at first one, then twice as many each time.
    """
    wait = _FIRST
    for _ in range(_TRIES - 1):
        try:
            return attempt()
        except passing:
            time.sleep(min(wait, longest))
            wait *= 2
    return attempt()

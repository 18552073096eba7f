"""How long a call takes, and how much memory it needs, its programs included."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

import psutil

from earthcode_platform.models.development import Measured
from earthcode_platform.provenance.costs import looking

__all__ = ["measured", "memory_used"]

_LOOK: Final = 0.05
"""Seconds between two looks at the memory."""

_Result = TypeVar("_Result")


def measured(share: float, call: Callable[[], _Result], before: int) -> tuple[_Result, Measured]:
    """Return what `call` returns, with what it took.

    Memory is the resident size of this process and of all below it, looked at twenty times a second; pages that
    programs share count once for each of them.

    Args:
        share: Part of the inputs that it works on.
        call: What is measured.
        before: Bytes of memory that do not count (`memory_used` before the first of several calls).
    """
    peak = 0

    def look() -> None:
        nonlocal peak
        peak = max(peak, memory_used())

    began = time.perf_counter()
    with looking(look, _LOOK):
        result = call()
        seconds = time.perf_counter() - began
    return result, Measured(share=share, seconds=seconds, memory_bytes=max(0, peak - before))


def memory_used() -> int:
    """Return the bytes of memory that this process and all below it hold (resident size)."""
    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            # It ended in between.
            continue
    return total

"""What a run takes of the machine: processor seconds and memory, as the system counts them."""

from __future__ import annotations

import os
import resource
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from earthcode_platform.models.run import RunCosts

__all__ = ["Meter", "looking"]

_KIB: Final = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of `ru_maxrss` (getrusage(2): kilobytes on Linux, bytes on macOS)."""
_COUNTED: Final = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


class Meter:
    """Counts from the moment it is made. Threads of this process count; workers of a cluster elsewhere do not."""

    def __init__(self) -> None:
        self._begun = _cpu_seconds()

    def read(self) -> RunCosts:
        """Return what was used since then; memory is the most since the process began."""
        return RunCosts(
            cpu_seconds=round(_cpu_seconds() - self._begun, 3),
            peak_bytes=max(resource.getrusage(who).ru_maxrss for who in _COUNTED) * _KIB,
            processors=os.cpu_count() or 1,
        )


@contextmanager
def looking(look: Callable[[], None], every: float) -> Iterator[None]:
    """Look at something, in a thread of its own, when the context opens, every few seconds, and when it closes.

    Args:
        look: Looks.
        every: Seconds between two looks.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(every):
            look()

    look()
    watcher = threading.Thread(target=watch, name="memory", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        look()


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in _COUNTED]
    return sum(one.ru_utime + one.ru_stime for one in used)

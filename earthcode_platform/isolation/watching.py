"""How much the processes of a command use together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psutil

if TYPE_CHECKING:
    from earthcode_platform.isolation.limits import Limits

__all__ = ["Usage", "usage_of"]


class Usage(NamedTuple):
    """What all processes of a command use at one moment."""

    memory_bytes: int
    """Resident memory; pages that several share are counted once if the sum came near the limit."""
    tasks: int
    """Processes and threads."""


def usage_of(root: int, limits: Limits) -> Usage:
    """Return what the processes below the one with the id `root` use.

    Resident sizes are cheap to read but count shared pages once for every process; only where their sum is over the
    limit are the proportional sizes read, which cost a walk through the page tables (proc(5), smaps_rollup).
    """
    try:
        below = psutil.Process(root).children(recursive=True)
    except psutil.NoSuchProcess:
        return Usage(0, 0)
    memory = sum(_resident(process) for process in below)
    if memory > limits.memory_bytes:
        memory = sum(_proportional(process) for process in below)
    return Usage(memory, sum(_threads(process) for process in below))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):
        return _resident(process)


def _threads(process: psutil.Process) -> int:
    try:
        return int(process.num_threads())
    except psutil.Error:
        return 0

"""What a platform allows packages: its programs, its cores and memory, and the time that they may take."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from earthcode_platform.engines.cwl.orders import ToolLimits
from earthcode_platform.engines.cwl.runtimes import RUNTIMES
from earthcode_platform.isolation.limits import Isolation

__all__ = ["Settings"]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    return int(psutil.virtual_memory().total // 2**20 * 3 // 4)


@dataclass(frozen=True)
class Settings:
    """What a platform allows packages."""

    cores: int = field(default_factory=_cores)
    """Cores that the tools of a run share."""
    memory_mib: int = field(default_factory=_memory)
    """Memory that the tools of a run share; three quarters of the machine's by default."""
    processes: int = 512
    """Processes and threads of a run."""
    seconds: float = 6 * 3600
    """Wall-clock time of a run."""
    tool: ToolLimits = field(default_factory=lambda: ToolLimits(seconds=3600, memory_mib=_memory()))
    """What one tool may use at most."""
    containers: tuple[str, ...] = RUNTIMES
    """Programs that may run containers, in the order of preference; empty for none."""
    without_images: bool = False
    """Whether tools that require an image, and not only name one, run without it where it cannot be had: with software
    of the platform, which then is its operator's to keep."""
    pull: bool = False
    """Whether images that are not here are fetched."""
    network: bool = True
    """Whether tools that ask for the network (CWL, NetworkAccess) get it; others never do."""
    least: Isolation = Isolation.NAMESPACES
    """How far tools without a container must be kept from everything else."""
    schemas: tuple[Path, ...] = ()
    """Folders with documents of the web that packages import, as `<host>/<path>`; nothing is fetched."""

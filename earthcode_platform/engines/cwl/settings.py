"""What a platform allows packages: its programs, its cores and memory, and the time that they may take."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
from pydantic import Field

from earthcode_platform.engines.cwl.orders import ToolLimits
from earthcode_platform.engines.cwl.runtimes import RUNTIMES
from earthcode_platform.isolation.limits import Isolation, Limits
from earthcode_platform.models.frozen import Frozen

__all__ = ["Settings"]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    return int(psutil.virtual_memory().total // 2**20 * 3 // 4)


class Settings(Frozen):
    """What a platform allows packages."""

    cores: int = Field(default_factory=_cores, gt=0)
    """Cores that the tools of a run share."""
    memory_mib: int = Field(default_factory=_memory, gt=0)
    """Memory that the tools of a run share; three quarters of the machine's by default."""
    processes: int = 512
    """Processes and threads of a run."""
    seconds: float = 6 * 3600
    """Wall-clock time of a run."""
    tool: ToolLimits = Field(default_factory=lambda: ToolLimits(seconds=3600, memory_mib=_memory()))
    """What one tool may use at most."""
    containers: tuple[str, ...] = RUNTIMES
    """Programs that may run containers, in the order of preference; empty for none."""
    without_images: bool = False
    """Whether tools that require an image, and not only name one, run without it where it cannot be had: with software
    of the platform, which then is its operator's to keep (CWL v1.2, requirements: "unless overridden at user option").
    The check warns of each, and the run says which images were not used."""
    pull: bool = False
    """Whether images that are not here are fetched."""
    network: bool = True
    """Whether tools that ask for the network (CWL, NetworkAccess) get it; others never do."""
    least: Isolation = Isolation.NAMESPACES
    """How far tools without a container must be kept from everything else."""
    schemas: tuple[Path, ...] = ()
    """Folders with documents of the web that packages import, as `<host>/<path>`."""
    fetched: Path | None = None
    """Folder into which such documents are fetched that no folder holds; nothing is fetched if None."""

    def within(self, limits: Limits | None, least: Isolation | None) -> Settings:
        """Return the settings with what a platform allows the programs of every language: the less of both."""
        changes: dict[str, object] = {} if least is None else {"least": least}
        if limits is not None:
            memory = min(self.memory_mib, int(limits.memory_bytes // 2**20))
            seconds = min(self.seconds, limits.seconds)
            tool = ToolLimits(seconds=min(self.tool.seconds, seconds), memory_mib=min(self.tool.memory_mib, memory))
            processes = min(self.processes, limits.processes)
            changes |= {"seconds": seconds, "memory_mib": memory, "processes": processes, "tool": tool}
        return self.model_copy(update=changes)

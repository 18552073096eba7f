"""What a command may use, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from earthcode_platform.errors import InputError

__all__ = ["Ended", "EndedBy", "Isolation", "Limits"]

_GIB: Final = 1024**3


class Isolation(StrEnum):
    """How far a command is kept from everything else."""

    NAMESPACES = "namespaces"
    """It sees nothing but what is named, has no network, and nothing of it survives its end."""
    PROCESS = "process"
    """It is a process with an empty environment and limits, but sees the files and the network of the platform."""


class EndedBy(StrEnum):
    """What ended a command."""

    EXIT = "exit"
    """Itself."""
    SIGNAL = "signal"
    """A signal that the platform did not send: a crash, or a limit of the kernel."""
    TIME = "time"
    """The platform: it took longer than it may."""
    MEMORY = "memory"
    """The platform: it used more memory than it may."""
    PROCESSES = "processes"
    """The platform: it had more processes and threads than it may."""
    CANCEL = "cancel"
    """Whoever asked for it."""


@dataclass(frozen=True)
class Limits:
    """What one command and all that comes of it may use together.

    Raises:
        InputError: A limit is not above 0.
    """

    seconds: float = 3600
    """Wall-clock time."""
    memory_bytes: int = 4 * _GIB
    """Resident memory of all processes, shared pages counted once."""
    processes: int = 256
    """Processes and threads at a time."""
    open_files: int = 1024
    """Open files of each process."""
    file_bytes: int = 64 * _GIB
    """Size of each file written."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise InputError(
                    f"the limit {field.name} is {value!r}.", where="limits", remedy="Give a number above 0."
                )


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    """Its exit code; 128 plus the signal's number if a signal ended it."""
    seconds: float
    """Wall-clock time it took."""
    peak_memory_bytes: int
    """The most memory that its processes were seen to use together."""
    output_tail: str
    """The last of what it wrote to its standard output and error output."""
    ended_by: EndedBy
    """What ended it."""
    isolation: Isolation
    """How far it was kept from everything else."""

    @property
    def well(self) -> bool:
        """Whether it ended by itself with the exit code 0."""
        return self.ended_by is EndedBy.EXIT and self.code == 0

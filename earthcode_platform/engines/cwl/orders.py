"""What a run is told: the order that the platform writes and the conductor reads, as JSON."""

from __future__ import annotations

from pydantic import Field, JsonValue

from earthcode_platform.models.frozen import Frozen

__all__ = ["EVENT", "Order", "ToolLimits"]

EVENT = "\x1eCWL "
"""How a line of the conductor begins that is no output of a tool."""


class ToolLimits(Frozen):
    """What one tool may use."""

    seconds: float = Field(default=3600, gt=0)
    """Wall-clock time."""
    memory_mib: int = Field(default=4096, gt=0)
    """Resident memory of all its processes."""


class Order(Frozen):
    """One run of a package."""

    entry: str
    """Absolute path of the staged document, with `#fragment` if it holds several processes."""
    folder: str
    """Folder of the staged workflow."""
    schemas: tuple[str, ...] = ()
    """Further folders with documents of the web."""
    values: dict[str, JsonValue]
    """The job order: a value for each input of the process."""
    outputs: str
    """Folder for what it hands back."""
    scratch: str
    """Folder for everything else."""
    logs: str
    """Folder for what the tools print."""
    cores: int
    """Cores that tools share."""
    memory_mib: int
    """Memory that tools share: those that ask for more than is free wait."""
    tool: ToolLimits
    """What one tool may use at most."""
    socket: str = ""
    """Where the platform takes containers' orders (`broker`); empty if no tool runs in a container."""
    images: dict[str, str] = Field(default={})
    """Images that are here, by the name that tools give them, with their digest."""
    visible: tuple[str, ...] = ()
    """Folders that containers see at the place they have here: inputs that a workflow takes by their address."""
    readable: tuple[str, ...] = ()
    """Further folders that results may lie in: inputs that a tool hands on."""
    without_images: bool = False
    """Whether tools run without the image that they require, where it is not here."""
    development: bool = False
    """Whether unreleased versions of CWL are read too."""

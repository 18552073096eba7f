"""What the engine asks of the process that runs a notebook, and what that tells back, each as one JSON file."""

from __future__ import annotations

from pydantic import Field, JsonValue

from earthcode_platform.models.frozen import Frozen

__all__ = ["Failure", "Job", "Outcome", "Scrap", "Step"]


class Job(Frozen):
    """A notebook to run. Paths are relative to the folder in which the process starts."""

    notebook: str
    """The notebook."""
    parameters: dict[str, JsonValue]
    """What is injected below its parameters cell."""
    title: str
    """Title of its page."""
    cell_seconds: int
    """Seconds that one cell may take."""
    hidden: dict[str, str] = Field(default={})
    """Folders of this machine, with what is written in their place."""
    transport: str = "ipc"
    """How to talk with the kernel: `ipc` (sockets in the file system) or `tcp` (on 127.0.0.1)."""


class Step(Frozen):
    """A cell that begins, as one line of the process's output."""

    cell: int
    """Its number, from 1."""
    of: int
    """How many cells there are."""
    heading: str
    """The heading that it stands under."""


class Failure(Frozen):
    """The cell that failed."""

    cell: int
    """Its number, from 1; 0 if no cell was running."""
    heading: str
    """The heading that it stands under."""
    source: str
    """The lines of it around the one that failed."""
    name: str
    """Class of the error."""
    value: str
    """What the error says."""
    traceback: str
    """The last of its traceback, without colours."""


class Scrap(Frozen):
    """Something that a cell displayed under a name."""

    name: str
    """Its name."""
    value: JsonValue = None
    """Its value, if it is one."""
    figure: str = ""
    """Its PNG in base64, if it is a figure."""


class Outcome(Frozen):
    """How a notebook ended."""

    failure: Failure | None = None
    """What failed; None if every cell ran."""
    scraps: tuple[Scrap, ...] = ()
    """What was displayed under a name, the last of each."""
    kernel: dict[str, str] = Field(default={})
    """Implementation and versions of the kernel that ran it."""

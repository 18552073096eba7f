"""What a notebook says of itself in its metadata, under the key `earthcode`."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, PositiveInt

from earthcode_platform.models.frozen import Frozen, Text

__all__ = ["Declared", "Output"]


def _inside(path: str) -> str:
    if path.startswith("/") or "\\" in path or ".." in PurePosixPath(path).parts:
        raise ValueError("it must name a file in the output folder, with forward slashes")
    return path


class Output(Frozen):
    """One file that the notebook produces."""

    name: Text
    """Its name, by which figures and scraps refer to it."""
    file: Annotated[Text, AfterValidator(_inside)]
    """Its file (or Zarr store) in the output folder."""
    title: Text | None = None
    """What it shows; the product's title if left out."""


class Declared(Frozen):
    """The content of `metadata.earthcode`. All of it may be left out."""

    outputs: tuple[Output, ...] = ()
    """What it produces, the product's first file first; every file in the output folder if left out."""
    quicklook: Text | None = None
    """Name of the figure that shows the product; drawn from the first file if left out."""
    requirements: tuple[Text, ...] = ()
    """Packages that it needs, as in a requirements.txt (PEP 508)."""
    network: bool = False
    """Whether it reaches the network; without, nothing but its inputs."""
    seconds: PositiveInt | None = None
    """Seconds that it needs at most; the platform may allow less."""
    cell_seconds: PositiveInt | None = None
    """Seconds that one of its cells needs at most."""
    memory_mib: PositiveInt | None = None
    """MiB of memory that it needs at most."""

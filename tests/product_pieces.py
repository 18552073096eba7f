"""Products that tests break, and what the product gate finds in them."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from earthcode_platform import checksums
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.run import ProducedFile

__all__ = ["CUBES", "ELSEWHERE", "GROUND", "MOMENT", "Breaks", "Look", "copied", "cut", "emptied", "recorded"]

CUBES = (ProductFormat.COG, ProductFormat.NETCDF, ProductFormat.ZARR)
"""The formats that hold pixels."""
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
GROUND = (14.9, 44.9, 15.3, 45.3)
"""Degrees around `cube_factories.ORIGIN`."""
ELSEWHERE = (100.0, 10.0, 101.0, 11.0)
Look = Callable[..., list[Finding]]
"""Takes a product, and where its inputs lie; returns what the gate finds."""
Breaks = list[tuple[Callable[[Path], None], str]]
"""Ways to break a file, each with the code of what is found."""


def copied(produced: ProducedFile, folder: Path) -> ProducedFile:
    """Copy the file into a folder, and return the description of the copy."""
    path = Path(produced.path)
    target = folder / path.name
    shutil.copytree(path, target) if path.is_dir() else shutil.copyfile(path, target)
    return produced.model_copy(update={"path": str(target)})


def recorded(produced: ProducedFile) -> ProducedFile:
    """Return the description with the checksums that the file has now: only what is wrong in it is left to be found."""
    path = Path(produced.path)
    return produced.model_copy(update={"checksum": checksums.of_path(path), "data_checksum": data_checksum(path)})


def cut(path: Path) -> None:
    """Take the last third away."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def emptied(path: Path) -> None:
    """Take every byte away."""
    path.write_bytes(b"")

"""What a produced file holds: grid, box, statistics and the checksum of its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform import checksums
from earthcode_platform.cubes.extent import lonlat_bbox
from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.cubes.window import span
from earthcode_platform.cubes.write import band_units, band_values
from earthcode_platform.models.run import ProducedFile

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import xarray as xr

__all__ = ["describe", "described", "statistics"]


def describe(path: Path, title: str, media_type: str, start: datetime, end: datetime) -> ProducedFile:
    """Return the description of a file that `write` made, read from the file itself.

    Args:
        path: The file, or Zarr store.
        title: What it shows.
        media_type: Its media type.
        start: First moment of its data, where it has no dates itself.
        end: Last moment of its data, where it has no dates itself.

    Raises:
        InputError: It cannot be read.
    """
    return described(reopen(path), path, title, media_type, (start, end))


def described(
    cube: xr.DataArray, path: Path, title: str, media_type: str, dates: tuple[datetime, datetime]
) -> ProducedFile:
    """Return the description of a file that was read as `cube`.

    Args:
        cube: What the file holds, in memory.
        path: The file, or Zarr store.
        title: What it shows.
        media_type: Its media type.
        dates: First and last moment of its data, where it has no dates itself.

    Raises:
        InputError: It cannot be read.
    """
    grid = grid_of(cube)
    first, last = span(cube) or dates
    return ProducedFile(
        path=str(path.absolute()),
        title=title,
        media_type=media_type,
        bands=band_values(cube),
        units=tuple(unit or None for unit in band_units(cube)),
        grid=grid,
        bbox=lonlat_bbox(grid.crs, grid.bbox),
        start=first,
        end=last,
        checksum=checksums.of_path(path),
        data_checksum=data_checksum(path),
        statistics=statistics(cube),
    )


def statistics(cube: xr.DataArray) -> dict[str, float]:
    """Return minimum, maximum, mean, stddev and valid_percent of a cube (STAC 1.1, statistics object).

    No-data is left out; a cube without any valid number has valid_percent alone.
    """
    valid = cube.values[np.isfinite(cube.values)].astype("float64")
    percent = 100.0 * valid.size / max(1, cube.size)
    if not valid.size:
        return {"valid_percent": percent}
    return {
        "minimum": float(valid.min()),
        "maximum": float(valid.max()),
        "mean": float(valid.mean()),
        "stddev": float(valid.std()),
        "valid_percent": percent,
    }

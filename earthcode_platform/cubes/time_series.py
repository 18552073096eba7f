"""How a product with dates runs over time: the mean over its area, date by date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.axes import axis_of
from earthcode_platform.cubes.chart import draw_chart
from earthcode_platform.cubes.crs import is_geographic
from earthcode_platform.cubes.dimensions import BANDS, TIME, UNITS, X, Y
from earthcode_platform.cubes.gridded import open_gridded

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.models.run import ProducedFile

__all__ = ["area_means", "draw_time_series"]

_VALUES = 1 << 21
"""Values of one date that are in memory at a time."""


def draw_time_series(produced: ProducedFile, path: Path) -> bool:
    """Draw the mean over the area for each date and band as a PNG (`draw_chart`); return whether there is one to draw.

    Args:
        produced: A file of the product; only one with at least two dates and a grid has a series.
        path: The file to make or replace.

    Raises:
        InputError: The file cannot be read.
    """
    series = area_means(produced)
    if series is None:
        return False
    draw_chart(series, path, f"{produced.title}: mean over the area")
    return True


def area_means(produced: ProducedFile) -> xr.DataArray | None:
    """Return the mean of the valid pixels of each date (t, bands); None for a product without dates or without a grid.

    In degrees, pixels weigh as the cosine of their latitude, which is as their area. Read by date and by rows.

    Raises:
        InputError: The file cannot be read.
    """
    import xarray as xr

    form = container(produced.path, None)
    if form not in (Container.NETCDF, Container.ZARR) or produced.grid is None:
        return None
    with open_gridded(produced.path, form) as opened:
        variables = [opened[name] for name in produced.bands if name in opened.data_vars]
        axes = {axis_of(str(dim), opened.coords.get(dim)): str(dim) for one in variables for dim in one.dims}
        if not {TIME, X, Y} <= axes.keys() or opened.sizes[axes[TIME]] < 2:  # noqa: PLR2004 - a line has two ends
            return None
        dates = opened[axes[TIME]].values
        latitudes = opened[axes[Y]].values if is_geographic(produced.grid.crs) else None
        values = np.array([_means(one, axes, latitudes) for one in variables])
        names = [str(one.name) for one in variables]
        units = [str(one.attrs.get("units", "")) for one in variables]
    coords = {TIME: dates, BANDS: names, UNITS: (BANDS, np.array(units, dtype=object))}
    return xr.DataArray(values.T, dims=(TIME, BANDS), coords=coords)


def _means(
    variable: xr.DataArray, axes: dict[str | None, str], latitudes: NDArray[np.floating] | None
) -> NDArray[np.float64]:
    """Return one mean a date; NaN where a date has no valid pixel."""
    ordered = variable.transpose(axes[TIME], axes[Y], axes[X])
    dates, rows, columns = ordered.shape
    weights = np.ones(rows) if latitudes is None else np.cos(np.radians(latitudes.astype("float64")))
    step = max(1, _VALUES // max(1, columns))
    totals, shares = np.zeros(dates), np.zeros(dates)
    for date in range(dates):
        for row in range(0, rows, step):
            block = ordered.isel({axes[TIME]: date, axes[Y]: slice(row, row + step)}).values.astype("float64")
            weight = weights[row : row + step, np.newaxis] * np.isfinite(block)
            totals[date] += np.sum(np.where(weight > 0, block, 0.0) * weight)
            shares[date] += weight.sum()
    return np.where(shares > 0, totals / np.where(shares > 0, shares, 1.0), np.nan)

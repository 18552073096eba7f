"""Climatological normals, and deviations from them."""

from collections.abc import Sequence
from typing import Annotated, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.dimensions import ordered
from earthcode_platform.engines.openeo import kernels
from earthcode_platform.engines.openeo.allowed import AnomalyPeriod, NormalPeriod
from earthcode_platform.engines.openeo.along import Cube
from earthcode_platform.engines.openeo.periods import moments_of, name_in_year, name_with_year
from earthcode_platform.engines.openeo.processes.arithmetic import subtract
from earthcode_platform.engines.openeo.shapes import require_cube, temporal_dimension
from earthcode_platform.errors import ExecutionError, UnknownNameError

__all__ = ["anomaly", "climatological_normal"]

_WHOLE: Final = "climatology-period"
_NORMALS: Final = ("day", "month", _WHOLE, "season", "tropical-season")


def _years(period: Sequence[int | str]) -> tuple[int, int]:
    ends = list(period) if not isinstance(period, str) else []
    if len(ends) != 2 or not all(str(end)[:4].isdigit() for end in ends):  # noqa: PLR2004 - first and last year
        raise ExecutionError(
            f"{period!r} is no pair of years.", remedy="Give the first and the last year: [1991, 2020]."
        )
    first, last = (int(str(end)[:4]) for end in ends)
    if first > last:
        raise ExecutionError(f"the climatology period begins in {first}, after its end in {last}.", remedy="Swap them.")
    return first, last


Years = Annotated[Sequence[int | str], _years]
"""The first and the last year of a climatology."""


def climatological_normal(data: Cube, period: NormalPeriod, climatology_period: Years = (1981, 2010)) -> Cube:
    """Return the mean of each calendar period over the years given, the first and the last included.

    A year of which the data hold only a part counts with what is there; a year without any date is an error.
    Seasons over New Year count with the year they begin in only if they are complete in the years given; the one that
    began before the first year counts if the data hold its months.

    Args:
        data: A cube with one temporal dimension.
        period: day, month, season, tropical-season or climatology-period.
        climatology_period: First and last year.

    Raises:
        ExecutionError: The data miss one of the years.
        UnknownNameError: There is no such period.
    """
    cube = require_cube(data)
    if period not in _NORMALS:
        raise UnknownNameError.among("period of a climatological normal", period, _NORMALS)
    name = temporal_dimension(cube)
    moments = moments_of(cube, name)
    first, last = _years(climatology_period)
    missing = sorted(set(range(first, last + 1)) - set(moments.year))
    if missing:
        raise ExecutionError(
            f"the data have no dates in {', '.join(map(str, missing[:5]))}{' …' if missing[5:] else ''}, "
            f"but the climatology period is {first} to {last}.",
            remedy="Choose a period that the data cover (climatology_period).",
        )
    if period == _WHOLE:
        keys = np.array([_WHOLE] * len(moments))
        inside = np.asarray((moments.year >= first) & (moments.year <= last))
    else:
        keys = np.array(name_in_year(moments, period))
        inside = _inside(np.array(name_with_year(moments, period)), moments, first, last)
    labels = sorted(set(keys[inside]), key=_rank)
    parts = [_mean(cube.isel({name: np.flatnonzero(inside & (keys == label))}), name) for label in labels]
    normals = xr.concat(parts, dim=name, coords="minimal", compat="override", join="exact")
    return ordered(normals.assign_coords({name: labels}))


def _inside(names: NDArray[np.str_], moments: pd.DatetimeIndex, first: int, last: int) -> NDArray[np.bool_]:
    """Return which dates count: those of the years given, and of seasons over New Year only whole ones."""
    years, months = moments.year.to_numpy(), moments.month.to_numpy()
    inside: NDArray[np.bool_] = (years >= first) & (years <= last)
    for season, required in (("djf", {12}), ("ndjfma", {11, 12})):
        begun_before = names == f"{first - 1}-{season}"
        inside[begun_before] = required <= set(months[begun_before & (years < first)].tolist())
        inside[names == f"{last}-{season}"] = False
    return inside


def _rank(label: str) -> tuple[int, str]:
    order = ("djf", "mam", "jja", "son", "ndjfma", "mjjaso")
    return (order.index(label) if label in order else -1, label)


def _mean(cube: xr.DataArray, name: str) -> xr.DataArray:
    return blockwise(kernels.mean, cube, dtype="float64", over=name)


def anomaly(data: Cube, normals: Cube, period: AnomalyPeriod) -> Cube:
    """Return each date less the normal of its period.

    Dates may be moments, or the labels that `aggregate_temporal_period` gives.

    Args:
        data: A cube with one temporal dimension.
        normals: Normals as `climatological_normal` computes them.
        period: The period of the normals: hour, day, week, dekad, month, season, tropical-season, year, decade,
            decade-ad, climatology-period or single-period.

    Raises:
        ExecutionError: A normal is missing.
        UnknownNameError: There is no such period.
    """
    cube, base = require_cube(data), require_cube(normals)
    name = temporal_dimension(cube)
    along = temporal_dimension(base)
    known = [str(label) for label in base[along].to_numpy()]
    wanted = _periods(cube, name, period, known)
    missing = sorted(set(wanted) - set(known))
    if missing:
        raise ExecutionError(
            f"there is no normal for the {period} {', '.join(missing[:5])}; there are {', '.join(known[:12])}.",
            remedy="Compute the normals by the same period, from years that hold all of them.",
        )
    chosen = base.isel({along: [known.index(label) for label in wanted]})
    chosen = chosen.drop_vars(along).rename({along: name} if along != name else {})
    matched = chosen.assign_coords({name: cube[name]}).drop_vars(["time_start", "time_end"], errors="ignore")
    return ordered(require_cube(subtract(cube, matched)))


def _periods(cube: xr.DataArray, name: str, period: str, known: Sequence[str]) -> list[str]:
    if period in (_WHOLE, "single-period"):
        if len(known) != 1:
            raise ExecutionError(f"{period} needs normals with one label, not {len(known)}.")
        return [known[0]] * cube.sizes[name]
    labels = cube[name].to_numpy()
    if labels.dtype.kind == "M":
        return name_in_year(moments_of(cube, name), period)
    texts = [str(label) for label in labels]
    yearly = period in ("year", "decade", "decade-ad")
    return [text if yearly else text.rpartition("-")[2] for text in texts]

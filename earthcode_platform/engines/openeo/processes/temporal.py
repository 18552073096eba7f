"""Aggregation over time."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.cubes.dimensions import ordered, with_span
from earthcode_platform.engines.openeo.allowed import DailyInterval, Period
from earthcode_platform.engines.openeo.along import Along, Cube, Value, filled_like
from earthcode_platform.engines.openeo.callbacks import Callback, Reducer
from earthcode_platform.engines.openeo.extents import interval, is_daily, seconds_of
from earthcode_platform.engines.openeo.moments import parsed
from earthcode_platform.engines.openeo.periods import PERIOD_START, complete, moments_of, name_with_year
from earthcode_platform.engines.openeo.shapes import as_cube, require_cube, temporal_dimension, typed
from earthcode_platform.errors import ExecutionError

__all__ = ["aggregate_temporal", "aggregate_temporal_period"]


def aggregate_temporal_period(
    data: Cube, period: Period, reducer: Reducer, dimension: str | None = None, context: Value = None
) -> Cube:
    """Return one value for each calendar period from the first date to the last; an empty period has no data.

    Raises:
        ExecutionError: There is no temporal dimension, or its labels are no moments.
        UnknownNameError: There is no such period.
    """
    cube = require_cube(data)
    name = temporal_dimension(cube, dimension)
    moments = moments_of(cube, name)
    labels = np.array(name_with_year(moments, period))
    wanted = complete(moments, period)
    groups = [np.flatnonzero(labels == label) for label in wanted]
    result = _aggregated(cube, name, groups, list(wanted), reducer, context)
    begins = np.array([begin.isoformat() for begin in wanted.values()], dtype="datetime64[ns]")
    return typed(result.assign_coords({PERIOD_START: (name, begins)}), name, "temporal")


def aggregate_temporal(
    data: Cube,
    intervals: Sequence[DailyInterval],
    reducer: Reducer,
    labels: Sequence[str | float] = (),
    dimension: str | None = None,
    context: Value = None,
) -> Cube:
    """Return one value for each left-closed interval, labelled by its start or by the labels given.

    An interval of two times of the day, `06:00:00`, takes these hours of every day, over midnight if its end is not
    after its start (aggregate_temporal, parameter intervals).

    Raises:
        ExecutionError: An interval is empty (TemporalExtentEmpty), or the labels are missing or not distinct
            (DistinctDimensionLabelsRequired).
    """
    cube = require_cube(data)
    name = temporal_dimension(cube, dimension)
    stamps = moments_of(cube, name).values
    groups = [np.flatnonzero(_inside(stamps, extent)) for extent in intervals]
    wanted: list[object] = list(labels) or [_start(extent) for extent in intervals]
    if len(set(map(str, wanted))) < len(wanted) or len(wanted) != len(groups):
        raise ExecutionError(
            f"DistinctDimensionLabelsRequired: {len(groups)} intervals need as many distinct labels.",
            remedy="Give 'labels', a different one for each interval.",
        )
    return typed(_aggregated(cube, name, groups, wanted, reducer, context), name, "temporal")


def _inside(stamps: NDArray[np.datetime64], extent: Sequence[str | None]) -> NDArray[np.bool_]:
    """Return which moments lie in an interval."""
    if is_daily(extent):
        start, end = (seconds_of(str(text)) for text in extent)
        of_day = (stamps - stamps.astype("datetime64[D]")) / np.timedelta64(1, "s")
        after, before = of_day >= start, of_day < end
        daily: NDArray[np.bool_] = after & before if start < end else after | before
        return daily
    first, last = interval(extent)
    inside = np.ones(stamps.size, dtype=bool) if first is None else stamps >= first
    return inside if last is None else inside & (stamps < last)


def _start(extent: Sequence[str | None]) -> object:
    """Return the label of an interval that was given none."""
    if extent[0] is None:
        raise ExecutionError(
            "DistinctDimensionLabelsRequired: an interval without a start has no label of its own.",
            remedy="Give 'labels', one for each interval.",
        )
    return extent[0] if is_daily(extent) else parsed(extent[0])


def _aggregated(
    cube: xr.DataArray,
    name: str,
    groups: Sequence[np.ndarray[tuple[int], np.dtype[np.intp]]],
    labels: Sequence[object],
    reducer: Callback,
    context: Value,
) -> xr.DataArray:
    template = cube.isel({name: 0}, drop=True)
    parts = []
    for places in groups:
        part = cube.isel({name: places})
        result = (
            reducer(data=Along(part, name), context=context) if places.size else _nothing(reducer, cube, name, context)
        )
        if isinstance(result, Along | list):
            raise ExecutionError("the reducer gives an array, not one value for each period.")
        parts.append(as_cube(result, template))
    joined = xr.concat(
        parts, dim=name, coords="minimal", compat="override", join="exact", combine_attrs="drop_conflicts"
    )
    return ordered(with_span(joined.assign_coords({name: list(labels)}), cube[name]))


def _nothing(reducer: Callback, cube: xr.DataArray, name: str, context: Value) -> object:
    """Return what the reducer makes of a period without dates: its answer to no-data alone."""
    empty = filled_like(cube.isel({name: [0]}), None)
    return reducer(data=Along(empty, name), context=context)

"""Aggregation over time."""

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr

from earthcode_platform.cubes.dimensions import ordered, with_span
from earthcode_platform.engines.openeo.allowed import Interval, Period
from earthcode_platform.engines.openeo.along import Along, Cube, Value
from earthcode_platform.engines.openeo.callbacks import Callback, Reducer
from earthcode_platform.engines.openeo.extents import interval
from earthcode_platform.engines.openeo.moments import parsed
from earthcode_platform.engines.openeo.periods import PERIOD_START, complete, moments_of, name_with_year
from earthcode_platform.engines.openeo.shapes import as_cube, require_cube, temporal_dimension
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
    return result.assign_coords({PERIOD_START: (name, begins)})


def aggregate_temporal(
    data: Cube,
    intervals: Sequence[Interval],
    reducer: Reducer,
    labels: Sequence[str | float] = (),
    dimension: str | None = None,
    context: Value = None,
) -> Cube:
    """Return one value for each left-closed interval, labelled by its start or by the labels given.

    Raises:
        ExecutionError: An interval is empty, or the labels are not distinct (DistinctDimensionLabelsRequired).
    """
    cube = require_cube(data)
    name = temporal_dimension(cube, dimension)
    stamps = moments_of(cube, name).values
    groups = []
    for extent in intervals:
        start, end = interval(extent)
        inside = np.ones(stamps.size, dtype=bool) if start is None else stamps >= start
        groups.append(np.flatnonzero(inside if end is None else inside & (stamps < end)))
    wanted: list[object] = list(labels) or [parsed(str(extent[0])) for extent in intervals]
    if len(set(map(str, wanted))) < len(wanted) or len(wanted) != len(groups):
        raise ExecutionError(
            f"DistinctDimensionLabelsRequired: {len(groups)} intervals need as many distinct labels.",
            remedy="Give 'labels', a different one for each interval.",
        )
    return _aggregated(cube, name, groups, wanted, reducer, context)


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
    empty = xr.full_like(cube.isel({name: [0]}), math.nan)
    return reducer(data=Along(empty, name), context=context)

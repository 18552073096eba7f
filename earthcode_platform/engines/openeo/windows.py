"""Cubes cut into windows, each handed to a process by itself, and put together again (apply_neighborhood)."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import numpy as np

from earthcode_platform.cubes.dimensions import SPATIAL
from earthcode_platform.cubes.grid import resolution
from earthcode_platform.engines.openeo.along import Along, stacked
from earthcode_platform.engines.openeo.periods import PERIODS, moments_of, name_with_year
from earthcode_platform.engines.openeo.shapes import as_cube, require_dimension
from earthcode_platform.errors import ExecutionError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    import xarray as xr

    from earthcode_platform.engines.openeo.callbacks import Callback

__all__ = ["Chunk", "applied_to_windows"]

_DURATION: Final = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?"
)
"""ISO 8601, durations."""
_PARTS: Final = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")
_UNITS: Final = (None, "px", "m")


def _chunk(chunk: Mapping[str, object]) -> None:
    value, unit = chunk.get("value"), chunk.get("unit")
    number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    named = isinstance(value, str) and (value in PERIODS or _DURATION.fullmatch(value))
    if not isinstance(chunk.get("dimension"), str) or unit not in _UNITS or not (value is None or number or named):
        close = nearest(str(value), PERIODS)
        raise ExecutionError(
            f"{dict(chunk)!r} is no size of a window.",
            remedy=f"Did you mean {close!r}?"
            if close
            else "Give 'dimension', and as 'value' a number with 'unit' px or m, a period such as month, or P1M.",
        )


Chunk: TypeAlias = Annotated[dict[str, object], _chunk]
"""The size of a window, or of its overlap, along one dimension."""


@dataclass(frozen=True, slots=True)
class _Window:
    """Labels from `start` up to `stop`, and how many before and after are handed over with them."""

    start: int
    stop: int
    before: int = 0
    after: int = 0

    @property
    def single(self) -> bool:
        return self.stop - self.start == 1 and not self.before and not self.after


def applied_to_windows(
    cube: xr.DataArray, process: Callback, size: Sequence[Chunk], overlap: Sequence[Chunk], context: object
) -> xr.DataArray:
    """Return the cube with each window replaced by what the process makes of it.

    Raises:
        ExecutionError: A dimension is not there, a size is none, or a window comes back with another shape.
    """
    around = {str(chunk["dimension"]): chunk for chunk in overlap}
    windows: dict[str, list[_Window]] = {}
    for chunk in size:
        name = str(chunk["dimension"])
        require_dimension(cube, name)
        if chunk.get("value") is not None:
            windows[name] = _windows(cube, name, chunk, around.get(name))
    wide = [
        str(name)
        for name in cube.dims
        if (not all(window.single for window in windows[str(name)]) if name in windows else cube.sizes[name] > 1)
    ]
    if len(wide) <= 1:
        along = wide[0] if wide else next(iter(windows), str(cube.dims[0]))
        return _arrays(cube, along, windows.get(along, [_Window(0, cube.sizes[along])]), process, context)
    return _blocks(cube, windows, process, context)


def _windows(cube: xr.DataArray, name: str, size: Chunk, overlap: Chunk | None) -> list[_Window]:
    count = cube.sizes[name]
    if isinstance(size["value"], str):
        edges = _edges(cube, name, size["value"])
    else:
        step = _pixels(cube, name, size)
        if not step:
            raise ExecutionError(f"the windows along {name!r} have no size.", remedy="Give 1 or more.")
        edges = [*range(0, count, step), count]
    found = [_Window(start, stop) for start, stop in itertools.pairwise(edges)]
    if name in SPATIAL and len(found) > 1 and not isinstance(size["value"], str):
        # The last window is as large as the others: what it lacks lies beyond the cube and is no-data.
        found[-1] = _Window(found[-1].start, count, 0, found[0].stop - (count - found[-1].start))
    if overlap is None or overlap.get("value") is None:
        return found
    if isinstance(overlap["value"], str):
        return [_with_time_around(cube, name, window, overlap["value"]) for window in found]
    deep = _pixels(cube, name, overlap)
    if name in SPATIAL:
        return [_Window(window.start, window.stop, deep, window.after + deep) for window in found]
    return [_Window(w.start, w.stop, min(deep, w.start), min(deep, count - w.stop)) for w in found]


def _pixels(cube: xr.DataArray, name: str, chunk: Chunk) -> int:
    value, unit = float(str(chunk["value"])), chunk.get("unit")
    if unit == "px" or (unit is None and name not in SPATIAL):
        return int(value)
    return round(value / abs(resolution(cube, name)))


def _edges(cube: xr.DataArray, name: str, period: str) -> list[int]:
    """Return where the windows of a period or a duration begin, and where the last ends; dates are in order."""
    moments = moments_of(cube, name)
    if period in PERIODS:
        labels = name_with_year(moments, period)
        return [0, *(at for at in range(1, len(labels)) if labels[at] != labels[at - 1]), len(labels)]
    edges, start = [0], moments[0]
    for at, moment in enumerate(moments):
        while moment >= start + _offset(period):
            start += _offset(period)
            edges += [at] if edges[-1] != at else []
    return [*edges, len(moments)]


def _with_time_around(cube: xr.DataArray, name: str, window: _Window, duration: str) -> _Window:
    moments, step = moments_of(cube, name), _offset(duration)
    first, last = moments[window.start] - step, moments[window.stop - 1] + step
    before = sum(1 for moment in moments[: window.start] if moment >= first)
    after = sum(1 for moment in moments[window.stop :] if moment <= last)
    return _Window(window.start, window.stop, before, after)


def _offset(duration: str) -> pd.DateOffset:
    import pandas as pd

    if duration in PERIODS:
        raise ExecutionError(f"{duration!r} is no duration.", remedy="Write it as ISO 8601 does, such as P1M.")
    found = _DURATION.fullmatch(duration)
    counts = zip(_PARTS, found.groups(), strict=True) if found else ()
    parts: dict[str, Any] = {part: int(count) for part, count in counts if count is not None}
    return pd.DateOffset(**parts)


def _cut(cube: xr.DataArray, name: str, window: _Window) -> xr.DataArray:
    """Return a window with its overlap; pixels beyond the cube are no-data at the coordinates they would have."""
    first, last = window.start - window.before, window.stop + window.after
    inner = cube.isel({name: slice(max(first, 0), min(last, cube.sizes[name]))})
    missing = (max(-first, 0), max(last - cube.sizes[name], 0))
    if not any(missing):
        return inner
    step = resolution(cube, name)
    places = cube[name].to_numpy()[0] + step * np.arange(first, last)
    padded = inner.drop_vars(name).pad({name: missing}, constant_values=np.nan)
    return padded.assign_coords({name: (name, places, dict(cube[name].attrs))})


def _arrays(
    cube: xr.DataArray, name: str, windows: Sequence[_Window], process: Callback, context: object
) -> xr.DataArray:
    """Return the cube with the array along one dimension replaced, window by window, for each pixel of the others."""
    import xarray as xr

    made = []
    for window in windows:
        part = _cut(cube, name, window)
        result = _array(process(data=Along(part, name), context=context), part, name)
        _require_same(part, result, name)
        made.append(_inner(result, name, window))
    whole = xr.concat(made, dim=name, coords="minimal", compat="override", combine_attrs="drop")
    return whole.assign_coords({name: cube[name]}) if name in cube.coords else whole


def _array(result: object, part: xr.DataArray, name: str) -> xr.DataArray:
    if not isinstance(result, Along):
        template = part.isel({name: 0}, drop=True)
        elements = result if isinstance(result, list) else [result]
        result = stacked([as_cube(element, template) for element in elements])
    bare = result.cube.drop_vars(result.dimension, errors="ignore")
    return bare.rename({result.dimension: name}) if result.dimension != name else bare


def _blocks(
    cube: xr.DataArray, windows: Mapping[str, Sequence[_Window]], process: Callback, context: object
) -> xr.DataArray:
    """Return the cube with each window, a cube itself, replaced."""
    import dask.array as da

    def made(names: Sequence[str], part: xr.DataArray, chosen: Mapping[str, _Window]) -> xr.DataArray:
        if not names:
            return _block(part, chosen, process, context)
        parts = [
            made(names[1:], _cut(part, names[0], window), {**chosen, names[0]: window}) for window in windows[names[0]]
        ]
        first = parts[0]
        axis = first.get_axis_num(names[0])
        joined = da.concatenate([one.transpose(*first.dims).data for one in parts], axis=axis)  # type: ignore[no-untyped-call]  # dask annotates no concatenate
        coords = {key: coord for key, coord in first.coords.items() if names[0] not in coord.dims}
        return first.__class__(joined, coords, dims=first.dims)

    result = made(list(windows), cube, {})
    return result.assign_coords({name: cube[name] for name in windows if name in cube.coords})


def _block(part: xr.DataArray, chosen: Mapping[str, _Window], process: Callback, context: object) -> xr.DataArray:
    result = process(data=part, context=context)
    made = result.cube if isinstance(result, Along) else result
    missing = [str(name) for name in part.dims if name not in getattr(made, "dims", part.dims)]
    if missing:
        raise _changed(f"it has no dimension {missing[0]!r}.")
    block = as_cube(made, part)
    for name, window in chosen.items():
        _require_same(part, block, name)
        block = _inner(block, name, window)
    return block


def _require_same(part: xr.DataArray, result: xr.DataArray, name: str) -> None:
    if result.sizes.get(name) != part.sizes[name]:
        raise _changed(f"it has {result.sizes.get(name)} labels along {name!r}, not {part.sizes[name]}.")


def _changed(how: str) -> ExecutionError:
    return ExecutionError(
        f"DataCubePropertiesImmutable: the process gave a window another shape: {how}",
        remedy="Return the window with its overlap, in the shape in which it came.",
    )


def _inner(block: xr.DataArray, name: str, window: _Window) -> xr.DataArray:
    return block.isel({name: slice(window.before, window.before + window.stop - window.start)})

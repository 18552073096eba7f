"""Cubes on other dates, and windows of pixels: xarray and plain Python are the independent witnesses."""

import math
from typing import Any

import numpy as np
import pytest
import xarray as xr
from cube_factories import cube, series
from hypothesis import given, settings
from hypothesis import strategies as st
from process_calls import call, reducer

from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.engines.openeo.processes.resampling import aggregate_spatial_window, resample_cube_temporal
from earthcode_platform.errors import ExecutionError

DAYS = st.lists(st.integers(0, 40), min_size=1, max_size=5, unique=True)


def dated(days: list[int], values: list[float]) -> xr.DataArray:
    stamps = np.datetime64("2020-01-01", "ns") + np.array(days) * np.timedelta64(1, "D")
    return series(values).assign_coords(t=stamps).chunk({"t": 2})


@settings(max_examples=25, deadline=None)
@given(DAYS, DAYS, st.data(), st.one_of(st.none(), st.integers(0, 20)))
def test_the_nearest_date_and_of_two_the_earlier(
    here: list[int], there: list[int], data: st.DataObject, within: int | None
) -> None:
    element = st.sampled_from((1.0, 2.0, 3.0, math.nan, math.inf))
    values = data.draw(st.lists(element, min_size=len(here), max_size=len(here)))
    target = dated(there, [0.0] * len(there))
    found = call("resample_cube_temporal", data=dated(here, values), target=target, valid_within=within)
    expected = []
    for day in there:
        ranked = sorted(zip(here, values, strict=True), key=lambda pair: (abs(pair[0] - day), pair[0]))
        usable = [value for at, value in ranked if within is None or (abs(at - day) < within and math.isfinite(value))]
        expected.append(usable[0] if usable else math.nan)
    np.testing.assert_array_equal(found.values.ravel(), expected)
    np.testing.assert_array_equal(found["t"].values, target["t"].values)


def test_dates_that_do_not_match_are_named() -> None:
    made = dated([1, 2], [1.0, 2.0])
    other = made.rename(t="time")
    for arguments, words in (
        ({"target": other}, "DimensionMismatch.*no temporal dimension of the same name"),
        ({"target": other, "dimension": "time"}, "DimensionNotAvailable.*'time'"),
        ({"target": made, "dimension": "x"}, "DimensionMismatch.*'x'"),
    ):
        with pytest.raises(ExecutionError, match=words):
            call("resample_cube_temporal", data=made, **arguments)


@pytest.mark.parametrize("boundary", ["pad", "trim"])
@pytest.mark.parametrize("align", ["upper-left", "lower-right", "upper-right", "lower-left"])
@pytest.mark.parametrize("size", [[2, 3], [3, 2], [1, 1], [4, 5]])
def test_windows_are_those_of_xarray(boundary: str, align: str, size: list[int]) -> None:
    values = np.arange(2.0 * 7 * 6).reshape(2, 1, 7, 6)
    values[0, 0, 2, 2] = np.nan
    made = cube(values)
    found = call(
        "aggregate_spatial_window", data=made, reducer=reducer("mean"), size=size, boundary=boundary, align=align
    )
    sides = {"x": "left" if "left" in align else "right", "y": "left" if "upper" in align else "right"}
    coarse = made.compute().drop_vars(["x", "y"])
    expected = coarse.coarsen(x=size[0], y=size[1], boundary=boundary, side=sides).mean()
    np.testing.assert_allclose(found.values, expected.values)
    assert np.diff(found["x"].values) == pytest.approx(10.0 * size[0])
    assert np.diff(found["y"].values) == pytest.approx(-10.0 * size[1])
    if align == "upper-left":
        assert found["x"].values[0] == pytest.approx(made["x"].values[: size[0]].mean())
        assert found["y"].values[0] == pytest.approx(made["y"].values[: size[1]].mean())


def test_windows_have_a_grid_and_a_count_of_what_is_there() -> None:
    made = cube(np.ones((1, 1, 4, 4)))
    found = call("aggregate_spatial_window", data=made, reducer=reducer("count"), size=[3, 4])
    assert found.values.ravel().tolist() == [12, 4]
    assert grid_of(found).shape == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"size": [0, 1]}, "no size of a window"),
        ({"size": [2]}, "no size of a window"),
        ({"size": [9, 1], "boundary": "trim"}, "no window of 9 pixels"),
        ({"size": [2, 2], "reducer": reducer("extrema")}, "gives an array"),
    ],
)
def test_windows_that_cannot_be_are_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ExecutionError, match=words):
        call(
            "aggregate_spatial_window", **{"data": cube(np.ones((1, 1, 4, 4))), "reducer": reducer("mean"), **arguments}
        )


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    made = cube(np.ones((3, 1, 5, 5))).chunk({"t": 1})
    assert aggregate_spatial_window(made, reducer("mean"), [2, 2]).chunks is not None
    assert resample_cube_temporal(made, made.isel(t=[0, 2]), valid_within=2).chunks is not None

"""Processes on numbers: the specification's examples, and NumPy as an independent witness on cubes."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from cube_factories import cube, series
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from process_calls import call, over_time

from earthcode_platform.engines.openeo.along import Along
from earthcode_platform.errors import ExecutionError

finite = st.floats(-1e6, 1e6, allow_nan=False, width=32)
gappy = st.one_of(finite, st.just(math.nan))
blocks = arrays.arrays("float64", (4, 1, 2, 3), elements=gappy)


def lists(elements: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(elements, min_size=least, max_size=12)


def nan_if_none(value: object) -> float:
    return math.nan if value is None else float(str(value))


@pytest.mark.parametrize(
    ("process", "arguments", "expected"),
    [
        ("add", {"x": 5, "y": 2.5}, 7.5),
        ("add", {"x": None, "y": 1}, None),
        ("add", {"x": 2**60, "y": 1}, 2**60 + 1),
        ("subtract", {"x": -2, "y": 4}, -6),
        ("multiply", {"x": 2**40, "y": 2**40}, 2**80),
        ("divide", {"x": 1, "y": 0}, math.inf),
        ("divide", {"x": -1, "y": 0}, -math.inf),
        ("mod", {"x": -27, "y": 5}, 3),
        ("mod", {"x": 27, "y": -5}, -3),
        ("mod", {"x": 27, "y": 0}, math.inf),
        ("power", {"base": 5, "p": -1}, 0.2),
        ("power", {"base": 3, "p": 3}, 27),
        ("log", {"x": 1000, "base": 10}, 3),
        ("log", {"x": 8, "base": 2}, 3),
        ("log", {"x": 81, "base": 3}, 4.0),
        ("sgn", {"x": -0.5}, -1),
        ("int", {"x": -3.5}, -3),
        ("floor", {"x": -3.5}, -4),
        ("ceil", {"x": -3.5}, -3),
        ("round", {"x": 2.5}, 2),
        ("round", {"x": 0.35, "p": 1}, 0.4),
        ("round", {"x": 1234.5, "p": -2}, 1200),
        ("clip", {"x": -5, "min": -1, "max": 1}, -1),
        ("clip", {"x": None, "min": 0, "max": 1}, None),
        ("linear_scale_range", {"x": 0.3, "inputMin": -1, "inputMax": 1, "outputMin": 0, "outputMax": 255}, 165.75),
        ("linear_scale_range", {"x": 10, "inputMin": 100, "inputMax": 0}, 0.9),
        ("normalized_difference", {"x": 2000, "y": 1000}, 1 / 3),
        ("pi", {}, math.pi),
        ("e", {}, math.e),
        ("constant", {"x": "any"}, "any"),
        ("min", {"data": [5, 2.5, None, -0.7]}, -0.7),
        ("max", {"data": [1, 0, None], "ignore_nodata": False}, None),
        ("mean", {"data": []}, None),
        ("median", {"data": [1, 3, 3, 6, 7, 8, 9]}, 6),
        ("median", {"data": [-1, -0.5, None, 1]}, -0.5),
        ("sum", {"data": [5, None]}, 5),
        ("product", {"data": [-2, 4, 2.5]}, -20),
        ("sd", {"data": [-1, 1, 3, None]}, 2),
        ("variance", {"data": [2, 3, 3, None, 4, 4, 5]}, 1.1),
        ("count", {"data": ["ABC", None, math.nan, math.inf]}, 1),
        ("count", {"data": [False, None], "condition": True}, 2),
        ("first", {"data": [None, "A", "B"]}, "A"),
        ("last", {"data": ["A", "B", None], "ignore_nodata": False}, None),
        ("extrema", {"data": [5, 2.5, None, -0.7]}, [-0.7, 5]),
        ("quantiles", {"data": [2, 4, 4, 4, 5, 5, 7, 9], "probabilities": 4}, [4, 4.5, 5.5]),
        ("quantiles", {"data": [-1, None, 1], "probabilities": [0.5], "ignore_nodata": False}, [None]),
        ("quantiles", {"data": [1.5, math.inf, 5.75], "q": 2}, [5.75]),
        ("cumsum", {"data": [1, 3, None, 3]}, [1, 4, None, 7]),
        ("cumsum", {"data": [1, 3, None, 3], "ignore_nodata": False}, [1, 4, None, None]),
        ("cumproduct", {"data": [1, 2, 3]}, [1, 2, 6]),
        ("cummin", {"data": [3, 1, 2]}, [3, 1, 1]),
        ("cummax", {"data": [3, None, 5]}, [3, None, 5]),
        ("array_interpolate_linear", {"data": [None, 1, None, 6, None, -8]}, [None, 1, 3.5, 6, -1, -8]),
        ("sort", {"data": [6, -1, None, 7], "asc": False, "nodata": True}, [7, 6, -1, None]),
        ("order", {"data": [6, -1, None, 7]}, [1, 0, 3]),
        ("rearrange", {"data": [5, 4, 3, 2], "order": [1, 3]}, [4, 2]),
    ],
)
def test_examples_of_the_specification(process: str, arguments: dict[str, Any], expected: object) -> None:
    found = call(process, **arguments)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


WITNESSES: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "arctan2": np.arctan2,
    "normalized_difference": lambda x, y: (x - y) / (x + y),
}


@pytest.mark.parametrize("process", WITNESSES)
@settings(max_examples=15, deadline=None)
@given(x=blocks, y=blocks)
def test_two_cubes_meet_pixel_by_pixel(process: str, x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> None:
    names = ("y", "x") if process == "arctan2" else ("x", "y")
    found = call(process, **dict(zip(names, (cube(x), cube(y)), strict=True)))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found.values, WITNESSES[process](x, y), rtol=1e-12)


@pytest.mark.parametrize(
    ("process", "witness"),
    [
        ("absolute", np.abs), ("sqrt", np.sqrt), ("ln", np.log), ("floor", np.floor), ("ceil", np.ceil),
        ("int", np.trunc), ("sgn", np.sign), ("round", np.round), ("sin", np.sin), ("cos", np.cos), ("tanh", np.tanh),
        ("arctan", np.arctan), ("arsinh", np.arcsinh),
    ],
)  # fmt: skip
@settings(max_examples=10, deadline=None)
@given(x=blocks)
def test_functions_of_one_cube(process: str, witness: Callable[..., Any], x: np.ndarray[Any, Any]) -> None:
    found = call(process, x=cube(x))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found.values, witness(x), rtol=1e-12)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "int16", "int32"])
def test_integers_in_cubes_never_wrap(kind: str) -> None:
    low, high = cube(np.full((1, 1, 1, 1), 1000)), cube(np.full((1, 1, 1, 1), 2000))
    one, other = low.astype(kind), high.astype(kind)
    difference = float(one.values.item()) - float(other.values.item())
    assert call("subtract", x=one, y=other).item() == difference
    assert call("normalized_difference", x=one, y=other).item() == pytest.approx(
        difference / (float(one.values.item()) + float(other.values.item()))
    )
    assert call("gte", x=one, y=one.astype("float64") + 1).item() == 0


def test_float32_stays_float32_beside_numbers() -> None:
    assert call("multiply", x=cube(np.ones((1, 1, 2, 2))).astype("float32"), y=0.1).dtype == "float32"


def test_cubes_with_other_labels_never_meet_in_silence() -> None:
    one, other = cube(np.ones((2, 1, 2, 2))), cube(np.ones((2, 1, 2, 2)), start="2020-01-02")
    with pytest.raises(ExecutionError, match="do not fit together"):
        call("add", x=one, y=other)


@pytest.mark.parametrize("value", ["1", True, [1], {"a": 1}])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ExecutionError, match="is no number"):
        call("add", x=value, y=1)


@pytest.mark.parametrize(
    ("process", "arguments", "words"),
    [
        ("clip", {"x": 1, "min": 2, "max": 1}, "MinMaxSwapped"),
        ("quantiles", {"data": [1]}, "QuantilesParameterMissing"),
        ("quantiles", {"data": [1], "q": 2, "probabilities": [0.5]}, "QuantilesParameterConflict"),
        ("quantiles", {"data": [1], "probabilities": [0.9, 0.1]}, "AscendingProbabilitiesRequired"),
        ("quantiles", {"data": [1], "probabilities": 1}, "cannot be cut"),
        ("count", {"data": [1], "condition": False}, "condition of count is false"),
        ("mean", {"data": "text"}, "is no array"),
        ("sum", {"data": [1, "2"]}, "'2' is no number"),
    ],
)
def test_wrong_arguments_say_what_is_wrong(process: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ExecutionError, match=words):
        call(process, **arguments)


REDUCERS: dict[str, Callable[..., Any]] = {
    "min": np.nanmin,
    "max": np.nanmax,
    "mean": np.nanmean,
    "median": np.nanmedian,
    "sum": np.nansum,
    "product": np.nanprod,
    "variance": lambda values, axis: np.nanvar(values, axis=axis, ddof=1),
    "sd": lambda values, axis: np.nanstd(values, axis=axis, ddof=1),
}


@pytest.mark.parametrize("process", REDUCERS)
@settings(max_examples=20, deadline=None)
@given(values=blocks)
@pytest.mark.filterwarnings("ignore:All-NaN:RuntimeWarning", "ignore:Mean of empty slice:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Degrees of freedom:RuntimeWarning")  # the witness warns; ours must not
def test_reducers_leave_nodata_out(process: str, values: np.ndarray[Any, Any]) -> None:
    found = over_time(process, cube(values))
    with np.errstate(all="ignore"):
        expected = REDUCERS[process](values, axis=0)
    expected[np.isnan(values).all(axis=0)] = np.nan
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("process", REDUCERS)
@settings(max_examples=10, deadline=None)
@given(values=blocks)
def test_reducers_pass_nodata_on_if_asked(process: str, values: np.ndarray[Any, Any]) -> None:
    found = over_time(process, cube(values), ignore_nodata=False)
    unknown = np.isnan(values).any(axis=0)
    assert np.isnan(found[unknown]).all()
    assert not np.isnan(found[~unknown]).any()


@settings(max_examples=30, deadline=None)
@given(values=lists(st.one_of(st.none(), finite), least=1))
def test_lists_and_cubes_reduce_alike(values: list[float | None]) -> None:
    numbers = [math.nan if value is None else value for value in values]
    for process in ("min", "max", "mean", "median", "sum", "sd", "first", "last", "count"):
        alone = nan_if_none(call(process, data=values))
        assert over_time(process, series(numbers)).item() == pytest.approx(alone, nan_ok=True, rel=1e-9, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(values=blocks, probabilities=st.lists(st.floats(0, 1), min_size=1, max_size=4).map(sorted))
@pytest.mark.filterwarnings("ignore:All-NaN slice:RuntimeWarning")  # the witness warns; ours must not
def test_quantiles_are_those_of_numpy(values: np.ndarray[Any, Any], probabilities: list[float]) -> None:
    found = call("quantiles", data=Along(cube(values), "t"), probabilities=probabilities)
    expected = np.nanquantile(values, probabilities, axis=0)
    shown = found.cube.transpose(found.dimension, ...).values
    np.testing.assert_allclose(shown, expected, rtol=1e-9, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(values=lists(finite, least=1))
def test_order_and_rearrange_sort(values: list[float]) -> None:
    assert call("rearrange", data=values, order=call("order", data=values)) == sorted(values)
    by_pixel = call("sort", data=Along(series(values), "t"), nodata=True)
    assert by_pixel.cube.values.ravel().tolist() == sorted(values)


def test_gaps_are_filled_by_time() -> None:
    made = series([0.0, math.nan, math.nan, 8.0]).isel(t=[0, 1, 3])
    made = made.assign_coords(t=np.array(["2020-01-01", "2020-01-02", "2020-01-05"], dtype="datetime64[ns]"))
    filled = call("array_interpolate_linear", data=Along(made, "t"))
    assert filled.cube.values.ravel().tolist() == [0.0, 2.0, 8.0]


def test_an_empty_axis_gives_nodata() -> None:
    empty = series([1.0]).isel(t=slice(0, 0))
    for process in REDUCERS:
        assert np.isnan(over_time(process, empty)).all()
    assert over_time("count", empty).item() == 0


def test_units_follow_the_arithmetic() -> None:
    kelvin = cube(np.ones((1, 1, 2, 2)), units=("K",))
    assert call("subtract", x=kelvin, y=kelvin)["units"].values.tolist() == ["K"]
    assert "units" not in call("multiply", x=kelvin, y=kelvin).coords
    assert "units" not in call("gt", x=kelvin, y=0).coords
    mean = call("reduce_dimension", data=kelvin, dimension="t", reducer=lambda data, **_: call("mean", data=data))
    assert mean["units"].values.tolist() == ["K"]
    assert isinstance(mean, xr.DataArray)

"""Logic and comparisons: three values, strict types, and single values and cubes that agree."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from cube_factories import cube, series
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from process_calls import call, over_time

from earthcode_platform.engines.openeo.along import is_truth, marked_truth
from earthcode_platform.errors import ExecutionError

finite = st.floats(-1e6, 1e6, allow_nan=False, width=32)
truths = st.sampled_from([1.0, 0.0, math.nan])


@given(x=truths, y=truths)
def test_logic_of_cubes_and_of_values_agree(x: float, y: float) -> None:
    one, other = (marked_truth(series([value])) for value in (x, y))
    values = [None if math.isnan(value) else bool(value) for value in (x, y)]
    for process in ("and", "or", "xor"):
        alone = call(process, x=values[0], y=values[1])
        found = call(process, x=one, y=other)
        assert is_truth(found)
        assert found.item() == pytest.approx(nan_if_none_truth(alone), nan_ok=True)
    assert call("not", x=one).item() == pytest.approx(nan_if_none_truth(call("not", x=values[0])), nan_ok=True)


def nan_if_none_truth(value: bool | None) -> float:  # noqa: FBT001 - the value under test
    return math.nan if value is None else float(value)


@pytest.mark.parametrize(
    ("process", "x", "y", "expected"),
    [
        ("and", False, None, False), ("and", True, None, None), ("or", True, None, True), ("or", False, None, None),
        ("xor", True, None, None), ("xor", True, False, True), ("and", True, True, True),
    ],
)  # fmt: skip
def test_the_truth_tables(process: str, x: bool | None, y: bool | None, expected: bool | None) -> None:  # noqa: FBT001 - truth values
    assert call(process, x=x, y=y) is expected
    assert call(process, x=y, y=x) is expected


@pytest.mark.parametrize("process", ["any", "all"])
@given(values=st.lists(truths, min_size=1, max_size=6), ignore=st.booleans())
def test_any_and_all_of_lists_and_cubes_agree(process: str, values: list[float], *, ignore: bool) -> None:
    plain = [None if math.isnan(value) else bool(value) for value in values]
    alone = call(process, data=plain, ignore_nodata=ignore)
    found = over_time(process, marked_truth(series(values)), ignore_nodata=ignore)
    assert found.item() == pytest.approx(nan_if_none_truth(alone), nan_ok=True)


def test_numbers_are_not_taken_for_truth() -> None:
    with pytest.raises(ExecutionError, match="a cube of numbers is no truth value"):
        call("or", x=series([1.0]), y=True)
    with pytest.raises(ExecutionError, match="1 is no truth value"):
        call("if", value=1, accept=2)


def test_if_chooses_values_and_pixels() -> None:
    assert call("if", value=True, accept="A", reject="B") == "A"
    assert call("if", value=None, accept="A", reject=[1]) == [1]
    chosen = call("if", value=marked_truth(series([1, 0, math.nan])), accept=series([1, 2, 3]), reject=-1)
    assert chosen.values.ravel().tolist() == [1, -1, -1]
    assert math.isnan(call("if", value=marked_truth(series([0])), accept=1.0).item())


COMPARISONS: dict[str, Callable[..., Any]] = {
    "eq": np.equal, "neq": np.not_equal, "lt": np.less, "lte": np.less_equal, "gt": np.greater, "gte": np.greater_equal,
}  # fmt: skip


@pytest.mark.parametrize("process", COMPARISONS)
@settings(max_examples=15, deadline=None)
@given(
    x=arrays.arrays("float64", (3, 1, 1, 2), elements=st.sampled_from([0.0, 1.0, 2.0, math.nan])),
    y=st.sampled_from([0, 1.0, 2]),
)
def test_comparisons_keep_nodata(process: str, x: np.ndarray[Any, Any], y: float) -> None:
    found = call(process, x=cube(x), y=y)
    assert is_truth(found)
    expected = np.where(np.isnan(x), np.nan, COMPARISONS[process](x, y))
    np.testing.assert_array_equal(found.values, expected)


@pytest.mark.parametrize(
    ("process", "x", "y", "expected"),
    [
        ("eq", 1, 1.0, True), ("eq", 1, "1", False), ("eq", 0, False, False), ("eq", None, None, None),
        ("eq", math.nan, math.nan, False), ("neq", 1, None, None), ("eq", [1], [1], False), ("gt", "b", "a", False),
        ("gt", True, 0, False), ("gte", "a", "a", True), ("lte", None, 1, None), ("lt", 1, 2, True),
    ],
)  # fmt: skip
def test_comparisons_of_single_values_are_strict(process: str, x: object, y: object, expected: object) -> None:
    assert call(process, x=x, y=y) is expected


def test_comparisons_of_cubes_are_strict_too() -> None:
    numbers, truth = series([1.0, 0.0, math.nan]), marked_truth(series([1.0, 0.0, math.nan]))
    assert call("eq", x=numbers, y="1").values.ravel()[:2].tolist() == [0, 0]
    assert call("eq", x=numbers, y=True).values.ravel()[:2].tolist() == [0, 0]
    assert call("eq", x=truth, y=True).values.ravel()[:2].tolist() == [1, 0]
    assert call("gt", x=truth, y=0).values.ravel()[:2].tolist() == [0, 0]
    assert np.isnan(call("eq", x=truth, y=True).values.ravel()[2])
    assert np.isnan(call("eq", x=numbers, y=None).values).all()
    assert call("eq", x=numbers, y=1.05, delta=0.1).values.ravel()[:2].tolist() == [1, 0]


def test_equality_with_texts_and_tolerance() -> None:
    assert call("eq", x="Test", y="test", case_sensitive=False) is True
    assert call("eq", x=-1, y=-1.001, delta=0.01) is True
    assert call("neq", x=1.02, y=1, delta=0.01) is True


@given(x=st.one_of(st.none(), finite), low=finite, high=finite)
def test_between_is_two_comparisons(x: float | None, low: float, high: float) -> None:
    expected = None if x is None else low <= x <= high
    assert call("between", x=x, min=low, max=high) is expected
    if x is not None:
        assert call("between", x=x, min=low, max=high, exclude_max=True) is (low <= x < high)


def test_kinds_of_missing_values() -> None:
    made = series([1.0, math.nan, math.inf])
    assert call("is_nodata", x=made).values.ravel().tolist() == [0, 1, 0]
    assert call("is_valid", x=made).values.ravel().tolist() == [1, 0, 0]
    assert call("is_infinite", x=made).values.ravel().tolist() == [0, 0, 1]
    assert [call("is_nodata", x=value) for value in (None, math.nan, "a")] == [True, False, False]
    assert [call("is_nan", x=value) for value in (None, math.nan, "a", True, 1)] == [True, True, True, True, False]
    assert [call("is_valid", x=value) for value in (None, math.nan, math.inf, "a", [None])] == [
        False, False, False, True, True,
    ]  # fmt: skip

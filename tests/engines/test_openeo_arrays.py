"""Arrays with labels, and texts: the sentences of the specification."""

import math
from typing import Any

import numpy as np
import pytest
from cube_factories import series
from process_calls import Parameters, call, callback

from earthcode_platform.engines.openeo.along import Along
from earthcode_platform.engines.openeo.labelled import Labelled
from earthcode_platform.errors import ExecutionError


def labelled(*pairs: tuple[Any, Any]) -> Labelled:
    return Labelled([value for _, value in pairs], [label for label, _ in pairs])


AB = labelled(("a", 1), ("b", 2))


def told(array: Any) -> tuple[list[Any], list[Any]]:  # noqa: ANN401 - an array
    assert isinstance(array, Labelled)
    return list(array), array.labels


def test_labels_are_made_searched_and_listed() -> None:
    made = call("array_create_labeled", data=[1, "x"], labels=["a", 2])
    assert told(made) == ([1, "x"], ["a", 2])
    assert call("array_labels", data=made) == ["a", 2]
    assert call("array_element", data=made, label="a") == 1
    assert [call("array_find_label", data=made, label=label) for label in ("a", 2, "2", "c")] == [0, 1, None, None]
    assert call("array_find_label", data=[1, 2], label="a") is None
    with pytest.raises(ExecutionError, match="ArrayLengthMismatch"):
        call("array_create_labeled", data=[1], labels=["a", "b"])


def test_appending_takes_a_label_or_the_next_index() -> None:
    assert told(call("array_append", data=AB, value=3, label="c")) == ([1, 2, 3], ["a", "b", "c"])
    assert told(call("array_append", data=AB, value=3)) == ([1, 2, 3], ["a", "b", 2])
    assert call("array_append", data=[1], value=None) == [1, None]
    with pytest.raises(ExecutionError, match="LabelExists"):
        call("array_append", data=AB, value=3, label="a")
    with pytest.raises(ExecutionError, match="LabelExists"):
        call("array_append", data=labelled((0, 1), (2, 1)), value=3)
    with pytest.raises(ExecutionError, match="ArrayNotLabeled"):
        call("array_append", data=[1], value=3, label="a")


def test_labels_stay_if_both_arrays_have_them() -> None:
    assert told(call("array_concat", array1=AB, array2=labelled(("c", 3)))) == ([1, 2, 3], ["a", "b", "c"])
    assert call("array_concat", array1=AB, array2=[3]) == [1, 2, 3]
    assert not isinstance(call("array_concat", array1=AB, array2=[3]), Labelled)
    with pytest.raises(ExecutionError, match="ArrayLabelConflict"):
        call("array_concat", array1=AB, array2=AB)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"data": ["a", "d", "c"], "values": ["b"], "index": 1, "length": 1}, ["a", "b", "c"]),
        ({"data": ["a", "c"], "values": ["b"], "index": 1}, ["a", "b", "c"]),
        ({"data": [1, 2, 3], "values": [], "index": 1, "length": 9}, [1]),
        ({"data": [1], "values": [], "index": 0, "length": 1}, []),
        ({"data": [], "values": [1], "index": 0}, [1]),
    ],
)
def test_arrays_are_modified(arguments: dict[str, Any], expected: list[Any]) -> None:
    assert call("array_modify", **arguments) == expected


def test_modified_arrays_keep_labels_and_their_bounds() -> None:
    assert told(call("array_modify", data=AB, values=[], index=0, length=1)) == ([2], ["b"])
    assert told(call("array_modify", data=AB, values=labelled(("c", 3)), index=1)) == ([1, 3, 2], ["a", "c", "b"])
    with pytest.raises(ExecutionError, match="ArrayElementNotAvailable"):
        call("array_modify", data=[1], values=[2], index=2)


def test_each_element_keeps_its_label() -> None:
    plus = callback("add", x=Parameters("x"), y=Parameters("index"))
    assert told(call("array_apply", data=AB, process=plus)) == ([1, 3], ["a", "b"])
    named = callback("constant", x=Parameters("label"))
    assert told(call("array_apply", data=AB, process=named)) == (["a", "b"], ["a", "b"])
    late = callback("eq", x=Parameters("label"), y="b")
    assert told(call("array_filter", data=AB, condition=late)) == ([2], ["b"])


def test_arrays_of_pixels_carry_labels_too() -> None:
    one, two = (series([value]).isel(t=0, drop=True) for value in (1.0, 2.0))
    made = call("array_create_labeled", data=[one, two], labels=["a", "b"])
    assert isinstance(made, Along)
    assert made.labels == ["a", "b"]
    more = call("array_append", data=made, value=3, label="c")
    assert more.labels == ["a", "b", "c"]
    assert more.cube.values.ravel().tolist() == [1, 2, 3]
    named = call("array_apply", data=more, process=callback("constant", x=Parameters("label")))
    assert told(named) == (["a", "b", "c"], ["a", "b", "c"])
    kept = call("array_filter", data=more, condition=callback("neq", x=Parameters("label"), y="b"))
    assert (kept.labels, kept.cube.values.ravel().tolist()) == (["a", "c"], [1, 3])


def test_texts_are_found_where_they_stand() -> None:
    assert call("text_find", data="Lorem ipsum", pattern="ipsum") == 6
    assert call("text_find", data="Lorem ipsum", pattern="IPSUM") is None
    assert call("text_find", data="Lorem ipsum", pattern="IPSUM", case_sensitive=False) == 6
    assert call("text_find", data=None, pattern="a") is None


def test_any_and_all_of_nothing_known_are_no_data() -> None:
    for name in ("any", "all"):
        assert call(name, data=[]) is None
        assert call(name, data=[None]) is None
        assert call(name, data=[None, False]) is False
        assert call(name, data=[None, True]) is True
        assert call(name, data=[None, name == "all"], ignore_nodata=False) is None


def test_what_is_no_number_stands_behind_or_before_infinities_too() -> None:
    made = series([math.nan, math.inf, 1.0, -math.inf])
    for arguments, expected in (
        ({"nodata": True}, [-math.inf, 1.0, math.inf, math.nan]),
        ({"nodata": False}, [math.nan, -math.inf, 1.0, math.inf]),
        ({"nodata": True, "asc": False}, [math.inf, 1.0, -math.inf, math.nan]),
    ):
        found = call("sort", data=Along(made, "t"), **arguments)
        np.testing.assert_array_equal(found.cube.values.ravel(), expected)
    listed = [math.nan, 3, None, 1, math.inf]
    np.testing.assert_array_equal(call("sort", data=listed), [1, 3, math.inf, math.nan])
    np.testing.assert_array_equal(call("sort", data=listed, asc=False), [math.inf, 3, 1, math.nan])
    assert call("order", data=listed, nodata=False) == [2, 3, 1, 4, 0]
    assert call("sort", data=["b", "a"]) == ["a", "b"]


def test_gaps_stay_what_they_were() -> None:
    filled = call("array_interpolate_linear", data=[None, 1, None, 3, float("nan")])
    assert filled[:4] == [None, 1, 2, 3]
    assert math.isnan(filled[4])
    assert call("cumsum", data=[1, None, 2], ignore_nodata=False) == [1, None, None]
    assert call("int", x=float("nan")) is None

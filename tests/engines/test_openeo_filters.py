"""Parts of cubes, by label, time and place: what is left, and what the check says if nothing is."""

import re
from typing import Any

import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from process_calls import call, reducer

from earthcode_platform.engines.openeo.missing import missed
from earthcode_platform.engines.openeo.shapes import dimension_type


def sample(dates: int = 3) -> xr.DataArray:
    return cube(np.arange(dates * 2 * 2 * 3.0).reshape(dates, 2, 2, 3), ("B04", "B08"))


@pytest.mark.parametrize(
    ("process", "arguments", "dimension", "words"),
    [
        ("filter_bands", {"bands": ["B8"]}, "bands", "no band 'B8'"),
        ("filter_bands", {"bands": ["B04", "B8"]}, "", "no band 'B8'"),
        ("filter_bands", {"wavelengths": [[0.1, 0.2]]}, "bands", "NoDataAvailable.*'bands'"),
        ("filter_temporal", {"extent": ["2021-01-01", None]}, "t", "NoDataAvailable.*2020-01-01 to 2020-01-03"),
        ("filter_bbox", {"extent": {"west": 1, "south": 1, "east": 2, "north": 2}}, "x", "holds no pixel centre"),
        ("filter_bbox", {"extent": {"west": -170, "south": 1, "east": -169, "north": 2}}, "y", "holds no pixel centre"),
        ("filter_labels", {"dimension": "bands", "condition": lambda **_: False}, "bands", "NoDataAvailable"),
    ],
)  # fmt: skip
def test_filters_may_leave_nothing_and_the_check_tells_of_it(
    process: str, arguments: dict[str, Any], dimension: str, words: str
) -> None:
    made = sample()
    left = call(process, data=made, **arguments)
    assert left.dims == made.dims
    assert not dimension or left.sizes[dimension] == 0
    told = missed(process, {"data": made, **arguments}, left)
    assert told is not None
    assert re.search(words, told.message)
    assert missed(process, {"data": made}, made) is None


def test_a_filter_over_time_takes_all_temporal_dimensions() -> None:
    made = sample(3)
    twice = made.expand_dims(t2=made["t"].values).transpose("t2", *made.dims)
    kept = call("filter_temporal", data=twice, extent=["2020-01-02", None])
    assert (kept.sizes["t"], kept.sizes["t2"]) == (2, 2)
    kept = call("filter_temporal", data=twice, extent=["2020-01-02", None], dimension="t2")
    assert (kept.sizes["t"], kept.sizes["t2"]) == (3, 2)


def test_dimensions_keep_their_type() -> None:
    made = sample()
    assert [dimension_type(made, name) for name in made.dims] == ["temporal", "bands", "spatial", "spatial"]
    for kind in ("temporal", "bands", "other"):
        wider = call("add_dimension", data=made, name="run", label="2020-01-01", type=kind)
        assert dimension_type(wider, "run") == kind
        assert dimension_type(call("rename_dimension", data=wider, source="run", target="b"), "b") == kind
    other = call("add_dimension", data=made, name="run", label="a", type="bands")
    named = call("rename_labels", data=other, dimension="run", source=["a"], target=["b"])
    assert dimension_type(named, "run") == "bands"
    renamed = call("rename_dimension", data=made, source="bands", target="b")
    assert dimension_type(renamed, "b") == "bands"
    spread = call("apply_dimension", data=made, dimension="t", process=reducer("extrema"), target_dimension="ends")
    assert dimension_type(spread, "ends") == "other"


def test_a_cube_is_made_from_nothing() -> None:
    made = call("create_data_cube")
    assert made.dims == ()
    assert np.isnan(made.values)
    assert call("add_dimension", data=made, name="bands", label="B04", type="bands").sizes == {"bands": 1}

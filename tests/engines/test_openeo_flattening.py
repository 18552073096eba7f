"""Several dimensions in one, and one in several."""

from typing import Any

import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from hypothesis import given, settings
from hypothesis import strategies as st
from process_calls import call

from earthcode_platform.engines.openeo.processes.flattening import flatten_dimensions, unflatten_dimension
from earthcode_platform.engines.openeo.shapes import dimension_type
from earthcode_platform.errors import ExecutionError


def sample() -> xr.DataArray:
    return cube(np.arange(24.0).reshape(3, 2, 2, 2), ("B04", "B08"))


def test_the_last_dimension_changes_fastest() -> None:
    found = call("flatten_dimensions", data=sample(), dimensions=["t", "bands"], target_dimension="what")
    assert found["what"].values.tolist()[:3] == [
        "2020-01-01T00:00:00Z~B04", "2020-01-01T00:00:00Z~B08", "2020-01-02T00:00:00Z~B04",
    ]  # fmt: skip
    assert found.transpose("what", "y", "x").values[:, 0, 0].tolist() == [0, 4, 8, 12, 16, 20]
    assert dimension_type(found, "what") == "other"


@settings(max_examples=15, deadline=None)
@given(st.permutations(["t", "bands", "x"]), st.permutations(list(range(6))), st.integers(1, 3))
def test_there_and_back(order: list[str], shuffled: list[int], chunk: int) -> None:
    made = sample().chunk(chunk)
    flat = flatten_dimensions(made, order[:2], "flat", "|")
    size = flat.sizes["flat"]
    flat = flat.isel(flat=[at for at in shuffled if at < size])
    back = unflatten_dimension(flat, "flat", ["a", "b"], "|")
    assert back.chunks is not None
    for first, one in enumerate(made[order[0]].values):
        for second, other in enumerate(made[order[1]].values):
            labels = flatten_dimensions(made.sel({order[0]: [one], order[1]: [other]}), order[:2], "flat", "|")
            a, b = labels["flat"].item().split("|")
            rest = [name for name in ("t", "bands", "y", "x") if name not in order[:2]]
            wanted = made.isel({order[0]: first, order[1]: second}).transpose(*rest)
            np.testing.assert_array_equal(back.sel(a=a, b=b).transpose(*rest).values, wanted.values)


@pytest.mark.parametrize(
    ("process", "arguments", "words"),
    [
        ("flatten_dimensions", {"dimensions": ["t", "b"], "target_dimension": "c"}, "DimensionNotAvailable.*'b'"),
        ("flatten_dimensions", {"dimensions": ["t"], "target_dimension": "bands"}, "TargetDimensionExists"),
        ("unflatten_dimension", {"dimension": "b", "target_dimensions": ["c"]}, "DimensionNotAvailable"),
        ("unflatten_dimension", {"dimension": "bands", "target_dimensions": ["t", "c"]}, "TargetDimensionExists"),
        ("unflatten_dimension", {"dimension": "bands", "target_dimensions": ["c", "d"]}, "'B04' has 1 parts, not 2"),
        ("unflatten_dimension", {"dimension": "bands", "target_dimensions": ["c", "d"], "label_separator": "0"},
            "not each combination once: 'a0y'"),
    ],
)  # fmt: skip
def test_what_cannot_be_flattened_is_said(process: str, arguments: dict[str, Any], words: str) -> None:
    made = sample()
    if arguments.get("label_separator"):
        made = made.assign_coords(bands=["a0x", "b0y"])
    with pytest.raises(ExecutionError, match=words):
        call(process, data=made, **arguments)

"""How values of the suite get into the engine and back; the suite itself is not needed for that."""

import math
from typing import Any

import numpy as np
import xarray as xr
from suite_values import cube_of, labelled_of, plain

from earthcode_platform.engines.openeo.along import Along, is_truth
from earthcode_platform.engines.openeo.labelled import Labelled
from earthcode_platform.engines.openeo.shapes import dimension_type

SPATIAL = {"type": "spatial", "axis": "y", "values": [20.0, 10.0, 0.0], "reference_system": "EPSG:25832"}


def encoded(data: list[Any], **more: float) -> dict[str, Any]:
    dimensions = {
        "bands": {"type": "bands", "values": ["red"]},
        "t": {"type": "temporal", "values": ["2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"]},
        "y": SPATIAL,
    }
    return {"type": "datacube", "order": ["bands", "t", "y"], "dimensions": dimensions, "data": data, **more}


def test_cubes_become_lazy_in_chunks_and_come_back() -> None:
    given = encoded([[[1, 255, 3], [4, None, 6]]], nodata=255)
    cube = cube_of(given)
    assert cube.chunks is not None
    assert dict(cube.chunksizes)["y"] == (2, 1)
    assert cube.dims == ("t", "bands", "y")
    assert np.isnan(cube.values).sum() == 2
    back = plain(cube, given)
    assert isinstance(back, dict)
    assert back["data"] == [[[1, 255, 3], [4, None, 6]]]
    assert (back["order"], back["dimensions"]["t"]) == (given["order"], given["dimensions"]["t"])
    assert back["dimensions"]["y"] == {key: SPATIAL[key] for key in ("type", "axis", "values")}


def test_a_type_that_the_name_does_not_tell_is_kept() -> None:
    given = encoded([[[1, 2, 3], [4, 5, 6]]])
    given["dimensions"]["bands"]["type"] = "other"
    assert dimension_type(cube_of(given), "bands") == "other"


def test_truth_stays_truth() -> None:
    cube = cube_of(encoded([[[True, False, None], [True, True, True]]]))
    assert is_truth(cube)
    back = plain(cube, encoded([]))
    assert isinstance(back, dict)
    assert back["data"] == [[[True, False, None], [True, True, True]]]


def test_no_data_is_written_as_it_is_expected_and_only_that() -> None:
    cube = cube_of(encoded([[[1, None, None], [4, 5, None]]]))
    wanted = encoded([[[math.nan, math.nan, None], [4, 5, 7]]])
    back = plain(cube, wanted)
    assert isinstance(back, dict)
    (((one, nan, null), (_, _, other)),) = back["data"]
    assert (one, null, other) == (1, None, None)
    assert math.isnan(nan)


def test_labelled_arrays_become_lazy_and_come_back() -> None:
    given = {"type": "labeled-array", "data": [{"key": "B01", "value": 1.5}, {"key": 2, "value": {"type": "nodata"}}]}
    array = labelled_of(given)
    assert isinstance(array, Along)
    assert array.cube.chunks is not None
    assert array.labels == ["B01", 2]
    expected = {"type": "labeled-array", "data": [{"key": "B01", "value": 1.5}, {"key": 2, "value": None}]}
    assert plain(array, expected) == expected
    assert plain(array, [1.5, None]) == [1.5, None]
    assert plain(Labelled([1.5, None], ["B01", 2]), expected) == expected


def test_single_values_and_lists_stay_what_they_are() -> None:
    assert plain([1, "a", None, True], [1, "a", None, True]) == [1, "a", None, True]
    assert plain(xr.DataArray(2.0), 2) == 2
    empty = {"type": "datacube", "order": [], "dimensions": {}, "data": []}
    assert plain(xr.DataArray(math.nan), empty) == empty
    assert plain(xr.DataArray(math.nan), None) is None

"""Processes on cubes: dimensions, filters, masks, merging, time and climatology."""

import math
from typing import Any

import numpy as np
import pytest
import xarray as xr
from cube_factories import cube, series
from process_calls import Node, NodeReference, Parameters, call, callback, evaluated, over_time, reducer

from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.engines.openeo.along import Along, is_truth, marked_truth
from earthcode_platform.errors import ExecutionError, InputError, UnknownNameError


def sample(dates: int = 3) -> xr.DataArray:
    return cube(np.arange(dates * 2 * 2 * 3.0).reshape(dates, 2, 2, 3), ("B04", "B08"))


def test_reducing_drops_the_dimension_and_keeps_the_span() -> None:
    made = sample()
    found = call("reduce_dimension", data=made, dimension="t", reducer=reducer("max"))
    assert found.dims == ("bands", "y", "x")
    np.testing.assert_array_equal(found.values, made.values.max(axis=0))
    assert str(found["time_end"].values)[:10] == "2020-01-03"
    assert grid_of(found) == grid_of(made)


def test_a_reducer_that_gives_a_constant_fills_the_cube() -> None:
    found = call("reduce_dimension", data=sample(), dimension="bands", reducer=lambda **_: 7)
    assert found.dims == ("t", "y", "x")
    assert set(found.values.ravel()) == {7.0}


def test_reducing_says_what_is_wrong() -> None:
    with pytest.raises(ExecutionError, match=r"DimensionNotAvailable.*'band'.*'bands'"):
        call("reduce_dimension", data=sample(), dimension="band", reducer=reducer("max"))
    with pytest.raises(ExecutionError, match="gives an array"):
        call("reduce_dimension", data=sample(), dimension="t", reducer=lambda data, **_: data)
    with pytest.raises(ExecutionError, match="no data cube"):
        call("reduce_dimension", data=5, dimension="t", reducer=reducer("max"))


def test_apply_works_on_each_value() -> None:
    made = sample()
    found = call("apply", data=made, process=callback("multiply", x=Parameters("x"), y=10))
    np.testing.assert_array_equal(found.values, made.values * 10)
    assert is_truth(call("apply", data=made, process=callback("gt", x=Parameters("x"), y=3)))


def test_apply_dimension_keeps_labels_where_lengths_agree() -> None:
    made = sample()
    running = callback("cumsum", data=Parameters("data"))
    found = call("apply_dimension", data=made, dimension="t", process=running)
    np.testing.assert_array_equal(found.values, made.values.cumsum(axis=0))
    np.testing.assert_array_equal(found["t"].values, made["t"].values)


def test_apply_dimension_along_another_target() -> None:
    made = sample().isel(bands=[0])
    ends = callback("quantiles", data=Parameters("data"), probabilities=[0, 0.5, 1])
    found = call("apply_dimension", data=made, dimension="t", target_dimension="bands", process=ends)
    assert found.dims == ("bands", "y", "x")
    assert found["bands"].values.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(found.values, made.values[:, 0])
    flat = call("apply_dimension", data=sample(), dimension="t", target_dimension="bands", process=ends)
    assert flat["bands"].values.tolist() == [0, 1, 2, 3, 4, 5]
    np.testing.assert_array_equal(flat.values, np.concatenate([sample().values[:, 0], sample().values[:, 1]]))


def test_arrays_are_put_together_and_taken_apart() -> None:
    made = sample(1)
    red, nir = (call("array_element", data=Along(made, "bands"), label=name) for name in ("B04", "B08"))
    assert call("array_element", data=Along(made, "bands"), index=1).equals(nir)
    assert call("sum", data=[red, nir, 1]).values.ravel().tolist() == (made.values.sum(axis=1) + 1).ravel().tolist()
    both = call("array_create", data=[red, nir])
    assert len(call("array_concat", array1=both, array2=[5])) == 3
    assert len(call("array_append", data=both, value=red)) == 3
    assert call("array_labels", data=Along(made, "bands")) == ["B04", "B08"]
    doubled = call("array_apply", data=Along(made, "bands"), process=callback("multiply", x=Parameters("x"), y=2))
    np.testing.assert_array_equal(doubled.cube.transpose("t", doubled.dimension, "y", "x").values, made.values * 2)
    first = call("array_filter", data=Along(made, "bands"), condition=callback("eq", x=Parameters("label"), y="B04"))
    assert first.labels == ["B04"]


def test_elements_that_are_not_there_are_named() -> None:
    arrays = Along(sample(), "bands")
    with pytest.raises(ExecutionError, match=r"ArrayElementNotAvailable.*'B05'.*Did you mean"):
        call("array_element", data=arrays, label="B05")
    with pytest.raises(ExecutionError, match="ArrayElementNotAvailable"):
        call("array_element", data=[1], index=3)
    with pytest.raises(ExecutionError, match="ArrayElementParameterMissing"):
        call("array_element", data=[1])
    with pytest.raises(ExecutionError, match="ArrayElementParameterConflict"):
        call("array_element", data=arrays, index=0, label="B04")
    with pytest.raises(ExecutionError, match="ArrayNotLabeled"):
        call("array_element", data=[1], label="a")
    assert call("array_element", data=[], index=0, return_nodata=True) is None
    assert np.isnan(call("array_element", data=arrays, label="B05", return_nodata=True).values).all()


def test_membership() -> None:
    assert call("array_contains", data=[1, 2, 3], value=2) is True
    assert call("array_contains", data=[1, "2"], value=2) is False
    assert call("array_contains", data=[1, None], value=None) is False
    classes = series([3.0, 4.0, math.nan])
    masked = call("array_contains", data=[0, 1, 3, 8], value=classes)
    assert is_truth(masked)
    assert masked.values.ravel().tolist() == [1, 0, 0]
    assert over_time("array_contains", series([1.0, 5.0]), value=5).item() == 1
    assert over_time("array_find", series([1.0, 5.0, 5.0]), value=5).item() == 1
    assert over_time("array_find", series([1.0, 5.0, 5.0]), value=5, reverse=True).item() == 2
    assert np.isnan(over_time("array_find", series([1.0]), value=9)).all()
    assert call("array_find", data=["A", "B"], value="b") is None


def test_counting_by_condition() -> None:
    assert over_time("count", series([1.0, 3.0, math.nan])).item() == 2
    made = series([1.0, 3.0, 5.0])
    above = callback("gt", x=Parameters("x"), y=2)
    found = call("count", data=Along(made, "t"), condition=above)
    assert found.item() == 2
    assert call("count", data=[0, 1, 2, 3, None], condition=above) == 1
    assert call("count", data=Along(made, "t"), condition=True).item() == 3


def test_dimensions_come_and_go() -> None:
    made = call(
        "reduce_dimension", data=cube(np.ones((2, 1, 2, 2)), units=("K",)), dimension="t", reducer=reducer("mean")
    )
    alone = call("drop_dimension", data=made, name="bands")
    assert alone.dims == ("y", "x")
    named = call("add_dimension", data=alone, name="bands", label="sst", type="bands")
    assert named["bands"].values.tolist() == ["sst"]
    assert named["units"].values.tolist() == ["K"]
    dated = call("add_dimension", data=alone, name="t", label="2020-05-01", type="temporal")
    assert dated["t"].dtype.kind == "M"
    for arguments, words in (
        ({"name": "x", "label": "a"}, "DimensionExists"),
        ({"name": "q", "label": "a", "type": "band"}, "no type of dimension 'band'"),
    ):
        with pytest.raises((ExecutionError, InputError), match=words):
            call("add_dimension", data=alone, **arguments)
    with pytest.raises(ExecutionError, match="DimensionLabelCountMismatch"):
        call("drop_dimension", data=sample(), name="bands")


def test_labels_are_renamed() -> None:
    made = sample()
    found = call("rename_labels", data=made, dimension="bands", source=["B08"], target=["nir"])
    assert found["bands"].values.tolist() == ["B04", "nir"]
    assert call("dimension_labels", data=found, dimension="bands") == ["B04", "nir"]
    counted = made.assign_coords(bands=[0, 1])
    assert call("rename_labels", data=counted, dimension="bands", target=["a", "b"])["bands"].values.tolist() == [
        "a",
        "b",
    ]
    assert call("rename_labels", data=made, dimension="bands", target=["a", "b"])["bands"].values.tolist() == ["a", "b"]
    assert call("rename_dimension", data=made, source="bands", target="kind").dims == ("t", "kind", "y", "x")
    for arguments, words in (
        ({"target": ["a"]}, "LabelsNotEnumerated"),
        ({"source": ["B04"], "target": ["a", "b"]}, "LabelMismatch"),
        ({"source": ["B05"], "target": ["a"]}, "LabelNotAvailable"),
        ({"source": ["B04"], "target": ["B08"]}, "LabelExists"),
    ):
        with pytest.raises(ExecutionError, match=words):
            call("rename_labels", data=made, dimension="bands", **arguments)
    with pytest.raises(ExecutionError, match="DimensionExists"):
        call("rename_dimension", data=made, source="bands", target="t")


def test_filters() -> None:
    made = sample(5)
    assert call("filter_bands", data=made, bands=["B08", "B04"])["bands"].values.tolist() == ["B08", "B04"]
    common = made.assign_coords(common_name=("bands", ["red", "nir"]), center_wavelength=("bands", [0.66, 0.84]))
    assert call("filter_bands", data=common, bands=["nir"])["bands"].values.tolist() == ["B08"]
    assert call("filter_bands", data=common, wavelengths=[[0.8, 0.9]])["bands"].values.tolist() == ["B08"]
    assert call("filter_temporal", data=made, extent=["2020-01-02", "2020-01-04"]).sizes["t"] == 2
    assert call("filter_temporal", data=made, extent=["2020-01-02T12:00:00+12:00", None]).sizes["t"] == 4
    inside = call(
        "filter_bbox", data=made, extent={"west": 500_000, "south": 0, "east": 500_020, "north": 1e7, "crs": 32633}
    )
    assert inside.sizes["x"] == 2
    assert call("filter_labels", data=made, dimension="bands", condition=callback(
        "text_ends", data=Parameters("value"), pattern="8"))["bands"].values.tolist() == ["B08"]  # fmt: skip


@pytest.mark.parametrize(
    ("process", "arguments", "words"),
    [
        ("filter_bands", {}, "BandFilterParameterMissing"),
        ("filter_temporal", {"extent": ["2020-01-04", "2020-01-02"]}, "TemporalExtentEmpty"),
        ("filter_temporal", {"extent": [None, None]}, "no interval"),
        ("filter_temporal", {"extent": ["tomorrow", None]}, "no date or time"),
        ("filter_bbox", {"extent": {"west": 1}}, "no bounding box"),
        ("resample_spatial", {}, "asks for nothing"),
        ("resample_spatial", {"resolution": 20, "align": "lower-right"}, "alignment"),
        ("resample_spatial", {"resolution": 20, "method": "fast"}, "resampling method"),
        ("ndvi", {}, "NirBandAmbiguous"),
        ("ndvi", {"nir": "B08", "red": "B04", "target_band": "B04"}, "BandExists"),
        ("aggregate_temporal_period", {"period": "fortnight", "reducer": None}, "no period 'fortnight'"),
        ("climatological_normal", {"period": "month"}, "no dates in 1981, 1982"),
        ("climatological_normal", {"period": "hour"}, "no period of a climatological normal"),
        ("climatological_normal", {"period": "month", "climatology_period": [2021, 2020]}, "Swap"),
        ("climatological_normal", {"period": "month", "climatology_period": "2020"}, "no pair of years"),
        ("aggregate_temporal", {"intervals": [["2020", "2021"]] * 2, "reducer": None}, "Distinct|no date"),
    ],
)  # fmt: skip
def test_wrong_use_says_what_is_wrong(process: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises((ExecutionError, InputError), match=words):
        call(process, data=sample(), **arguments)


def test_ndvi_in_place_of_bands_or_beside_them() -> None:
    made = cube(np.array([0.1, 0.5]).reshape(1, 2, 1, 1), ("B04", "B08"))
    made = made.assign_coords(common_name=("bands", ["red", "nir"]))
    assert call("ndvi", data=made).item() == pytest.approx(0.4 / 0.6)
    beside = call("ndvi", data=made, target_band="ndvi")
    assert beside["bands"].values.tolist() == ["B04", "B08", "ndvi"]
    assert beside.values.ravel().tolist() == pytest.approx([0.1, 0.5, 0.4 / 0.6])


def test_masks_hide_what_is_true_and_not_what_is_unknown() -> None:
    made = series([1.0, 2.0, 3.0, 4.0])
    over = marked_truth(series([1.0, 0.0, math.nan, 1.0]))
    assert call("mask", data=made, mask=over).values.ravel().tolist()[1:3] == [2.0, 3.0]
    assert call("mask", data=made, mask=over, replacement=-9).values.ravel().tolist() == [-9, 2, 3, -9]
    spatial = over.isel(t=0, drop=True)
    assert np.isnan(call("mask", data=made, mask=spatial).values).all()
    wider = spatial.expand_dims(kind=["a", "b"])
    with pytest.raises(ExecutionError, match="IncompatibleDataCubes"):
        call("mask", data=made, mask=wider)


def test_masks_are_brought_to_the_pixels_of_the_data() -> None:
    made = cube(np.arange(16.0).reshape(1, 1, 4, 4))
    coarse = cube(np.array([[[[1.0, 0.0], [0.0, 0.0]]]]), step=20.0).isel(t=0, bands=0, drop=True)
    hidden = np.isnan(call("mask", data=made, mask=coarse).values[0, 0])
    assert hidden.tolist() == [[True, True, False, False]] * 2 + [[False] * 4] * 2


def test_merging_without_overlap_is_joining() -> None:
    one, other = cube(np.ones((2, 1, 2, 2)), ("a",), units=("K",)), cube(np.zeros((2, 1, 2, 2)), ("b",), units=("m",))
    found = call("merge_cubes", cube1=one, cube2=other)
    assert found["bands"].values.tolist() == ["a", "b"]
    assert found["units"].values.tolist() == ["K", "m"]
    xr.testing.assert_equal(found.sel(bands=["a"]).drop_attrs(), one.compute().drop_attrs())
    later = cube(np.full((2, 1, 2, 2), 5.0), ("a",), start="2019-12-30")
    joined = call("merge_cubes", cube1=one, cube2=later)
    assert joined["t"].to_index().is_monotonic_increasing
    assert joined.values[:, 0, 0, 0].tolist() == [5, 5, 1, 1]


def test_merging_with_overlap_needs_a_resolver() -> None:
    one, other = cube(np.ones((3, 1, 1, 1))), cube(np.full((3, 1, 1, 1), 10.0), start="2020-01-03")
    with pytest.raises(ExecutionError, match="OverlapResolverMissing"):
        call("merge_cubes", cube1=one, cube2=other)
    total = callback("sum", data=[Parameters("x"), Parameters("y")])
    found = call("merge_cubes", cube1=one, cube2=other, overlap_resolver=total)
    assert found.values.ravel().tolist() == [1, 1, 11, 10, 10]
    steady = other.isel(t=0, drop=True)
    with pytest.raises(ExecutionError, match="a dimension of one is missing"):
        call("merge_cubes", cube1=one, cube2=steady)
    found = call("merge_cubes", cube1=one, cube2=steady, overlap_resolver=total)
    assert found.values.ravel().tolist() == [11, 11, 11]


def test_resampling_changes_the_grid() -> None:
    made = cube(np.arange(16.0).reshape(1, 1, 4, 4))
    assert call("resample_spatial", data=made, resolution=20, method="average").values[0, 0].tolist() == [
        [2.5, 4.5], [10.5, 12.5],
    ]  # fmt: skip
    assert grid_of(call("resample_spatial", data=made, projection=3035)).crs == "EPSG:3035"
    target = cube(np.zeros((1, 1, 2, 2)), step=20.0)
    assert call("resample_cube_spatial", data=made, target=target).sizes["x"] == 2


def test_saving_checks_the_format() -> None:
    nodes = {"save": Node("save", "save_result", {"data": Parameters("cube"), "format": "gtiff"})}
    assert isinstance(evaluated(nodes, "save", {"cube": sample()}), xr.DataArray)
    wrong = {"save": Node("save", "save_result", {"data": Parameters("cube"), "format": "HDF"})}
    with pytest.raises(UnknownNameError, match="no format 'hdf'"):
        evaluated(wrong, "save", {"cube": sample()})
    options = {"save": Node("save", "save_result", {"data": Parameters("cube"), "options": {"tiled": True}})}
    with pytest.raises(InputError, match=r"node 'save' \(save_result\): FormatArgumentUnsupported: COG has no .*tiled"):
        evaluated(options, "save", {"cube": sample()})
    picture = {"save": Node("save", "save_result", {"data": Parameters("cube"), "format": "PNG"})}
    assert isinstance(evaluated(picture, "save", {"cube": sample()}), xr.DataArray)


def test_a_node_uses_the_result_of_another() -> None:
    nodes = {
        "sum": Node("sum", "add", {"x": Parameters("a"), "y": 1}),
        "twice": Node("twice", "multiply", {"x": NodeReference("sum"), "y": NodeReference("sum")}),
    }
    assert evaluated(nodes, "twice", {"a": 2}) == 9

"""Graphs that work pixel by pixel give the same by spatial blocks as on lazy cubes, and others are left alone."""

import logging
from pathlib import Path

import cloudpickle
import numpy as np
import pytest
import xarray as xr
from affine import Affine
from cube_factories import ORIGIN, collection, item, pinned, raster, write
from graph_pieces import Json, graph, index, load, node, parameter, picked, process, reduced, ref
from hypothesis import event, given, settings
from hypothesis import strategies as st

from earthcode_platform.cubes.streaming.source import source_of
from earthcode_platform.engines.openeo.check import examine
from earthcode_platform.engines.openeo.fused import block_array
from earthcode_platform.engines.openeo.fused.block_array import BlockArray
from earthcode_platform.engines.openeo.fused.fusing import fused
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.pinned import PinnedInput
from earthcode_platform.process_graphs.document import read_document
from earthcode_platform.process_graphs.graph import Graph

ROWS, COLUMNS, DATES = 20, 17, 5
_LOG = "earthcode_platform.engines.openeo.fused.fusing"


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> PinnedInput:
    """Five dates of two reflectances and of classes in pixels twice as coarse, with gaps; one date is of two items."""
    folder, random = tmp_path_factory.mktemp("scenes"), np.random.default_rng(7)
    items = []
    for number in range(DATES + 1):
        moved = number == DATES
        place = Affine(10.0, 0.0, ORIGIN[0] + (40 if moved else 0), 0.0, -10.0, ORIGIN[1])
        shape = (ROWS, COLUMNS - 1 - (4 if moved else 0))
        assets: dict[str, Json] = {}
        for band in ("B04", "B08"):
            values = random.integers(0, 9, shape).astype("uint16")
            raster(folder / f"{band}{number}.tif", values, transform=place, nodata=0)
            described = {"data_type": "uint16", "nodata": 0, "scale": 0.5, "offset": -1.0 if number > 2 else 0.0}
            assets[band] = {"href": f"./{band}{number}.tif", "type": "image/tiff", "raster:bands": [described]}
        if number != 1:
            coarse = Affine(20.0, 0.0, place.c, 0.0, -20.0, place.f)
            classes = random.integers(0, 12, (ROWS // 2, shape[1] // 2)).astype("uint8")
            raster(folder / f"SCL{number}.tif", classes, transform=coarse, nodata=0)
            assets["SCL"] = {"href": f"./SCL{number}.tif", "type": "image/tiff"}
        items.append(item(f"i{number}", f"2020-0{min(number, DATES - 1) + 1}-01T10:00:00Z", assets))
    return pinned(collection(folder, items))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut blocks and pieces so small that a little raster has many of both, and crumbs at its edges."""
    for name, value in (("_SIDE", 8), ("_SMALLEST", 8), ("_PIECE", 1), ("_FEWEST", 7)):
        monkeypatch.setattr(block_array, name, value)


def both(folder: Path, content: Json, source: PinnedInput, **values: object) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the lazy cube of a graph, and what becomes of it at the door."""
    document = read_document(write(folder / "workflow.json", content))
    examined = examine(document, [source], "workflow.json")
    assert not [found for found in examined.findings if found.severity is Severity.ERROR]
    cube = examined.results[0].cube
    assert isinstance(document.graph, Graph)
    scope = {**document.values(values), source.name: source}
    return cube, fused(document.graph, scope, cube, examined.known, Session({source.name: source}, None))


def by_blocks(cube: xr.DataArray) -> bool:
    return any(isinstance(one, BlockArray) for layer in cube.data.dask.layers.values() for one in layer.values())


def assert_same(one: xr.DataArray, other: xr.DataArray) -> None:
    assert one.dtype == other.dtype
    assert one.dims == other.dims
    xr.testing.assert_identical(one.coords.to_dataset(), other.coords.to_dataset())
    np.testing.assert_array_equal(one.values, other.values)


COMPARED = st.one_of(
    st.builds(
        lambda name, y: node(name, x=ref("scl"), y=y),
        st.sampled_from(["eq", "neq", "gt", "gte", "lt", "lte"]),
        st.integers(0, 11),
    ),
    st.builds(
        lambda low, high: node("between", x=ref("scl"), min=low, max=high), st.integers(0, 5), st.integers(5, 11)
    ),
    st.builds(
        lambda values: node("array_contains", data=values, value=ref("scl")),
        st.lists(st.integers(0, 11), min_size=1, max_size=3),
    ),
    st.sampled_from([node("is_valid", x=ref("scl")), node("is_nodata", x=ref("scl"))]),
)


@st.composite
def conditions(draw: st.DrawFn) -> Json:
    """Draw a reducer that makes truth values of the classes: comparisons, joined by logic."""
    nodes: dict[str, Json] = {"scl": picked("SCL")}
    known = []
    for at in range(draw(st.integers(1, 3))):
        nodes[f"c{at}"] = draw(COMPARED)
        known.append(f"c{at}")
    for at in range(draw(st.integers(0, 2))):
        one, other = draw(st.sampled_from(known)), draw(st.sampled_from(known))
        name = draw(st.sampled_from(["and", "or", "xor", "not", "any", "all"]))
        if name == "not":
            nodes[f"l{at}"] = node("not", x=ref(one))
        elif name in ("any", "all"):
            nodes[f"l{at}"] = node(name, data=[ref(one), ref(other)], ignore_nodata=draw(st.booleans()))
        else:
            nodes[f"l{at}"] = node(name, x=ref(one), y=ref(other))
        known.append(f"l{at}")
    return process(*nodes.items())


MATHS = st.sampled_from(
    [
        index(),
        process(
            a=picked("B04"),
            b=picked("B08"),
            s=node("subtract", x=ref("a"), y=ref("b")),
            m=node("multiply", x=ref("s"), y=2.5),
        ),
        process(
            a=picked("B04"),
            b=picked("B08"),
            s=node("add", x=ref("a"), y=ref("b")),
            m=node("divide", x=ref("a"), y=ref("s")),
        ),
        process(a=node("max", data=parameter("data"))),
        process(a=picked("B08"), r=node("sqrt", x=ref("a"))),
        process(
            a=picked("B08"),
            b=picked("SCL"),
            g=node("gt", x=ref("b"), y=5),
            i=node("if", value=ref("g"), accept=ref("a"), reject=-1),
        ),
    ]
)
OVER_TIME = st.sampled_from(
    [
        *(
            process(r=node(name, data=parameter("data"), ignore_nodata=kept))
            for kept in (True, False)
            for name in ("mean", "median", "min", "max", "sum", "first", "last", "sd", "variance", "product")
        ),
        process(r=node("count", data=parameter("data"))),
        process(
            q=node("quantiles", data=parameter("data"), probabilities=[0.1, 0.5]),
            e=node("array_element", data=ref("q"), index=0),
        ),
        process(
            a=node("max", data=parameter("data")),
            b=node("min", data=parameter("data")),
            s=node("subtract", x=ref("a"), y=ref("b")),
        ),
    ]
)


@st.composite
def graphs(draw: st.DrawFn) -> Json:
    """Draw a graph: load, perhaps cut, perhaps mask, perhaps combine bands, reduce over time, perhaps scale, save."""
    nodes: dict[str, Json] = {"load": load()}
    last = "load"
    if draw(st.booleans()):
        nodes["some"] = node("filter_temporal", data=ref(last), extent=["2020-02-01", "2020-06-01"])
        last = "some"
    if draw(st.booleans()):
        edges = {"west": ORIGIN[0] + 25, "east": ORIGIN[0] + 130, "south": ORIGIN[1] - 170, "north": ORIGIN[1] - 33}
        nodes["part"] = node("filter_bbox", data=ref(last), extent={**edges, "crs": 32633})
        last = "part"
    if draw(st.booleans()):
        put = draw(st.sampled_from([None, -5]))
        nodes["where"] = reduced(last, "bands", draw(conditions()))
        nodes["clear"] = node(
            "mask", data=ref(last), mask=ref("where"), **({} if put is None else {"replacement": put})
        )
        last = "clear"
    if draw(st.booleans()):
        nodes["maths"] = reduced(last, "bands", draw(MATHS))
        last = "maths"
    if draw(st.booleans()):
        nodes["time"] = reduced(last, "t", draw(OVER_TIME))
    else:
        nodes["time"] = node("aggregate_temporal_period", data=ref(last), period="season", reducer=draw(OVER_TIME))
    if draw(st.booleans()):
        scaled = node("linear_scale_range", x=parameter("x"), inputMin=0, inputMax=4, outputMin=0, outputMax=250)
        nodes["scaled"] = node("apply", data=ref("time"), process=process(s=scaled))
    nodes["save"] = node("save_result", data=ref(list(nodes)[-1]))
    return graph(**nodes)


@settings(max_examples=20, deadline=None)
@given(content=graphs())
def test_blocks_and_lazy_cubes_agree(
    scenes: PinnedInput, tmp_path_factory: pytest.TempPathFactory, content: Json
) -> None:
    lazy, made = both(tmp_path_factory.mktemp("graph"), content, scenes)
    event(f"by blocks: {by_blocks(made)}")
    assert by_blocks(made)
    assert made.data.npartitions > 1
    assert_same(made, lazy)


def test_values_that_no_step_changes_pass_through(scenes: PinnedInput, tmp_path: Path) -> None:
    renamed = node("rename_labels", data=ref("load"), dimension="bands", target=["red"], source=["B04"])
    lazy, made = both(tmp_path, graph(renamed=renamed, save=node("save_result", data=ref("renamed"))), scenes)
    assert by_blocks(made)
    assert_same(made, lazy)


def test_a_window_of_a_result_is_that_part_of_it(scenes: PinnedInput, tmp_path: Path) -> None:
    lazy, made = both(tmp_path, graph(mean=reduced("load", "t", "mean")), scenes)
    whole = lazy.values
    for part in (
        (slice(None), slice(3, 19, 2), slice(1, 2)),
        (1, slice(None, None, -1), -1),
        (slice(0, 1), 7, slice(5, 5)),
    ):
        np.testing.assert_array_equal(made.data[part].compute(), whole[part])


def test_climatologies_and_anomalies_are_computed_by_blocks(scenes: PinnedInput, tmp_path: Path) -> None:
    normal = node("climatological_normal", data=ref("load"), period="month", climatology_period=[2020, 2020])
    departure = node("anomaly", data=ref("load"), normals=ref("normal"), period="month")
    lazy, made = both(tmp_path, graph(normal=normal, departure=departure), scenes)
    assert by_blocks(made)
    assert_same(made, lazy)


def test_masks_of_classes_are_looked_up(scenes: PinnedInput, tmp_path: Path) -> None:
    bad = process(
        scl=picked("SCL"), high=node("gte", x=ref("scl"), y=8), low=node("eq", x=ref("scl"), y=3),
        either=node("or", x=ref("high"), y=ref("low")),
    )  # fmt: skip
    content = graph(
        bad=reduced("load", "bands", bad), clear=node("mask", data=ref("load"), mask=ref("bad")),
        ndvi=reduced("clear", "bands", index()), m=reduced("ndvi", "t", "median"),
    )  # fmt: skip
    lazy, made = both(tmp_path, content, scenes)
    source = source_of(made)
    assert isinstance(source, BlockArray)
    (only,) = source.lookups
    assert (len(only.found), len(source.program.steps) - len(source.short.steps)) == (1, 6)
    assert_same(made, lazy)


def test_blocks_travel_to_other_processes(scenes: PinnedInput, tmp_path: Path) -> None:
    lazy, made = both(tmp_path, graph(ndvi=reduced("load", "bands", index()), m=reduced("ndvi", "t", "median")), scenes)
    again = cloudpickle.loads(cloudpickle.dumps(made))
    np.testing.assert_array_equal(again.values, lazy.values)


MOVED = node("resample_spatial", data=ref("load"), resolution=20, method="near")
RUNNING = process(c=node("cumsum", data=parameter("data")))
ACROSS = node("apply_dimension", data=ref("load"), dimension="x", process=RUNNING)
REASONS = {
    "'moved': resample_spatial": graph(moved=MOVED, mean=reduced("moved", "t", "mean")),
    "'across': apply_dimension along 'x'": graph(across=ACROSS, mean=reduced("across", "t", "mean")),
    "nothing is computed": graph(part=node("filter_bands", data=ref("load"), bands=["B04"])),
    "nothing is computed; saved": graph(save=node("save_result", data=ref("load"))),
}


def test_what_mixes_pixels_stays_lazy(scenes: PinnedInput, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for number, (reason, content) in enumerate(REASONS.items()):
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger=_LOG):
            lazy, made = both(tmp_path / str(number), content, scenes)
        assert made is lazy
        assert f"computed as a lazy cube: {reason.partition(';')[0]}" in caplog.text.replace("node ", "")


def test_the_log_tells_which_way_was_taken(
    scenes: PinnedInput, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger=_LOG):
        both(tmp_path, graph(mean=reduced("load", "t", "mean")), scenes)
    assert "computed by spatial blocks of (3, 8, 8)" in caplog.text


def test_rasters_that_have_to_be_interpolated_stay_lazy(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    values = np.arange(12, dtype="uint16").reshape(3, 4)
    raster(tmp_path / "a.tif", values)
    raster(tmp_path / "b.tif", values, transform=Affine(10.0, 0.0, ORIGIN[0] + 5, 0.0, -10.0, ORIGIN[1]))
    assets = {name: {"href": f"./{name}.tif", "type": "image/tiff"} for name in "ab"}
    source = pinned(collection(tmp_path, [item("i", "2020-01-01T10:00:00Z", assets)]))
    with caplog.at_level(logging.DEBUG, logger=_LOG):
        lazy, made = both(tmp_path, graph(mean=reduced("load", "t", "mean")), source)
    assert made is lazy
    assert "interpolated" in caplog.text

"""The engine as a whole: a pinned experiment in, files and a quicklook out."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from cube_factories import UTM, collection, item, pinned, raster
from distributed import Client, LocalCluster

from earthcode_platform import checksums
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.errors import ExecutionError, IntegrityError, RefusedError
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.pinned import PinnedExperiment, PinnedWorkflow
from earthcode_platform.models.run import RunResult

VALUES = np.array([[1, 2, 3], [4, 0, 6]], dtype="uint16")


def reduced(data: str, dimension: str, process: str) -> dict[str, Any]:
    node = {"process_id": process, "arguments": {"data": {"from_parameter": "data"}}, "result": True}
    return {
        "process_id": "reduce_dimension",
        "arguments": {
            "data": {"from_node": data},
            "dimension": dimension,
            "reducer": {"process_graph": {"r": node}},
        },
    }


def graph(**nodes: dict[str, Any]) -> dict[str, Any]:
    """Return a process that loads `scenes` and ends with the last of the nodes."""
    load = {"process_id": "load_stac", "arguments": {"url": {"from_parameter": "scenes"}}}
    every = {"load": load, **copy.deepcopy(nodes)}
    every[list(every)[-1]]["result"] = True
    declared = [{"name": "scenes", "schema": {"type": "string"}},
                {"name": "factor", "schema": {"type": "number"}, "default": 1}]  # fmt: skip
    return {"parameters": declared, "process_graph": every}


MEAN = reduced("load", "t", "mean")
SAVE = {"process_id": "save_result", "arguments": {"data": {"from_node": "mean"}}}


def experiment(
    folder: Path, content: dict[str, Any], form: str = "COG", configuration: dict[str, Any] | None = None
) -> PinnedExperiment:
    """Write two dates of two bands and the workflow, and pin them."""
    items = []
    for day in (1, 2):
        for band in ("a", "b"):
            raster(folder / f"{band}{day}.tif", VALUES * day + (100 if band == "b" else 0), nodata=0)
        bands = {band: {"href": f"./{band}{day}.tif", "type": "image/tiff"} for band in ("a", "b")}
        items.append(item(f"i{day}", f"2020-01-0{day}T10:00:00Z", bands))
    source = pinned(collection(folder, items))
    path = folder / "workflow.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    declared = Experiment.model_validate({
        "id": "trial", "version": "1.0.0", "title": "A trial", "description": "A trial.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "W"},
        "inputs": {"scenes": {"href": "collection.json"}}, "configuration": configuration or {},
        "product": {"id": "trial-map", "title": "A trial map", "format": form},
    })  # fmt: skip
    workflow = PinnedWorkflow(kind=declared.workflow.kind, path=str(path), checksum=checksums.of_file(path))
    return PinnedExperiment(experiment=declared, folder=str(folder), workflow=workflow, inputs=(source,))


def run(folder: Path, content: dict[str, Any], form: str = "COG", **configuration: object) -> RunResult:
    return OpenEOEngine().run(experiment(folder, content, form, configuration), folder / "out")


def test_several_bands_become_bands_of_a_cog(tmp_path: Path) -> None:
    result = run(tmp_path, graph(mean=MEAN, save=SAVE))
    (produced,) = result.files
    assert produced.path == str(tmp_path / "out" / "result" / "trial-map.tif")
    assert result.quicklook == str(tmp_path / "out" / "quicklook.png")
    assert sorted(entry.name for entry in (tmp_path / "out").iterdir()) == ["quicklook.png", "result"]
    with rasterio.open(produced.path) as opened:
        assert opened.descriptions == ("a", "b")
        values = opened.read()
    np.testing.assert_array_equal(values[0], np.array([[1.5, 3, 4.5], [6, np.nan, 9]]))
    assert produced.grid.crs == UTM
    assert (str(produced.start)[:19], str(produced.end)[:19]) == ("2020-01-01 10:00:00", "2020-01-02 10:00:00")
    assert produced.statistics["maximum"] == 109
    assert produced.bands == ("a", "b")
    assert result.engine.name == "openeo"
    assert {"numpy", "xarray", "dask", "rasterio", "gdal", "odc-stac"} <= result.engine.libraries.keys()
    assert RunResult.model_validate_json(result.model_dump_json()) == result


@pytest.mark.parametrize(("form", "suffix"), [("NetCDF", ".nc"), ("Zarr", ".zarr")])
def test_cubes_keep_their_dates(tmp_path: Path, form: str, suffix: str) -> None:
    times = {"process_id": "apply", "arguments": {"data": {"from_node": "load"}, "process": {"process_graph": {
        "m": {"process_id": "multiply", "arguments": {
            "x": {"from_parameter": "x"}, "y": {"from_parameter": "factor"}}, "result": True}}}}}  # fmt: skip
    (produced,) = run(tmp_path, graph(times=times), form, factor=10).files
    assert produced.path.endswith(suffix)
    found = reopen(Path(produced.path))
    assert found.sizes == {"t": 2, "bands": 2, "y": 2, "x": 3}
    assert found.values[1, 0, 0].tolist() == [20, 40, 60]


def test_months_become_moments_in_the_file(tmp_path: Path) -> None:
    monthly = {"process_id": "aggregate_temporal_period", "arguments": {
        "data": {"from_node": "load"}, "period": "month", "reducer": MEAN["arguments"]["reducer"]}}  # fmt: skip
    (produced,) = run(tmp_path, graph(monthly=monthly), "NetCDF").files
    assert [str(stamp)[:10] for stamp in reopen(Path(produced.path))["t"].values] == ["2020-01-01"]


def test_a_run_repeats_bit_by_bit(tmp_path: Path) -> None:
    made = experiment(tmp_path, graph(mean=MEAN, save=SAVE))
    first, second = (OpenEOEngine().run(made, tmp_path / name) for name in ("one", "two"))
    assert first.files[0].data_checksum == second.files[0].data_checksum
    assert Path(first.files[0].path).read_bytes() == Path(second.files[0].path).read_bytes()
    assert Path(first.quicklook).read_bytes() == Path(second.quicklook).read_bytes()


def test_a_cluster_gives_the_same(tmp_path: Path) -> None:
    made = experiment(tmp_path, graph(mean=MEAN, save=SAVE))
    alone = OpenEOEngine().run(made, tmp_path / "one")
    with LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as cluster, Client(cluster):
        together = OpenEOEngine().run(made, tmp_path / "two")
    assert alone.files[0].data_checksum == together.files[0].data_checksum


def test_progress_rises_from_nothing_to_done(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    made = experiment(tmp_path, graph(mean=MEAN, save=SAVE))
    OpenEOEngine(progress=lambda fraction, step: told.append((fraction, step))).run(made, tmp_path / "out")
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert told[0] == (0.0, "building the cube")
    assert told[-1] == (1.0, "done")
    assert {"computing", "writing", "drawing the quicklook"} <= {step for _, step in told}


def test_two_results_are_two_files(tmp_path: Path) -> None:
    largest = reduced("load", "t", "max")
    first = {"process_id": "save_result", "arguments": {"data": {"from_node": "largest"}}}
    result = run(tmp_path, graph(mean=MEAN, largest=largest, first=first, save=SAVE))
    assert [Path(produced.path).name for produced in result.files] == ["trial-map.tif", "trial-map-2.tif"]
    assert [produced.statistics["maximum"] for produced in result.files] == [109, 112]
    assert result.files[1].title == "A trial map, part 2"


def test_items_are_chosen_by_properties_and_dates(tmp_path: Path) -> None:
    content = graph(mean=MEAN, save=SAVE)
    content["process_graph"]["load"]["arguments"] |= {
        "temporal_extent": ["2020-01-02", None],
        "bands": ["a"],
        "properties": {"datetime": {"process_graph": {"c": {
            "process_id": "text_begins", "result": True,
            "arguments": {"data": {"from_parameter": "value"}, "pattern": "2020"}}}}},
    }  # fmt: skip
    (produced,) = run(tmp_path, content).files
    assert produced.statistics["maximum"] == 12
    assert produced.start == produced.end


def test_load_collection_names_the_input(tmp_path: Path) -> None:
    content = graph(mean=MEAN, save=SAVE)
    content["process_graph"]["load"] = {
        "process_id": "load_collection",
        "arguments": {"id": "scenes", "spatial_extent": None, "temporal_extent": None},
    }
    assert run(tmp_path, content).files[0].bands == ("a", "b")


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ({"first": reduced("load", "time", "mean")}, "node 'first': reduce_dimension: DimensionNotAvailable"),
        ({"save": {"process_id": "save_result", "arguments": {"data": {"from_node": "load"}}}}, "has 2 dates"),
        ({"number": {"process_id": "pi", "arguments": {}}}, "no data cube"),
    ],
)
def test_a_graph_that_would_fail_is_refused_and_says_where(
    tmp_path: Path, nodes: dict[str, dict[str, Any]], words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        run(tmp_path, graph(**nodes))
    assert not (tmp_path / "out").exists()


def test_a_result_without_data_fails_and_leaves_no_product(tmp_path: Path) -> None:
    none = {"process_id": "apply", "arguments": {"data": {"from_node": "load"}, "process": {"process_graph": {
        "n": {"process_id": "nan", "arguments": {}, "result": True}}}}}  # fmt: skip
    with pytest.raises(ExecutionError, match="no valid pixel"):
        run(tmp_path, graph(none=none, mean=reduced("none", "t", "mean")))
    assert list((tmp_path / "out").rglob("*.tif")) == []


def test_a_wrong_graph_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="workflow-unsupported-process"):
        run(tmp_path, graph(mean={"process_id": "sen2like", "arguments": {}}))
    assert not (tmp_path / "out").exists()


def test_a_workflow_that_changed_is_not_run(tmp_path: Path) -> None:
    made = experiment(tmp_path, graph(mean=MEAN, save=SAVE))
    (tmp_path / "workflow.json").write_text(json.dumps(graph(mean=MEAN)), encoding="utf-8")
    with pytest.raises(IntegrityError, match="was recorded"):
        OpenEOEngine().run(made, tmp_path / "out")


def test_data_that_break_while_they_are_read_are_named(tmp_path: Path) -> None:
    made = experiment(tmp_path, graph(mean=MEAN, save=SAVE))
    broken = tmp_path / "a1.tif"
    content = broken.read_bytes()
    os.truncate(broken, len(content) - 8)
    with pytest.raises(ExecutionError, match="reading the data failed"):
        OpenEOEngine().run(made, tmp_path / "out")

"""The rehearsal finds everything at once, blames no node for another's fault, and reads no pixel."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from cube_factories import collection, item, pinned, raster
from graph_pieces import NDVI, TIME_MEAN, Json, box, graph, load, node, parameter, process, reduced, ref

from earthcode_platform import checksums
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedInput, PinnedWorkflow

VALUES = np.arange(16, dtype="uint16").reshape(4, 4)


def scenes(folder: Path, *, fields: Json | None = None, **options: Any) -> PinnedInput:  # noqa: ANN401 - those of raster
    """Return two dates of two bands, each item with more fields, each file with other options."""
    items = []
    for day in (1, 2):
        for band in ("B04", "B08"):
            raster(folder / f"{band}{day}.tif", VALUES + day, **options)
        bands = {band: {"href": f"./{band}{day}.tif", "type": "image/tiff"} for band in ("B04", "B08")}
        items.append(item(f"i{day}", f"2020-01-0{day}T10:00:00Z", bands, **(fields or {})))
    return pinned(collection(folder, items))


def found(folder: Path, content: Json, source: PinnedInput) -> list[Finding]:
    path = folder / "workflow.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    workflow = PinnedWorkflow(kind=WorkflowKind.OPENEO, path=str(path), checksum=checksums.of_file(path))
    return OpenEOEngine().check(workflow, (source,))


def places(findings: list[Finding]) -> dict[str, str]:
    """Return the codes by the places of their nodes."""
    return {one.where.removeprefix("workflow.json, "): one.code for one in findings}


def test_everything_is_found_at_once(tmp_path: Path) -> None:
    content = graph(
        load=load(spatial_extent=box(west=30.0, east=31.0), temporal_extent=["2021-01-01", None], bands=["B04", "B8"]),
        early=node("filter_temporal", data=ref("load"), extent=["2020-01-32", None]),
        mean=reduced("early", "time", "mean"),
        lost=reduced("early", "t", "mean"),
        twice=reduced("lost", "t", process(m=node("meen", data=parameter("data")))),
        both=node("merge_cubes", cube1=ref("mean"), cube2=ref("twice"), overlap_resolver=5),
    )
    findings = found(tmp_path, content, scenes(tmp_path))
    assert sorted((one.code, one.where.partition("node ")[2]) for one in findings) == sorted([
        ("workflow-unknown-band", "'load'"),
        ("workflow-unusable-input", "'load'"),
        ("workflow-unusable-input", "'load'"),
        ("workflow-argument-value", "'early'"),
        ("workflow-dimension-not-available", "'mean'"),
        ("workflow-dimension-not-available", "'twice'"),
        ("workflow-unsupported-process", "'twice' > reducer > node 'm'"),
        ("workflow-argument-type", "'both'"),
    ])  # fmt: skip


def test_a_default_that_is_wrong_hides_nothing(tmp_path: Path) -> None:
    content = graph(
        parameters=[{"name": "since", "schema": {"type": "string"}, "default": 2020}],
        late=node("filter_temporal", data=ref("load"), extent=[parameter("since"), None]),
        mean=reduced("late", "time", "mean"),
    )
    assert places(found(tmp_path, content, scenes(tmp_path))) == {
        "parameter 'since'": "workflow-bad-default",
        "node 'mean'": "workflow-dimension-not-available",
    }


def test_what_stands_on_a_fault_is_not_blamed_for_it(tmp_path: Path) -> None:
    content = graph(
        cut=node("filter_temporal", data=ref("load"), extent=["2021-01-01", None]),
        last=node("filter_temporal", data=ref("cut"), extent=["2020-01-02", None]),
        flat=node("drop_dimension", data=ref("last"), name="t"),
        index={**NDVI, "arguments": {**NDVI["arguments"], "data": ref("flat")}},
    )
    assert places(found(tmp_path, content, scenes(tmp_path))) == {"node 'cut'": "workflow-no-data-available"}


def test_two_faults_of_one_callback_are_two_findings(tmp_path: Path) -> None:
    broken = process(
        low=node("array_element", data=parameter("data"), index=9),
        high=node("array_element", data=parameter("data"), index=8),
        sum=node("add", x=ref("low"), y=ref("high")),
    )
    findings = found(tmp_path, graph(mean=reduced("load", "t", broken)), scenes(tmp_path))
    assert places(findings) == {
        "node 'mean' > reducer > node 'low'": "workflow-array-element-not-available",
        "node 'mean' > reducer > node 'high'": "workflow-array-element-not-available",
    }


def test_what_hangs_on_a_value_that_is_not_given_is_left_open(tmp_path: Path) -> None:
    content = graph(
        parameters=[{"name": "since", "schema": {"type": "string"}}, {"name": "label", "schema": {}}],
        late=node("filter_temporal", data=ref("load"), extent=[parameter("since"), None]),
        one=reduced(
            "late", "bands", process(e=node("array_element", data=parameter("data"), label=parameter("label")))
        ),
        mean=reduced("one", "t", "mean"),
    )
    source = scenes(tmp_path)
    assert found(tmp_path, content, source) == []
    content["process_graph"]["mean"]["arguments"]["dimension"] = "bands"
    assert places(found(tmp_path, content, source)) == {"node 'mean'": "workflow-dimension-not-available"}


def test_no_pixel_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = scenes(tmp_path)
    monkeypatch.setattr("dask.base.compute", lambda *_, **__: pytest.fail("the check computes"))
    monkeypatch.setattr("rasterio.DatasetReader.read", lambda *_, **__: pytest.fail("the check reads"), raising=False)
    assert found(tmp_path, graph(index=NDVI, mean=reduced("index", "t", "median")), source) == []


@pytest.mark.parametrize(
    ("fields", "options", "words"),
    [
        ({}, {"crs": None}, "has no coordinate reference system"),
        ({"proj:code": "EPSG:32634"}, {}, "says proj:code EPSG:32634 of asset 'B04', but the file says EPSG:32633"),
        ({"proj:shape": [4, 5]}, {}, "says proj:shape [4, 5]"),
        ({}, {"transform": Affine(10.0, 2.0, 5e5, 2.0, -10.0, 5e6)}, "rotated or sheared"),
    ],
)
def test_files_that_make_no_cube_are_found_where_they_are_loaded(
    tmp_path: Path, fields: Json, options: dict[str, Any], words: str
) -> None:
    (one,) = found(tmp_path, graph(mean=TIME_MEAN), scenes(tmp_path, fields=fields, **options))
    assert (one.code, one.where) == ("workflow-unusable-input", "workflow.json, node 'load'")
    assert words in one.message
    assert one.remedy


def test_a_file_that_is_gone_is_no_fault_of_the_workflow(tmp_path: Path) -> None:
    source = scenes(tmp_path)
    (tmp_path / "B081.tif").unlink()
    assert found(tmp_path, graph(mean=TIME_MEAN), source) == []


def test_null_stands_for_the_default_where_it_means_nothing(tmp_path: Path) -> None:
    named = node("rename_labels", data=ref("coarse"), dimension="bands", source=["B04"], target=["red"])
    content = graph(
        coarse=node("resample_spatial", data=ref("load"), resolution=20, method=None, align=None, projection=None),
        named=named,
    )
    source = scenes(tmp_path)
    assert found(tmp_path, content, source) == []
    named["arguments"]["source"] = None
    assert [one.code for one in found(tmp_path, content, source)] == ["workflow-labels-not-enumerated"]


def test_an_input_that_a_node_names_wrongly_is_found(tmp_path: Path) -> None:
    content = graph(name=node("constant", x="secnes"), load=load(url=ref("name")), mean=TIME_MEAN)
    (one,) = found(tmp_path, content, scenes(tmp_path))
    assert (one.code, one.where, one.remedy) == (
        "workflow-unknown-input",
        "workflow.json, node 'load'",
        "Did you mean 'scenes'?",
    )


@pytest.mark.parametrize(("name", "meant"), [("time", "t"), ("lat", "y"), ("Band", "bands"), ("spectral", "bands")])
def test_other_names_of_dimensions_are_known(tmp_path: Path, name: str, meant: str) -> None:
    (one,) = found(tmp_path, graph(mean=reduced("load", name, "mean")), scenes(tmp_path))
    assert one.code == "workflow-dimension-not-available"
    assert one.remedy == f"Did you mean {meant!r}?"


def test_data_that_do_not_answer_are_no_fault_of_the_workflow(tmp_path: Path) -> None:
    source = scenes(tmp_path)
    away = "http://127.0.0.1:9/collection.json"
    documents = tuple(entry.model_copy(update={"href": away}) for entry in source.documents)
    remote = source.model_copy(update={"href": away, "documents": documents})
    assert found(tmp_path, graph(mean=TIME_MEAN), remote) == []
    wrong = found(tmp_path, graph(mean=reduced("load", "t", "meen")), remote)
    assert [one.code for one in wrong] == ["workflow-unsupported-process"]

"""The suite of real graphs: its scenes, its verdicts, and what it says without a checkout."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conformance.apex_cases import Case, graphs, values_for
from conformance.apex_scenes import BOX, PERIOD, SCENES, write_scenes
from conformance.apex_suite import outcome_of
from graph_pieces import node, parameter, process, ref

NAMED = {"name": "bbox", "schema": {"type": "object", "subtype": "bounding-box"}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("apex")
    write_scenes(made / "scenes")
    return made


def written(folder: Path, name: str, parameters: list[dict[str, Any]], **nodes: dict[str, Any]) -> Path:
    path = folder / f"catalog/{name}/openeo_udp/{name}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"id": name, "parameters": parameters, **process(**nodes)}), encoding="utf-8")
    return path


def test_without_a_checkout_it_says_where_to_get_one(checkout: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "conformance.apex_suite", str(tmp_path)]
    ended = subprocess.run(command, cwd=checkout / "tests", capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "https://github.com/ESA-APEx/apex_algorithms" in ended.stderr
    assert ended.stdout == ""


def test_scenes_are_always_the_same_and_have_clouds_and_gaps() -> None:
    optical = SCENES["sentinel2"]
    values = optical.values("B04")
    assert values.shape == (10, 64, 80)
    assert 0.01 < np.isnan(values).mean() < 0.2
    assert int(np.nansum(values)) == int(np.nansum(optical.values("B04")))
    assert {3, 4, 5, 6, 7, 8, 9} <= set(np.unique(optical.values("SCL")[~np.isnan(optical.values("SCL"))]).astype(int))
    assert np.isnan(SCENES["sentinel1"].values("VV")).any()


def test_a_graph_runs_on_the_scenes_and_is_compared(folder: Path) -> None:
    load = node("load_collection", id="SENTINEL2_L2A", spatial_extent=parameter("bbox"), bands=["B04", "B08"])
    largest = node("max", data=parameter("data"))
    over_bands = process(
        n=node("array_element", data=parameter("data"), index=1),
        r=node("array_element", data=parameter("data"), index=0),
        d=node("normalized_difference", x=ref("n"), y=ref("r")),
    )
    index = node("reduce_dimension", data=ref("load"), dimension="bands", reducer=over_bands)
    best = node("reduce_dimension", data=ref("index"), dimension="t", reducer=process(m=largest))
    path = written(folder, "max_ndvi", [NAMED], load=load, index=index, best=best)
    outcome = outcome_of("max_ndvi", path, folder)
    assert (outcome.verdict, outcome.told) == ("passed", "1 bands of 64 x 80, 100% valid; values as NumPy's")
    assert {"load_collection", "normalized_difference", "max"} <= set(outcome.processes)


def test_wrong_values_and_refusals_fail(folder: Path) -> None:
    load = node("load_collection", id="SENTINEL1_GRD", spatial_extent=parameter("bbox"), bands=["VV", "VH"])
    least = node(
        "reduce_dimension", data=ref("load"), dimension="t", reducer=process(m=node("min", data=parameter("data")))
    )
    wrong = outcome_of("urban_areas", written(folder, "urban_areas", [NAMED], load=load, least=least), folder)
    assert (wrong.verdict, wrong.told) == ("failed", "AssertionError: 2 bands ['VV', 'VH'], not 3")
    unknown = written(folder, "unknown", [NAMED], load=load, odd=node("sen2like", data=ref("load")))
    refused = outcome_of("unknown", unknown, folder)
    assert refused.verdict == "failed"
    assert "the process 'sen2like' is not supported here" in refused.told
    known = written(folder, "sen2like_processing", [NAMED], load=load, odd=node("sen2like", data=ref("load")))
    skipped = outcome_of("sen2like_processing", known, folder)
    assert (skipped.verdict, "EODC" in skipped.told) == ("skipped", True)
    runs = outcome_of("cropsar1d", written(folder, "cropsar1d", [NAMED], load=load, least=least), folder)
    assert runs.verdict == "failed"
    assert runs.told.startswith("runs, though it was known not to")


def test_graphs_are_found_by_their_folder_and_get_window_and_interval(tmp_path: Path) -> None:
    written(tmp_path, "one", [], pi=node("pi"))
    tested = tmp_path / "catalog/one/openeo_udp/test/one.json"
    tested.parent.mkdir()
    tested.write_text("{}", encoding="utf-8")
    assert list(graphs(tmp_path)) == ["one", "one (test)"]
    when = {"name": "when", "schema": [{"type": "null"}, {"type": "array", "subtype": "temporal-interval"}]}
    given = values_for({"parameters": [NAMED, when, {"name": "x", "schema": {}}]}, Case(values={"x": 3}))
    assert given == {"bbox": BOX, "when": PERIOD, "x": 3}

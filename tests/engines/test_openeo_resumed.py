"""A run of a graph that was killed goes on where it was, and only there; what changed is computed anew."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import computed_blocks
import numpy as np
import pytest
from cube_factories import collection, item, pinned, raster, write
from data_server import serving_files
from graph_pieces import Json, graph, index, load, node, process, reduced, ref

from earthcode_platform import checksums
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.pinned import PinnedExperiment, PinnedWorkflow

SIDE, ROWS, COLUMNS = 8, 40, 37
BLOCKS = 5 * 5
_CHILD = f"""
import sys, time
from pathlib import Path
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.engines.openeo.fused import block_array
from earthcode_platform.models.pinned import PinnedExperiment

block_array._SIDE = block_array._SMALLEST = {SIDE}

def reached(fraction, step):
    if step == "computing" and (fraction - 0.05) / 0.8 >= 0.6:
        print("computed 60 %", flush=True)
        time.sleep(60)

pinned = PinnedExperiment.model_validate_json(Path(sys.argv[1]).read_text())
OpenEOEngine(progress=reached).run(pinned, Path(sys.argv[2]))
"""
"""Computes until 60 % of the blocks are written, says so, and waits to be killed."""


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    computed_blocks.small_blocks(monkeypatch, SIDE)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Keep which blocks are computed in this process."""
    return computed_blocks.noted_blocks(monkeypatch)


def composite(form: str, reducer: str = "median") -> Json:
    return graph(
        load=load(bands=["B04", "B08"]),
        ndvi=reduced("load", "bands", index()),
        middle=reduced("ndvi", "t", process(r=node(reducer, data={"from_parameter": "data"}))),
        save=node("save_result", data=ref("middle"), format=form, options=_options(form)),
    )


def _options(form: str) -> Json:
    return {"chunks": {"y": SIDE, "x": SIDE}, "shards": {"y": SIDE, "x": SIDE}} if form == "Zarr" else {}


def scenes(folder: Path, address: str = "") -> Path:
    """Write three dates of two bands and their collection; files lie at an address if there is one."""
    random, items = np.random.default_rng(11), []
    for number in range(3):
        assets: dict[str, Json] = {}
        for band in ("B04", "B08"):
            raster(folder / f"{band}{number}.tif", random.integers(1, 900, (ROWS, COLUMNS)).astype("uint16"), nodata=0)
            assets[band] = {"href": f"{address or '.'}/{band}{number}.tif", "type": "image/tiff"}
        items.append(item(f"i{number}", f"2020-0{number + 1}-01T10:00:00Z", assets))
    return collection(folder, items)


def experiment(folder: Path, source: Path, content: Json, form: str) -> PinnedExperiment:
    path = write(folder / "workflow.json", content)
    declared = Experiment.model_validate({
        "id": "killed", "version": "1.0.0", "title": "T", "description": "D.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "W"},
        "inputs": {"scenes": {"href": "collection.json"}},
        "product": {"id": "killed-map", "title": "A map", "format": form},
    })  # fmt: skip
    entry = PinnedWorkflow(kind=declared.workflow.kind, path=str(path), checksum=checksums.of_file(path))
    return PinnedExperiment(experiment=declared, folder=str(folder), workflow=entry, inputs=(pinned(source),))


def killed(folder: Path, ready: PinnedExperiment) -> Path:
    """Run until 60 % are written, kill the process, and return its workspace."""
    asked, workspace = folder / "asked.json", folder / "run"
    asked.write_text(ready.model_dump_json())
    command = [sys.executable, "-W", "ignore", "-c", _CHILD, str(asked), str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "computed 60 %\n"
        os.kill(child.pid, signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    return workspace


@pytest.mark.service
@pytest.mark.parametrize("form", ["COG", "Zarr"])
def test_after_kill_9_only_the_missing_blocks_run(tmp_path: Path, form: str, computed: list[object]) -> None:
    ready = experiment(tmp_path, scenes(tmp_path), composite(form), form)
    workspace = killed(tmp_path, ready)
    assert [path.name for path in workspace.iterdir()] == ["blocks"], "something looks like a product"
    run = OpenEOEngine().run(ready, workspace)
    assert 1 <= len(computed) <= BLOCKS * 0.4
    assert sorted(path.name for path in workspace.iterdir()) == ["quicklook.png", "result"]
    computed.clear()
    fresh = OpenEOEngine().run(ready, tmp_path / "fresh")
    assert len(computed) == BLOCKS
    assert run.files[0].checksum == fresh.files[0].checksum
    assert data_checksum(Path(run.files[0].path)) == fresh.files[0].data_checksum


@pytest.mark.service
@pytest.mark.parametrize("changed", ["graph", "input", "input, as it was pinned"])
def test_blocks_of_other_inputs_or_graphs_are_never_used(tmp_path: Path, changed: str, computed: list[object]) -> None:
    source = scenes(tmp_path)
    ready = experiment(tmp_path, source, composite("COG"), "COG")
    workspace = killed(tmp_path, ready)
    if changed == "graph":
        ready = experiment(tmp_path, source, composite("COG", "mean"), "COG")
    else:
        raster(tmp_path / "B040.tif", np.full((ROWS, COLUMNS), 7, dtype="uint16"), nodata=0)
        if changed == "input":
            ready = experiment(tmp_path, source, composite("COG"), "COG")
    run = OpenEOEngine().run(ready, workspace)
    assert len(computed) == BLOCKS
    assert run.files[0].checksum == OpenEOEngine().run(ready, tmp_path / "fresh").files[0].checksum


def test_blocks_of_other_code_or_of_remote_files_without_checksums_are_not_used_by_another_process(
    tmp_path: Path,
) -> None:
    from earthcode_platform.cubes.streaming import product

    with serving_files(tmp_path) as address:
        ready = experiment(tmp_path, scenes(tmp_path, address), composite("COG"), "COG")
        wanted = [_identity(ready, tmp_path), _identity(ready, tmp_path)]
        assert wanted[0] == wanted[1]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(product, "computing", lambda: "other code")
            assert _identity(ready, tmp_path) != wanted[0]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(product, "_PROCESS", "another process")
            assert _identity(ready, tmp_path) != wanted[0]
            declared = ready.model_copy(update={"inputs": tuple(map(_with_checksums, ready.inputs))})
            one = _identity(declared, tmp_path)
        assert _identity(declared, tmp_path) == one


def _with_checksums(source: Any) -> Any:  # noqa: ANN401 - a PinnedInput
    assets = tuple(asset.model_copy(update={"declared": "1220" + "ab" * 32}) for asset in source.assets)
    return source.model_copy(update={"assets": assets})


def _identity(ready: PinnedExperiment, folder: Path) -> str:
    from earthcode_platform.cubes.streaming.product import streamed_result
    from earthcode_platform.process_graphs.document import read_document

    (saved,) = OpenEOEngine().built(read_document(Path(ready.workflow.path), ()), ready)
    wanted = streamed_result(saved, ready, folder)
    assert wanted is not None
    assert json.dumps(wanted.identity)
    return wanted.identity

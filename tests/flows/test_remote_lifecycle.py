"""The whole lifecycle with the computing at a provider's openEO back-end, and its rerun here."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import factories
import pytest
from data_server import serving_files
from openeo_backend import CANARY, OpenEOBackend, backing
from prefect.client.orchestration import get_client
from pydantic import SecretStr

from blocks.openeo_backend import OpenEOBackend as OpenEOBackendBlock
from earthcode_platform.errors import RefusedError, UnavailableError
from earthcode_platform.models.comparison import Verdict
from earthcode_platform.provenance.workspace import Workspace
from flows.execute import execute
from flows.lifecycle import lifecycle
from flows.rerun import rerun
from flows.validate import validate

pytestmark = pytest.mark.service


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[OpenEOBackend]:
    """A back-end that wants a password, saved as the block `near-the-data`, with the jobs quick to poll."""
    folder = tmp_path / "provider"
    scenes = factories.stac(folder / "scenes")
    with backing(OpenEOBackend(folder, {"SCENES": scenes}, "basic")) as running:
        OpenEOBackendBlock(
            url=running.url,
            authentication="basic",
            username="ada",
            password=SecretStr(f"{CANARY}-password"),
            poll_seconds=0.05,
            patience_seconds=1.0,
        ).save("near-the-data", overwrite=True)
        yield running


@pytest.fixture
def small(tmp_path: Path, provider: OpenEOBackend) -> Iterator[Path]:
    """An experiment on scenes behind an address."""
    with serving_files(provider.folder) as data:
        folder = factories.experiment_folder(tmp_path / "small", id="remote-small")
        inputs = {"scenes": {"href": f"{data}/scenes/collection.json"}}
        product = {"id": "remote-mean", "title": "Mean, computed near the data"}
        content = factories.declaration(id="remote-small", inputs=inputs, product=product)
        factories.write_json(folder / "experiment.yaml", content)
        provider.jobs.mirrors = data
        yield folder


def everything(home: Path) -> bytes:
    """All bytes that a run left, on disk and at the server."""
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    with get_client(sync_client=True) as client:
        for kind in ("artifacts", "logs", "flow_runs", "task_runs"):
            kept += client.request("POST", f"/{kind}/filter", json={}).content
    return kept


def test_computed_there_published_and_identical_when_it_runs_again_here(
    home: Path, small: Path, provider: OpenEOBackend, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("openeo", "requests", "urllib3"):
        caplog.set_level(logging.DEBUG, logger=name)
    publication = lifecycle(str(small), backend="near-the-data")
    assert (publication.merged, provider.jobs.made) == (True, 1)
    record = json.loads(next((home / "archive" / "remote-mean").rglob("provenance.json")).read_text())
    remote = record["agents"]["engine"]["remote"]
    assert (remote["job"], remote["backend"]) == ("job-1", f"{provider.origin}/api/v1")
    assert remote["logs"] == ["info: It runs.", "info: It is done."]
    comparison = rerun("remote-small")
    assert (comparison.verdict, provider.jobs.made) == (Verdict.IDENTICAL, 1)
    assert rerun("remote-small", backend="near-the-data").verdict is Verdict.IDENTICAL
    kept = everything(home)
    assert b"remote-small" in kept
    assert CANARY.encode() not in kept
    assert CANARY not in caplog.text


def test_what_the_back_end_does_not_offer_is_refused_before_any_job(
    home: Path, small: Path, provider: OpenEOBackend
) -> None:
    del home
    provider.changed["/processes"] = lambda held: {
        **held,
        "processes": [one for one in held["processes"] if one["id"] != "reduce_dimension"],
    }
    with pytest.raises(RefusedError) as refused:
        validate(str(small), backend="near-the-data")
    (found,) = [one for one in refused.value.findings if one.severity == "error"]
    assert (found.code, provider.jobs.made) == ("workflow-unsupported-process", 0)
    validate(str(small))


def test_a_retried_task_goes_on_with_its_job(home: Path, small: Path, provider: OpenEOBackend) -> None:
    away = [lambda asked: asked.answer(503, {})] * 4
    provider.jobs.when_running = lambda _job: provider.faults.update({"GET /jobs/job-1": list(away)})
    workspace = execute(str(small), backend="near-the-data")
    assert workspace.startswith(str(home))
    assert (provider.jobs.made, provider.jobs.held["job-1"].started) == (1, 1)
    assert provider.faults["GET /jobs/job-1"] == []
    assert Workspace(Path(workspace)).path.joinpath("run.json").is_file()


def test_a_back_end_that_is_not_there_is_no_fault_of_the_experiment(
    home: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del home
    monkeypatch.setattr("tasks.validate.gate_workflow.retries", 0)
    monkeypatch.setattr("tasks.validate.gate_workflow.retry_delay_seconds", [])
    OpenEOBackendBlock(url="http://127.0.0.1:9", patience_seconds=0).save("nobody", overwrite=True)
    with pytest.raises(UnavailableError, match="does not answer"):
        validate(str(small), backend="nobody")

"""The deployments as a scientist uses them: a real server, a real worker, the real command line."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import factories
import httpx
import numpy as np
import pytest
import rasterio
from served import Platform

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]


def test_the_ndvi_truth_through_the_deployed_flow(platform: Platform, shared: Path) -> None:
    scenes = shared / "data" / "s2-l2a-33twm-2023" / "collection.json"
    done = platform.run("lifecycle/local", experiment="examples/ndvi-season", inputs={"scenes": str(scenes)})
    assert done.returncode == 0, done.stdout + done.stderr
    facts = platform.outcome()
    (product,) = (Path(facts["product"]) / "ndvi-season-33twm-2023").glob("*.tif")
    with rasterio.open(product) as source:
        values = source.read(1)
    assert round(float(np.nanmean(values, dtype="float64")), 3) == 0.739
    assert round(float(np.isnan(values).mean()), 5) == 0.00032

    again = platform.run("rerun/local", experiment_id="ndvi-season")
    assert again.returncode == 0, again.stdout + again.stderr
    found = httpx.post(
        f"{platform.api}/artifacts/filter", json={"artifacts": {"key": {"any_": ["verdict-ndvi-season"]}}}
    ).json()
    assert "identical" in found[0]["data"]


def test_the_stages_by_their_own_deployments(platform: Platform, tmp_path: Path) -> None:
    small = factories.experiment_folder(tmp_path / "small")
    executed = platform.run("execute/local", experiment=str(small))
    assert executed.returncode == 0, executed.stdout + executed.stderr
    (workspace,) = (platform.home / "runs").glob("small-*")
    for deployment in ("archive/local", "publish/local"):
        done = platform.run(deployment, workspace=str(workspace))
        assert done.returncode == 0, done.stdout + done.stderr
    published = json.loads((workspace / "publication.json").read_text())
    assert "products/small-mean/collection.json" in published["changed"]


def test_a_refused_experiment_fails_the_deployment(platform: Platform, tmp_path: Path) -> None:
    broken = factories.experiment_folder(tmp_path / "broken", configuration={"facter": 1})
    done = platform.run("lifecycle/local", experiment=str(broken))
    assert done.returncode == 1
    # Not the nightly runs of the watch, which are in the list before they start.
    body = {"sort": "START_TIME_DESC", "limit": 1, "flows": {"name": {"any_": ["lifecycle"]}}}
    runs = httpx.post(f"{platform.api}/flow_runs/filter", json=body).json()
    assert runs[0]["state"]["type"] == "FAILED"
    assert "'facter'" in runs[0]["state"]["message"]


def test_a_run_that_fell_silent_is_marked_as_crashed(platform: Platform, checkout: Path) -> None:
    """The real automation on the real server, with less patience; the run's one heartbeat is sent by hand."""
    with httpx.Client(base_url=platform.api) as client:
        automation = json.loads((checkout / "deployments" / "silent-runs.json").read_text())
        automation["trigger"]["within"] = 10
        client.post("/automations/", json=automation).raise_for_status()
        (flow,) = client.post("/flows/filter", json={"flows": {"name": {"any_": ["lifecycle"]}}}).json()
        body = {"flow_id": flow["id"], "name": "silent", "state": {"type": "RUNNING"}}
        run = client.post("/flow_runs/", json=body).raise_for_status().json()["id"]
        heartbeat = {
            "occurred": datetime.now(UTC).isoformat(),
            "event": "prefect.flow-run.heartbeat",
            "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
            "id": str(uuid4()),
        }
        client.post("/events", json=[heartbeat]).raise_for_status()
        deadline = time.monotonic() + 60
        while (state := client.get(f"/flow_runs/{run}").json()["state"])["type"] == "RUNNING":
            assert time.monotonic() < deadline
            time.sleep(1)
    assert state["type"] == "CRASHED"
    assert "No heartbeat for three minutes" in state["message"]

"""A run that is cancelled on the platform stops its job at the back-end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import factories
import httpx
import pytest
from openeo_backend import OpenEOBackend, backing
from served import Platform

pytestmark = [pytest.mark.service, pytest.mark.timeout(400)]


def until(met: Callable[[], bool], told: Callable[[], object]) -> None:
    deadline = time.monotonic() + 150
    while not met():
        assert time.monotonic() < deadline, told()
        time.sleep(0.2)


def test_cancelling_a_run_stops_its_job(platform: Platform, tmp_path: Path, checkout: Path) -> None:
    folder = tmp_path / "provider"
    factories.stac(folder / "scenes")
    with backing(OpenEOBackend(folder)) as backend, httpx.Client(base_url=platform.api, timeout=30) as api:
        backend.jobs.hang = True
        code = f"from blocks.openeo_backend import OpenEOBackend as B; B(url={backend.url!r}).save('hanging')"
        home = os.environ | {"PREFECT_API_URL": platform.api, "PREFECT_HOME": str(platform.home / "client")}
        subprocess.run([sys.executable, "-c", code], check=True, env=home, cwd=checkout, capture_output=True)
        experiment = factories.experiment_folder(
            tmp_path / "small", inputs={"scenes": {"href": backend.data("scenes/collection.json")}}
        )
        deployment = api.get("/deployments/name/execute/local").json()["id"]
        asked = {"parameters": {"experiment": str(experiment), "backend": "hanging"}, "state": {"type": "SCHEDULED"}}
        run = api.post(f"/deployments/{deployment}/create_flow_run", json=asked).json()["id"]

        def state() -> object:
            return api.get(f"/flow_runs/{run}").json()["state"]

        until(lambda: [job.status for job in backend.jobs.held.values()] == ["running"], state)
        api.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "CANCELLING", "name": "Cancelling"}})
        until(lambda: backend.jobs.held["job-1"].status == "canceled", state)
        assert backend.requests("DELETE", "/jobs/job-1/results") == 1
        until(lambda: "CANCELLED" in str(state()), state)

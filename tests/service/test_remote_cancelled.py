"""A run that is cancelled on the platform stops what it has begun elsewhere: its job, or its cluster."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import factories
import pytest
from gateway_server import PASSWORD, USER, gateway_running
from openeo_backend import OpenEOBackend, backing
from served import Platform

pytestmark = [pytest.mark.service, pytest.mark.timeout(400)]


def until(met: Callable[[], bool], told: Callable[[], object]) -> None:
    deadline = time.monotonic() + 150
    while not met():
        assert time.monotonic() < deadline, told()
        time.sleep(0.2)


def save(platform: Platform, checkout: Path, code: str) -> None:
    """Save a block as somebody does who has a client of the platform."""
    home = os.environ | {"PREFECT_API_URL": platform.api, "PREFECT_HOME": str(platform.home / "client")}
    subprocess.run([sys.executable, "-c", code], check=True, env=home, cwd=checkout, capture_output=True)


def cancel(platform: Platform, begun: Callable[[], bool], ended: Callable[[], bool], **parameters: str) -> None:
    """Run `execute`, cancel it when something has begun elsewhere, and wait until that has ended, and the run."""
    with platform.client() as api:
        deployment = api.get("/deployments/name/execute/local").json()["id"]
        asked = {"parameters": parameters, "state": {"type": "SCHEDULED"}}
        run = api.post(f"/deployments/{deployment}/create_flow_run", json=asked).json()["id"]

        def state() -> object:
            return api.get(f"/flow_runs/{run}").json()["state"]

        until(begun, state)
        api.post(f"/flow_runs/{run}/set_state", json={"state": {"type": "CANCELLING", "name": "Cancelling"}})
        until(ended, state)
        until(lambda: "CANCELLED" in str(state()), state)


def test_cancelling_a_run_stops_its_job(platform: Platform, tmp_path: Path, checkout: Path) -> None:
    folder = tmp_path / "provider"
    factories.stac(folder / "scenes")
    with backing(OpenEOBackend(folder)) as backend:
        backend.jobs.hang = True
        save(
            platform,
            checkout,
            f"from blocks.openeo_backend import OpenEOBackend as B; B(url={backend.url!r}).save('hanging')",
        )
        experiment = factories.experiment_folder(
            tmp_path / "small", inputs={"scenes": {"href": backend.data("scenes/collection.json")}}
        )
        cancel(
            platform,
            lambda: [job.status for job in backend.jobs.held.values()] == ["running"],
            lambda: backend.jobs.held["job-1"].status == "canceled",
            experiment=str(experiment),
            backend="hanging",
        )
        assert backend.requests("DELETE", "/jobs/job-1/results") == 1


def test_cancelling_a_run_stops_its_cluster(platform: Platform, tmp_path: Path, checkout: Path) -> None:
    with gateway_running(tmp_path / "gateway", most=0) as server:
        save(
            platform,
            checkout,
            f"from blocks.compute import DaskCompute as B; B(gateway={server.address!r}, gateway_user={USER!r}, "
            f"gateway_password={PASSWORD!r}).save('by-gateway')",
        )
        cancel(
            platform,
            lambda: len(server.clusters()) == 1,
            lambda: server.clusters() == [],
            experiment=str(factories.experiment_folder(tmp_path / "small")),
            compute="by-gateway",
        )
        assert PASSWORD not in (platform.home / "serve.log").read_text()

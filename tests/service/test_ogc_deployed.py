"""A package that runs at a provider by a Prefect deployment: chosen by a block, its job dismissed with its run."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cwl_pieces
import factories
import pytest
from processes_api import TOKEN, ProcessesAPI, offering
from served import Platform

pytestmark = [pytest.mark.service, pytest.mark.timeout(400)]


def until(met: Callable[[], bool], told: Callable[[], object]) -> None:
    deadline = time.monotonic() + 150
    while not met():
        assert time.monotonic() < deadline, told()
        time.sleep(0.2)


def test_a_block_sends_a_package_to_a_provider_and_a_cancelled_run_dismisses_its_job(
    platform: Platform, tmp_path: Path, checkout: Path
) -> None:
    folder = tmp_path / "provider" / "data"
    factories.stac(folder / "scenes")
    with (
        offering(ProcessesAPI(folder, token=TOKEN)) as provider,
        platform.client() as api,
    ):
        code = (
            "from blocks.ogc_api_processes import OGCAPIProcesses as B\n"
            f"B(url={provider.url!r}, token={TOKEN!r}, poll_seconds=0.2).save('near-the-data')"
        )
        home = os.environ | {"PREFECT_API_URL": platform.api, "PREFECT_HOME": str(platform.home / "client")}
        subprocess.run([sys.executable, "-c", code], check=True, env=home, cwd=checkout, capture_output=True)
        inputs = {"scenes": {"href": provider.data("scenes/collection.json"), "datetime": "2023-08-01/2023-08-02"}}
        experiment = cwl_pieces.folder(tmp_path / "copying", inputs=inputs)
        deployment = api.get("/deployments/name/execute/local").json()["id"]

        def begun() -> str:
            asked = {
                "parameters": {"experiment": str(experiment), "backend": "near-the-data"},
                "state": {"type": "SCHEDULED"},
            }
            return str(api.post(f"/deployments/{deployment}/create_flow_run", json=asked).json()["id"])

        def state(run: str) -> str:
            return str(api.get(f"/flow_runs/{run}").json()["state"])

        first = begun()
        until(lambda: "'COMPLETED'" in state(first) or "'FAILED'" in state(first), lambda: state(first))
        assert "'COMPLETED'" in state(first), state(first)
        assert [job.status for job in provider.jobs.held.values()] == ["successful"]
        provider.jobs.hang = True
        second = begun()
        until(lambda: len(provider.requests("GET", "/jobs/job-2")) > 0, lambda: state(second))
        api.post(f"/flow_runs/{second}/set_state", json={"state": {"type": "CANCELLING", "name": "Cancelling"}})
        until(lambda: provider.jobs.dismissed == ["job-2"], lambda: state(second))
        until(lambda: "CANCELLED" in state(second), lambda: state(second))
        logs = api.post("/logs/filter", json={"limit": 200}).text
        assert TOKEN not in logs

"""The watch as operators use it: deployed with a schedule, and an automation that acts when a catalog got worse."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.blocks.webhook import Webhook
from prefect.settings import PREFECT_API_URL, temporary_settings
from served import Platform
from watched import commit

from blocks.catalog import OpenScienceCatalog
from earthcode_platform.catalog.seed import create_catalog

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

QUIET = {"links": False, "checksums": 0, "schemas": "skip"}


@contextmanager
def hooked() -> Iterator[tuple[str, list[str]]]:
    """Hand out an address on loopback, and what is posted there."""
    told: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", told
        server.shutdown()


def run(platform: Platform, **parameters: object) -> str:
    """The verdict in words of one run of the deployment."""
    done = platform.run("revalidate/local", **parameters)
    assert done.returncode == 0, done.stdout + done.stderr
    body = {"sort": "START_TIME_DESC", "limit": 1, "flows": {"name": {"any_": ["revalidate"]}}}
    (newest,) = httpx.post(
        f"{platform.api}/flow_runs/filter", json=body | {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    ).json()
    return str(newest["state"]["message"])


@pytest.mark.parametrize(("flow", "cron"), [("revalidate", "17 2 * * *"), ("verify", "43 3 * * *")])
def test_catalog_and_archive_are_looked_at_once_a_night(platform: Platform, flow: str, cron: str) -> None:
    deployment: dict[str, Any] = httpx.get(f"{platform.api}/deployments/name/{flow}/local").json()
    (schedule,) = deployment["schedules"]
    assert (schedule["active"], schedule["schedule"]["cron"]) == (True, cron)
    assert schedule["schedule"]["timezone"] == "UTC"
    assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    deadline = time.monotonic() + 60
    body = {
        "deployments": {"id": {"any_": [deployment["id"]]}},
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    while not (planned := httpx.post(f"{platform.api}/flow_runs/filter", json=body).json()):
        assert time.monotonic() < deadline, "no run was ever scheduled"
        time.sleep(1)
    minute, hour = cron.split()[:2]
    assert {run["expected_start_time"][11:16] for run in planned} == {f"{int(hour):02}:{minute}"}


def test_an_automation_acts_once_when_a_catalog_got_worse(platform: Platform, tmp_path: Path, checkout: Path) -> None:
    bare = tmp_path / "watched.git"
    create_catalog(bare)
    readme = (checkout / "deployments" / "README.md").read_text()
    (text,) = [line for line in readme.splitlines() if line.startswith("{{ event.payload.verdict }}")]
    with hooked() as (url, told), temporary_settings({PREFECT_API_URL: platform.api}):
        OpenScienceCatalog(url=str(bare)).save("deployed", overwrite=True)
        hook = Webhook(url=url).save("hook", overwrite=True)
        automation = json.loads((checkout / "deployments" / "catalog-worse.json").read_text())
        automation["actions"] = [{"type": "call-webhook", "block_document_id": str(hook), "payload": text}]
        httpx.post(f"{platform.api}/automations/", json=automation).raise_for_status()
        assert run(platform, catalog="deployed", **QUIET) == "valid, first run"
        commit(bare, {"themes/oceans/catalog.json": b"{nope"})
        assert run(platform, catalog="deployed", **QUIET) == "1 error, 1 new"
        deadline = time.monotonic() + 30
        while not told:
            assert time.monotonic() < deadline, "the automation did not act"
            time.sleep(0.5)
        assert run(platform, catalog="deployed", changed_only=True, **QUIET) == "1 error, nothing new"
        time.sleep(2)
    assert len(told) == 1
    assert told[0].startswith(
        f"1 error, 1 new in {bare}: error [catalog-document-unreadable] themes/oceans/catalog.json:1"
    )

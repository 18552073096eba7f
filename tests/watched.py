"""What the flow tests of the watch ask of catalogs and of the server."""

import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect.client.orchestration import get_client
from prefect.events.worker import EventsWorker

__all__ = ["artifact", "commit", "description", "events"]


def git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


def commit(bare: Path, edits: Mapping[str, bytes]) -> None:
    """Write files of a catalog by a commit on its main branch."""
    clone = bare.with_name(f"clone-{time.monotonic_ns()}")
    git("clone", "-q", str(bare), str(clone))
    for path, content in edits.items():
        (clone / path).write_bytes(content)
    git("-C", str(clone), "add", "-A")
    git("-C", str(clone), "-c", "user.name=x", "-c", "user.email=x@noreply.invalid", "commit", "-qm", "change")
    git("-C", str(clone), "push", "-q")


def artifact(key: str) -> str:
    """The data of the newest artifact of a key."""
    return str(_newest(key)["data"])


def description(key: str) -> str:
    """The description of the newest artifact of a key."""
    return str(_newest(key)["description"])


def _newest(key: str) -> dict[str, Any]:
    with get_client(sync_client=True) as client:
        body = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC"}
        found: list[dict[str, Any]] = client.request("POST", "/artifacts/filter", json=body).json()
    return found[0]


def events(name: str, resource: str, count: int) -> list[dict[str, Any]]:
    """The events of a name about a resource that the server knows, once there are `count`, or after a while."""
    EventsWorker.instance().wait_until_empty()
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    body = {"filter": {"event": {"name": [name]}, "occurred": {"since": since}, "resource": {"id": [resource]}}}
    deadline = time.monotonic() + 10
    with get_client(sync_client=True) as client:
        while True:
            found: list[dict[str, Any]] = client.request("POST", "/events/filter", json=body).json()["events"]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.2)

import json
from pathlib import Path

from prefect.client.orchestration import get_client
from watched import events

from flows.lifecycle import lifecycle
from flows.verify import verify
from tasks.verify import DAMAGED


def findings() -> list[dict[str, str]]:
    with get_client(sync_client=True) as client:
        asked = {"artifacts": {"key": {"any_": ["archive-findings-default"]}}, "sort": "CREATED_DESC", "limit": 1}
        (newest,) = client.request("POST", "/artifacts/filter", json=asked).json()
    rows: list[dict[str, str]] = json.loads(newest["data"])
    return rows


def automation(checkout: Path) -> str:
    """The automation that ships with the platform, on the server; its resource id."""
    template = json.loads((checkout / "deployments" / "archive-damaged.json").read_text())
    with get_client(sync_client=True) as client:
        made = client.request("POST", "/automations/", json=template).raise_for_status().json()
    return f"prefect.automation.{made['id']}"


def test_the_archive_is_verified_and_what_is_wrong_is_named_and_told(home: Path, small: Path, checkout: Path) -> None:
    acts = automation(checkout)
    lifecycle(str(small))
    state = verify(parts=1, return_state=True)
    assert state.is_completed()
    assert str(state.message).startswith("intact: 1 versions")
    assert findings()[0]["code"] == "none"
    (data,) = (home / "archive/small-mean/1.0.0/small-mean").glob("*.tif")
    content = data.read_bytes()
    data.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    state = verify(parts=1, return_state=True)
    assert state.is_completed()
    assert str(state.message).startswith("1 error: ")
    (found,) = findings()
    assert (found["code"], found["where"]) == ("archive-file-differs", f"small-mean/1.0.0/small-mean/{data.name}")
    (event,) = events(DAMAGED, "earthcode.archive.default", 1)
    assert (event["payload"]["verdict"], event["payload"]["errors"]) == (state.message, 1)
    assert event["payload"]["findings"] == [
        f"error [archive-file-differs] {found['where']}: {found['message']} {found['remedy']}"
    ]
    for happened in ("prefect.automation.triggered", "prefect.automation.action.executed"):
        assert len(events(happened, acts, 1)) == 1

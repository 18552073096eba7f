import json
from pathlib import Path

from prefect.client.orchestration import get_client

from flows.lifecycle import lifecycle
from flows.verify import verify


def findings() -> list[dict[str, str]]:
    with get_client(sync_client=True) as client:
        asked = {"artifacts": {"key": {"any_": ["archive-findings-default"]}}, "sort": "CREATED_DESC", "limit": 1}
        (newest,) = client.request("POST", "/artifacts/filter", json=asked).json()
    rows: list[dict[str, str]] = json.loads(newest["data"])
    return rows


def test_the_archive_is_verified_and_the_page_names_what_is_wrong(home: Path, small: Path) -> None:
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

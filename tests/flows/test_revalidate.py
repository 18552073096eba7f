"""The watch as a flow: what its page shows, what it sends, and what it never stops at."""

import json
from pathlib import Path
from uuid import UUID

from loopback import reply, serving
from prefect.client.orchestration import get_client
from prefect.events.schemas.automations import AutomationCore
from prefect.tasks import Task
from watched import artifact, commit, description, events
from watched_catalogs import closed

from blocks.catalog import OpenScienceCatalog
from blocks.web_access import WebAccess
from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.checksums import of_file
from flows.revalidate import revalidate
from tasks import revalidate as steps
from tasks.policies import try_again
from tasks.revalidate import WORSE

THEME = "themes/oceans/catalog.json"


def watched(name: str, tmp_path: Path) -> Path:
    """The embedded catalog in a repository of its own, and a block that names it."""
    bare = tmp_path / "watched.git"
    create_catalog(bare)
    OpenScienceCatalog(url=str(bare)).save(name, overwrite=True)
    return bare


def told(catalog: str, **options: object) -> str:
    """The verdict in words, which is the message of the run's state as the server has it."""
    state = revalidate(
        catalog=catalog, **{"links": False, "checksums": 0, "schemas": "skip", **options}, return_state=True
    )
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(UUID(str(state.state_details.flow_run_id)))
    assert run.state is not None
    assert run.state.is_completed()
    assert run.state.message == str(state.result())
    return str(run.state.message)


def automation(checkout: Path) -> str:
    """The automation that ships with the platform, on the server; its resource id."""
    template = json.loads((checkout / "deployments" / "catalog-worse.json").read_text())
    AutomationCore.model_validate(template)
    with get_client(sync_client=True) as client:
        made = client.request("POST", "/automations/", json=template).raise_for_status().json()
    return f"prefect.automation.{made['id']}"


def test_a_fault_comes_is_told_once_and_goes(home: Path, tmp_path: Path, checkout: Path) -> None:
    acts = automation(checkout)
    bare = watched("comes", tmp_path)
    assert told("comes") == "valid, first run"
    commit(bare, {THEME: b"{nope"})
    assert told("comes") == "1 error, 1 new"
    (row,) = json.loads(artifact("watch-findings-comes"))
    assert (row["since"], row["rule"], row["where"]) == ("new", "catalog-document-unreadable", f"{THEME}:1")
    assert float(artifact("watch-progress-comes")) == 100

    assert told("comes", changed_only=True) == "1 error, nothing new"
    assert "**Nothing new** since" in artifact("watch-changes-comes")
    assert "Looked at 0 of 16 documents" in description("watch-findings-comes")
    (event,) = events(WORSE, "earthcode.catalog.comes", 1)
    assert (event["payload"]["verdict"], event["payload"]["new_errors"]) == ("1 error, 1 new", 1)
    assert event["payload"]["findings"][0].startswith(f"error [catalog-document-unreadable] {THEME}:1")
    related = {one["prefect.resource.role"]: one["prefect.resource.id"] for one in event["related"]}
    assert related["flow-run"] == f"prefect.flow-run.{event['payload']['run']}"

    # Without the cache nothing is known of the commit before, so everything is looked at.
    (cache,) = (home / "catalog-cache").glob("*.git")
    cache.rename(tmp_path / "away")
    commit(bare, {THEME: seed_files()[THEME]})
    assert told("comes", changed_only=True) == "valid, 1 gone"
    assert "Looked at all 16 documents" in description("watch-findings-comes")
    assert "## Gone" in artifact("watch-changes-comes")
    assert "`▁██▁` (from 0 to 1)" in artifact("watch-trend-comes")
    assert len(events(WORSE, "earthcode.catalog.comes", 1)) == 1
    for happened in ("prefect.automation.triggered", "prefect.automation.action.executed"):
        assert len(events(happened, acts, 1)) == 1
    (state,) = (home / "watch").iterdir()
    assert {path.name for path in state.iterdir()} == {"last.json", "trend.jsonl", "lock"}


def test_links_are_asked_and_told(home: Path, tmp_path: Path) -> None:
    del home
    bare = watched("links", tmp_path)
    with serving({"/good": reply(200, b"x")}) as server:
        WebAccess(allowed=[server.name], per_host_seconds=0, fresh_seconds=0.001).save("loopback", overwrite=True)
        files = closed()
        document = json.loads(files[THEME])
        for path in ("/good", "/gone"):
            href = server.url(path).replace("//", "//ada:hunter2@")
            document["links"].append({"rel": "via", "href": href, "type": "text/html", "title": path})
        commit(bare, files | {THEME: json.dumps(document, indent=2).encode()})
        assert told("links", links=True, web="loopback") == "1 error, first run"
        assert "2 external addresses: 1 alive, 1 broken" in description("watch-findings-links")
        server.routes["/gone"] = reply(200, b"x")
        assert told("links", links=True, web="loopback") == "valid, 1 gone"
        assert "hunter2" not in "".join(map(artifact, ("watch-findings-links", "watch-changes-links")))
    assert "authorization" not in {name for seen in server.seen for name in seen.headers}


def test_an_archived_file_that_changed_is_found(home: Path, tmp_path: Path) -> None:
    bare = watched("archived", tmp_path)
    archived = home / "archive" / "a file.tif"
    archived.parent.mkdir(parents=True)
    archived.write_bytes(b"as it was")
    document = json.loads(seed_files()[THEME])
    href = f"file://{home}/archive/a%20file.tif"
    document["links"].append({"rel": "example", "href": href, "file:checksum": of_file(archived)})
    commit(bare, {THEME: json.dumps(document, indent=2).encode()})
    assert told("archived", checksums=20) == "valid, first run"
    assert "1 file compared" in description("watch-findings-archived")
    archived.write_bytes(b"as it is")
    assert told("archived", checksums=20) == "1 error, 1 new"
    (row,) = json.loads(artifact("watch-findings-archived"))
    assert (row["rule"], row["since"]) == ("catalog-file-differs", "new")
    assert len(events(WORSE, "earthcode.catalog.archived", 1)) == 1


def test_every_task_says_its_stage_and_states_a_policy() -> None:
    tasks = [found for name in steps.__all__ if isinstance(found := getattr(steps, name), Task)]
    assert len(tasks) == 4
    for each in tasks:
        assert each.name.startswith("revalidate: ")
        assert "etried" in (each.__doc__ or "")
        assert (each.retries > 0) == (each.retry_condition_fn is try_again)
        assert not each.tags

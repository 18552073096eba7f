"""A flow run is killed, and the experiment is started again: a new flow run, which goes on where the other was."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import computed_blocks
import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.workspace import Workspace
from earthcode_platform.stores.directory import DirectoryStore
from flows.execute import execute
from flows.lifecycle import lifecycle

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]

SIDE, BLOCKS = 2, 4 * 4
_EXECUTE = f"""
import sys, time
from earthcode_platform.engines.openeo.fused import block_array
from flows.execute import execute
from tasks import execute as steps

block_array._SIDE = block_array._SMALLEST = {SIDE}
shown = steps._ProgressArtifact.__call__

def reached(bar, fraction, step):
    shown(bar, fraction, step)
    if step == "computing" and (fraction - 0.05) / 0.8 >= 0.6:
        print("here", flush=True)
        time.sleep(600)

steps._ProgressArtifact.__call__ = reached
execute(sys.argv[1])
"""
"""Computes until 60 % of the blocks are written, says so, and waits to be killed."""
_ARCHIVE = """
import sys, time
from earthcode_platform.stores.directory import DirectoryStore
from flows.lifecycle import lifecycle

def stopped(store, staged, target):
    print("here", flush=True)
    time.sleep(600)

DirectoryStore._promote = stopped
lifecycle(sys.argv[1])
"""
"""Stores every file, says so before the one step that makes the version visible, and waits to be killed."""


def killed(code: str, experiment: Path, checkout: Path) -> None:
    """Run a flow in a process of its own, on the server of this session, and kill it where it waits."""
    environment = os.environ | {"PREFECT_API_URL": str(PREFECT_API_URL.value()), "PYTHONPATH": str(checkout)}
    words = [sys.executable, "-W", "ignore", "-c", code, str(experiment)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        assert "here\n" in iter(child.stdout.readline, "")
        os.kill(child.pid, signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


def newest_logs(words: str) -> list[str]:
    """The messages of the session's log that contain these words; the log arrives a moment later."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with get_client(sync_client=True) as client:
            asked = {"sort": "TIMESTAMP_DESC", "limit": 200}
            told = [str(one["message"]) for one in client.request("POST", "/logs/filter", json=asked).json()]
        if found := [one for one in told if words in one]:
            return found
        time.sleep(0.5)
    return []


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Keep which blocks are computed in this process; blocks are small."""
    computed_blocks.small_blocks(monkeypatch, SIDE)
    return computed_blocks.noted_blocks(monkeypatch)


def test_a_new_run_computes_only_what_a_killed_one_did_not(
    home: Path, small: Path, checkout: Path, tmp_path: Path, computed: list[object]
) -> None:
    killed(_EXECUTE, small, checkout)
    (dead,) = (home / "runs").glob("small-*")
    assert (dead / "blocks").is_dir()
    assert not (dead / "result").exists()
    workspace = Path(execute(str(small)))
    assert workspace != dead
    assert 1 <= len(computed) <= BLOCKS * 0.4
    assert not (dead / "blocks").exists()
    assert not (workspace / "blocks").exists()
    assert newest_logs(f"Going on with the blocks that the run in {dead} finished")
    folder = Workspace(workspace)
    run = folder.load(RunResult)
    computed.clear()
    fresh = OpenEOEngine().run(folder.load(PinnedExperiment), tmp_path / "fresh")
    assert len(computed) == BLOCKS
    assert (run.files[0].checksum, run.files[0].data_checksum) == (
        fresh.files[0].checksum,
        fresh.files[0].data_checksum,
    )


def test_a_run_killed_while_it_archives_leaves_nothing_that_is_seen(home: Path, small: Path, checkout: Path) -> None:
    killed(_ARCHIVE, small, checkout)
    store = DirectoryStore(home / "archive")
    assert list(store.versions()) == []
    (left,) = store.leftovers(timedelta(0))
    assert left.objects >= 10
    assert lifecycle(str(small)).novelty is Novelty.NEW
    assert store.leftovers(timedelta(hours=1)) == []
    (left,) = store.leftovers(timedelta(0))
    assert store.clean(left)
    assert list(store.versions()) == ["small-mean/1.0.0"]
    assert store.leftovers(timedelta(0)) == []

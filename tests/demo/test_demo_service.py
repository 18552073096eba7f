"""The demo as a person runs it: a real server, a real worker, a real run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

PROMISED = {"product", "item", "quicklook", "catalog", "branch", "commit", "run_url", "seconds", "published"}
STAGES = ["develop", "validate", "execute", "archive", "publish"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all tests here: the first start of a server in a new one takes longest."""
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture
def demo(checkout: Path, home: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo, started by somebody who works with another server; nothing of it may be left at the end."""
    with start(checkout, home, tmp_path) as process:
        yield process
        process.kill()
    assert left_of(home) == []


def start(checkout: Path, home: Path, elsewhere: Path) -> subprocess.Popen[str]:
    mine = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_PROFILE": "mine", "PREFECT_HOME": str(elsewhere)}
    return subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=checkout,
        env={**os.environ, **mine, "EARTHCODE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def left_of(home: Path) -> list[str]:
    """Every process that still runs with this home in its environment, whoever started it."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("EARTHCODE_HOME") == str(home) and process.pid != os.getpid():
                found.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def facts_of(home: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((home / "demo.json").read_text(encoding="utf-8"))
    return facts


def refs(catalog: str) -> str:
    listed = subprocess.run(["git", "--git-dir", catalog, "for-each-ref"], check=True, capture_output=True, text=True)
    return listed.stdout


def test_twice_publishes_once(checkout: Path, home: Path, tmp_path: Path) -> None:
    seen = []
    for outcome in ("published, new", "already published, unchanged"):
        with start(checkout, home, tmp_path) as process:
            shown, _ = process.communicate(timeout=200)
        assert process.returncode == 0, shown
        assert outcome in shown.splitlines()
        assert [
            line.split()[0] for line in shown.splitlines() if line.split()[:1] and line.split()[0] in STAGES
        ] == STAGES
        assert left_of(home) == []
        facts = facts_of(home)
        assert set(facts) >= PROMISED
        assert list(facts["seconds"]) == STAGES
        seen.append((facts, refs(facts["catalog"])))
    (first, before), (second, after) = seen
    assert (first["published"], second["published"]) == ("new", "unchanged")
    assert Path(first["quicklook"]).read_bytes().startswith(b"\x89PNG")
    assert json.loads(Path(first["item"]).read_text(encoding="utf-8"))["type"] == "Feature"
    assert Path(first["item"]).is_relative_to(first["product"])
    assert before == after
    assert f"{first['commit']} commit\trefs/heads/{first['branch']}" in before
    assert {name for name in first if first[name] != second[name]} <= {"published", "run_url", "seconds", "workspace"}
    assert list(tmp_path.iterdir()) == [], "the other server's home was touched"


def test_ctrl_c_in_the_middle_of_a_run_leaves_nothing_behind(demo: subprocess.Popen[str], home: Path) -> None:
    assert demo.stdout is not None
    for line in demo.stdout:
        if "/runs/flow-run/" in line:
            break
    time.sleep(2)
    demo.send_signal(signal.SIGINT)
    shown, _ = demo.communicate(timeout=60)
    assert demo.returncode == 130, shown
    assert shown.endswith("stopped\n")
    assert left_of(home) == []


def test_a_run_that_fails_gives_its_reason(demo: subprocess.Popen[str], home: Path) -> None:
    catalog = home / "catalog.git"
    if catalog.exists():
        catalog.rename(home / "catalog-before.git")
    catalog.write_text("no repository", encoding="utf-8")
    shown, _ = demo.communicate(timeout=200)
    assert demo.returncode == 1, shown
    assert "failed: the run ended as Failed" in shown
    assert f"{catalog}: something that is no catalog's repository lies here already." in shown
    assert str(home / "logs") in shown

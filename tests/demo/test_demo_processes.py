import signal
import time
from pathlib import Path

import psutil
import pytest

from demo import processes
from demo.processes import Child, last_lines, run, running
from earthcode_platform.errors import ExecutionError, UnavailableError

PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1]], start_new_session=True)
print("started", flush=True)
time.sleep(60)
"""
OBEDIENT = "import time; print('ready', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + OBEDIENT


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_GRACE", 1.0)


def wait_for(log: Path, *words: str) -> None:
    deadline = time.monotonic() + 20
    while not all(word in log.read_text(encoding="utf-8") for word in words):
        assert time.monotonic() < deadline, f"{words} never appeared"
        time.sleep(0.02)


def alive(family: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("grandchild", [OBEDIENT, STUBBORN], ids=["obedient", "stubborn"])
def test_nothing_is_left_of_a_process_and_of_what_it_started(tmp_path: Path, grandchild: str) -> None:
    log = tmp_path / "logs" / "parent.log"
    with running("parent", ["-c", PARENT, grandchild], log) as child:
        wait_for(log, "started", "ready")
        family = [psutil.Process(child.process.pid), *child.descendants()]
        assert len(alive(family)) == 2
    assert alive(family) == []


def test_a_process_that_will_not_end_is_killed(tmp_path: Path) -> None:
    with running("mule", ["-c", STUBBORN], tmp_path / "mule.log") as child:
        wait_for(child.log, "ready")
    assert child.process.returncode == -signal.SIGKILL


def interrupted(log: Path, children: list[Child]) -> None:
    with running("sleeper", ["-c", OBEDIENT], log) as child:
        children.append(child)
        raise KeyboardInterrupt


def test_nothing_is_left_when_the_block_is_interrupted(tmp_path: Path) -> None:
    children: list[Child] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path / "sleeper.log", children)
    assert children[0].process.returncode == -signal.SIGTERM


def test_a_process_that_ended_by_itself_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with running("brief", ["-c", "raise SystemExit('no disk')"], tmp_path / "brief.log") as child:
        child.process.wait(20)
        with pytest.raises(UnavailableError, match=r"the brief ended by itself with code 1(?s:.*)no disk"):
            child.require_alive()


def test_a_living_process_is_left_in_peace(tmp_path: Path) -> None:
    with running("sleeper", ["-c", OBEDIENT], tmp_path / "sleeper.log") as child:
        child.require_alive()
        assert child.process.poll() is None


def test_a_command_runs_to_its_end(tmp_path: Path) -> None:
    run("greeting", ["-c", "print('hello')"], tmp_path / "log", limit=20)
    assert last_lines(tmp_path / "log").strip() == "hello"


def test_a_command_that_fails_shows_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(ExecutionError, match=r"counting failed with code 3(?s:.*)\n    39$"):
        run("counting", ["-c", "print(*range(40), sep='\\n'); raise SystemExit(3)"], tmp_path / "log", limit=20)
    assert len(last_lines(tmp_path / "log").splitlines()) == 15


def test_a_command_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(UnavailableError, match=r"sleeping took longer than 0\.2 s and was stopped"):
        run("sleeping", ["-c", OBEDIENT], tmp_path / "log", limit=0.2)
    assert time.monotonic() - began < 10

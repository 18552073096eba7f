"""What takes too much is stopped, and nothing of it is left."""

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from earthcode_platform.isolation import isolated as looking
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import Ended, EndedBy

Find = Callable[[str], list[int]]

LOOP = "while True: pass"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
HOG = """
import time
kept = []
while True:
    kept.append(bytearray(b"x" * 2_000_000))
    time.sleep(0.005)
"""
BOMB = """
import os, time
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
"""
DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        time.sleep(600)
    os._exit(0)
os.wait()
print("left")
"""


def mark() -> str:
    return f"mark-{uuid.uuid4().hex}"


def limited(isolated: Isolated, **limits: float) -> Isolated:
    return replace(isolated, limits=replace(isolated.limits, **limits))


def run(isolated: Isolated, code: str, word: str) -> Ended:
    return isolated.run([sys.executable, "-c", code, word])


def test_an_endless_loop_is_stopped_in_time(isolated: Isolated, nothing_left: Find) -> None:
    word = mark()
    ended = run(limited(isolated, seconds=0.6), LOOP, word)
    assert (ended.ended_by, ended.code, ended.well) == (EndedBy.TIME, 137, False)
    assert ended.seconds < 5
    assert nothing_left(word) == []


def test_a_memory_hog_is_stopped(isolated: Isolated, nothing_left: Find) -> None:
    word = mark()
    ended = run(isolated, HOG, word)
    assert ended.ended_by is EndedBy.MEMORY
    assert isolated.limits.memory_bytes < ended.peak_memory_bytes < 4 * isolated.limits.memory_bytes
    assert nothing_left(word) == []


def test_memory_that_is_asked_for_at_once_is_not_given(isolated: Isolated) -> None:
    ended = run(isolated, "bytearray(2 * 1024**3)", mark())
    assert (ended.code, ended.ended_by) == (1, EndedBy.EXIT)
    assert "MemoryError" in ended.output_tail


def test_a_fork_bomb_is_stopped(isolated: Isolated, nothing_left: Find) -> None:
    word = mark()
    ended = run(isolated, BOMB, word)
    assert ended.ended_by is EndedBy.PROCESSES
    assert nothing_left(word) == []


def test_the_kernel_itself_holds_the_number_of_processes(isolated: Isolated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_LOOK", 10)  # nobody looks while it runs
    code = """
import os, time
children = 0
try:
    while children < 200:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
        children += 1
except BlockingIOError:
    pass
print(children, flush=True)
"""
    # 40 are allowed, a quarter more is the ceiling, and two of them are the warden and the command.
    assert run(isolated, code, mark()).output_tail == "48"


def test_a_daemon_ends_with_the_command(isolated: Isolated, nothing_left: Find) -> None:
    word = mark()
    ended = run(isolated, DAEMON, word)
    assert (ended.well, ended.output_tail) == (True, "left")
    assert nothing_left(word) == []


def test_who_ignores_the_request_to_end_is_ended(isolated: Isolated, nothing_left: Find) -> None:
    word, cancelled = mark(), threading.Event()
    began = time.monotonic()
    ended = isolated.run([sys.executable, "-c", STUBBORN, word], lambda _: cancelled.set(), cancelled)
    assert ended.ended_by is EndedBy.CANCEL
    assert time.monotonic() - began < 10
    assert nothing_left(word) == []


def test_another_thread_cancels(isolated: Isolated, nothing_left: Find) -> None:
    word, cancelled = mark(), threading.Event()
    timer = threading.Timer(0.3, cancelled.set)
    timer.start()
    ended = isolated.run([sys.executable, "-c", LOOP, word], None, cancelled)
    timer.join()
    assert ended.ended_by is EndedBy.CANCEL
    assert nothing_left(word) == []


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ValueError])
def test_what_the_caller_raises_ends_everything(
    isolated: Isolated, nothing_left: Find, raised: type[BaseException]
) -> None:
    word = mark()

    def interrupt(_: str) -> None:
        raise raised

    with pytest.raises(raised):
        isolated.run([sys.executable, "-c", STUBBORN, word], interrupt)
    assert nothing_left(word) == []
    assert list(isolated.workspace.iterdir()) == []


def test_no_file_grows_beyond_its_limit(isolated: Isolated) -> None:
    ended = run(isolated, "open('large', 'wb').write(b'x' * 3 * 2**20)", mark())
    assert not ended.well
    assert (isolated.workspace / "large").stat().st_size == isolated.limits.file_bytes


def test_open_files_are_counted(isolated: Isolated) -> None:
    ended = run(limited(isolated, open_files=20), "kept = [open('/dev/null') for _ in range(30)]", mark())
    assert "Too many open files" in ended.output_tail


def test_a_flood_of_output_does_not_outlive_its_time(isolated: Isolated) -> None:
    ended = run(limited(isolated, seconds=0.5), "while True: print('x' * 100)", mark())
    assert ended.ended_by is EndedBy.TIME
    assert len(ended.output_tail) <= 16384


def test_nothing_outlives_a_platform_that_is_killed(isolated: Isolated, nothing_left: Find) -> None:
    word = mark()
    platform = f"""
import pathlib, sys
from earthcode_platform.isolation.isolated import Isolated
Isolated(pathlib.Path({str(isolated.workspace)!r})).run([sys.executable, "-c", {STUBBORN!r}, {word!r}], print)
"""
    with subprocess.Popen([sys.executable, "-u", "-c", platform], stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"up\n"
        assert len(nothing_left(word)) == 2  # the platform names it too
        started.kill()
    until = time.monotonic() + 10
    while nothing_left(word) and time.monotonic() < until:
        time.sleep(0.05)
    assert nothing_left(word) == []

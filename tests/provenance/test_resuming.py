import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from earthcode_platform.provenance.resuming import forget, resuming

HALF = "blocks"
_CHILD = """
import sys
from pathlib import Path
from earthcode_platform.provenance.resuming import resuming

folder = Path(sys.argv[1])
with resuming(folder, "blocks"):
    (folder / "blocks").mkdir()
    (folder / "blocks" / "values").write_text("of " + folder.name)
    print("computing", flush=True)
    input()
"""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def opened(runs: Path, name: str) -> Path:
    (runs / name).mkdir(parents=True)
    return runs / name


def left(runs: Path, name: str, age: float = 0.0) -> Path:
    """What a run left half-made that ended so many seconds ago."""
    half = opened(runs, name) / HALF
    half.mkdir()
    (half / "values").write_text(f"of {name}")
    for path in (half / "values", half):
        os.utime(path, (time.time() - age,) * 2)
    return half


@pytest.fixture
def running(runs: Path) -> Iterator[subprocess.Popen[str]]:
    """A run in a process of its own, in the middle of its blocks."""
    words = [sys.executable, "-c", _CHILD, str(opened(runs, "map-0123-alive"))]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "computing\n"
        yield process
        process.kill()


def test_what_lives_keeps_its_blocks_and_what_was_killed_leaves_them(
    runs: Path, running: subprocess.Popen[str]
) -> None:
    second = opened(runs, "map-0123-second")
    with resuming(second, HALF) as before:
        assert before is None
    assert forget(runs, HALF, timedelta(0)) == []
    running.send_signal(signal.SIGKILL)
    running.wait()
    with resuming(second, HALF) as before:
        assert before == runs / "map-0123-alive"
    assert (second / HALF / "values").read_text() == "of map-0123-alive"
    assert [path.name for path in (runs / "map-0123-alive").iterdir()] == []
    assert [path.name for path in second.iterdir()] == [HALF]


def test_only_the_newest_of_the_same_experiment_and_fingerprint_is_taken(runs: Path) -> None:
    left(runs, "map-0123-old", 60)
    left(runs, "map-0123-new", 5)
    for other in ("map-4567-newest", "map-0123-4567-newest", "other-0123-newest"):
        left(runs, other)
    folder = opened(runs, "map-0123-ours")
    with resuming(folder, HALF) as before:
        assert before == runs / "map-0123-new"
    # A run that is tried again keeps what it has.
    with resuming(folder, HALF) as before:
        assert before is None
    assert (folder / HALF / "values").read_text() == "of map-0123-new"
    assert (runs / "map-0123-old" / HALF).exists()


def test_of_two_who_try_one_gets_it(runs: Path) -> None:
    left(runs, "map-0123-dead")
    folders = [opened(runs, f"map-0123-run{number}") for number in range(6)]
    begun = threading.Barrier(len(folders))
    got: list[Path | None] = []

    def go_on(folder: Path) -> None:
        begun.wait()
        with resuming(folder, HALF) as before:
            begun.wait()
            got.append(before)

    threads = [threading.Thread(target=go_on, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [before for before in got if before] == [runs / "map-0123-dead"]
    assert [folder.name for folder in runs.glob(f"*/{HALF}")] == [HALF]


def test_what_nobody_goes_on_with_is_forgotten(runs: Path) -> None:
    left(runs, "map-0123-old", 8 * 86_400)
    left(runs, "map-0123-new", 6 * 86_400)
    (runs / "map-0123-old" / "pinned.json").write_text("{}")
    assert forget(runs, HALF) == [runs / "map-0123-old"]
    assert [path.name for path in (runs / "map-0123-old").iterdir()] == ["pinned.json"]
    assert (runs / "map-0123-new" / HALF / "values").exists()
    assert forget(runs / "nothing", HALF) == []

"""`check --watch` checks again once a file of the folder was saved, and only then."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import factories
import pytest

from earthcode_platform.cli.watching import again_on_change


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_is_done_again_after_a_change_and_not_without_one(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.json").write_text("1")
    over, acted, told = threading.Event(), list[int](), list[str]()

    def act() -> int:
        acted.append(len(acted))
        return len(acted)

    codes: list[int] = []
    watching = threading.Thread(target=lambda: codes.append(again_on_change(tmp_path, act, told.append, over)))
    watching.start()
    until(lambda: len(told) == 1)
    for hidden in (".git", "__pycache__"):
        (tmp_path / hidden).mkdir()
        (tmp_path / hidden / "x").write_text("x")
    time.sleep(1.2)
    assert len(acted) == 1
    (tmp_path / "sub" / "a.json").write_text("22")
    until(lambda: len(acted) == 2)
    (tmp_path / "sub" / "a.json").unlink()
    (tmp_path / "b").write_text("b")
    until(lambda: len(acted) == 3)
    over.set()
    watching.join(10)
    assert codes == [3]
    assert told[1].endswith("  sub/a.json")
    assert told[2].endswith("  b and 1 more")


@pytest.mark.service
def test_the_command_ends_with_the_last_verdict(tmp_path: Path) -> None:
    folder = factories.experiment_folder(tmp_path / "small")
    command = [
        sys.executable,
        "-c",
        "from earthcode_platform.cli.app import main; main()",
        "check",
        str(folder),
        "--watch",
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    shown = (tmp_path / "log").read_text
    try:
        until(lambda: "waiting for changes" in shown())
        factories.write_json(folder / "experiment.yaml", factories.declaration(configuration={"factr": 1}))
        until(lambda: "[configuration-unknown-value]" in shown())
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 1
        assert "Traceback" not in shown()
    finally:
        process.kill()
        process.wait(10)

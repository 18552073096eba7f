from pathlib import Path

import pytest

from demo.early import command
from demo.processes import last_lines, require_success, running
from earthcode_platform.errors import UnavailableError


def test_a_command_runs_when_it_is_let_begin(tmp_path: Path) -> None:
    log = tmp_path / "early.log"
    with running("early", command(["json", "ast"], ["version"]), log, waits=True) as child:
        assert child.process.poll() is None
        child.begin()
        require_success(child, 60.0)
    assert "SQLite version" in log.read_text() or "Version" in log.read_text()


def test_a_command_that_nobody_lets_begin_does_not_run(tmp_path: Path) -> None:
    log = tmp_path / "early.log"
    with running("early", command(["json"], ["version"]), log, waits=True) as child:
        assert child.process.stdin is not None
        child.process.stdin.close()
        require_success(child, 60.0)
    assert not last_lines(log)


def test_a_command_whose_modules_are_not_there_is_reported(tmp_path: Path) -> None:
    with running("early", command(["no_such_module"], ["version"]), tmp_path / "early.log", waits=True) as child:
        child.process.wait()
        with pytest.raises(UnavailableError, match="no_such_module"):
            child.begin()

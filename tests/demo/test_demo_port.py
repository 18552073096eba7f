import socket
from pathlib import Path

import pytest

from demo.port import free_port, remember


def test_a_free_port_can_be_bound(tmp_path: Path) -> None:
    port = free_port(tmp_path / "port")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))


def test_the_port_of_last_time_is_taken_again(tmp_path: Path) -> None:
    port = free_port(tmp_path / "port")
    remember(port, tmp_path / "port")
    assert free_port(tmp_path / "port") == port


def test_a_port_that_somebody_else_listens_on_is_left_to_them(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        remember(taken.getsockname()[1], tmp_path / "port")
        assert free_port(tmp_path / "port") not in (0, taken.getsockname()[1])


@pytest.mark.parametrize("noted", ["", "none", "-3", "0", "70000"])
def test_a_note_that_makes_no_sense_is_ignored(tmp_path: Path, noted: str) -> None:
    (tmp_path / "port").write_text(noted, encoding="utf-8")
    assert 0 < free_port(tmp_path / "port") < 1 << 16

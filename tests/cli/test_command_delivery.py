"""How answers leave the process: nobody who reads, a full disk, narrow encodings, devices as files for reports."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.cli.delivery import write_report
from earthcode_platform.errors import InputError

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.is_char_device(), reason="there is no device that is always full")
ASKED = (["validate", "--offline"], ["validate", "--offline", "--json"], ["report"], ["report", "--json"], ["search"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The embedded catalog as a plain folder, with a title that ASCII lacks letters for."""
    for name, content in seed_files().items():
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    project = tmp_path / "tree/projects/élan/collection.json"
    project.parent.mkdir()
    project.write_text('{"id": "élan", "type": "Collection", "title": "Élan \\ud800"}', encoding="utf-8")
    return tmp_path / "tree"


def command(
    folder: Path, asked: list[str], *, stdout: int, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    call = [sys.executable, "-c", "from earthcode_platform.cli.app import main; main()", "catalog", asked[0]]
    return subprocess.run(
        [*call, str(folder), *asked[1:]],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        check=False,
    )


@needs_full
@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_a_full_disk_is_told_and_is_no_verdict(folder: Path, asked: list[str]) -> None:
    with FULL.open("wb") as full:
        done = command(folder, asked, stdout=full.fileno())
    assert done.returncode == 2
    assert b"the file system failed: No space left on device." in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_a_reader_who_left_is_no_verdict(folder: Path, asked: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = command(folder, asked, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_letters_that_the_output_lacks_are_escapes(folder: Path) -> None:
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    done = command(folder, ["search"], stdout=subprocess.PIPE, environment=ascii_only)
    assert done.returncode == 0
    assert b"\\xe9lan" in done.stdout
    done = command(folder, ["search", "--json"], stdout=subprocess.PIPE, environment=ascii_only)
    assert "élan" in {hit["id"] for hit in json.loads(done.stdout)["hits"]}


def test_an_output_that_was_closed(folder: Path) -> None:
    call = (
        f"{sys.executable} -c 'from earthcode_platform.cli.app import main; main()' catalog validate --offline --json"
    )
    done = subprocess.run(["/bin/sh", "-c", f"{call} {folder} >&-"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_report_goes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_report(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


@needs_full
def test_a_device_stays_a_device(tmp_path: Path) -> None:
    link = tmp_path / "full"
    link.symlink_to(FULL)
    with pytest.raises(InputError, match="No space left on device"):
        write_report(link, "text")
    assert FULL.is_char_device()


def test_a_pipe_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_report(pipe, "text")
    assert os.read(reading, 10) == b"text"
    os.close(reading)
    assert stat.S_ISFIFO(pipe.stat().st_mode)

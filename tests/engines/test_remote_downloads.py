"""Results that do not come, come damaged, or are not what was announced."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openeo_asked import Asked
from openeo_backend import OpenEOBackend
from remote_runs import engine, left, pinned, reset

from earthcode_platform.errors import ExecutionError, InputError, IntegrityError
from earthcode_platform.models.pinned import PinnedExperiment

FILE = "GET /files/job-1/result-1.tif"


@pytest.fixture
def experiment(backend: OpenEOBackend, tmp_path: Path) -> PinnedExperiment:
    return pinned(backend, tmp_path / "experiment")


def asset(**changes: object) -> Callable[[Any], Any]:
    """Change what is announced of the result."""

    def change(held: dict[str, Any]) -> dict[str, Any]:
        held["assets"]["result-1.tif"] |= changes
        return held

    return change


def test_a_download_that_breaks_is_taken_up_again(
    backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path
) -> None:
    backend.faults[FILE] = [reset, lambda asked: asked.cut(b"II*\0", 5000)]
    run = engine(backend).run(experiment, tmp_path / "run")
    assert run.files[0].statistics["valid_percent"] == 100.0
    assert backend.requests("GET", "/files/job-1/result-1.tif") == 3


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (asset(**{"file:checksum": "1220" + "0" * 64}), "its checksum is"),
        (asset(**{"file:checksum": "d50110" + "0" * 32}), "its checksum is"),
        (asset(**{"file:size": 10**6}), "but 1000000 were announced"),
        (asset(**{"file:size": 10}), "more than the 10 bytes"),
    ],
)
def test_a_result_that_is_not_what_was_announced_is_not_kept(
    backend: OpenEOBackend,
    experiment: PinnedExperiment,
    tmp_path: Path,
    change: Callable[[Any], Any],
    complaint: str,
) -> None:
    backend.changed["results"] = change
    with pytest.raises(IntegrityError, match=complaint):
        engine(backend).run(experiment, tmp_path / "run")
    assert left(tmp_path / "run") == {"remote-job.json"}


@pytest.mark.parametrize(
    ("body", "complaint"), [(b"<html>Please log in</html>", "an HTML page"), (b"II*\0" + b"\0" * 99, "cut short")]
)
def test_what_is_no_raster_is_not_kept(
    backend: OpenEOBackend,
    experiment: PinnedExperiment,
    tmp_path: Path,
    body: bytes,
    complaint: str,
) -> None:
    backend.changed["results"] = asset(**{"file:size": None, "file:checksum": None})
    backend.faults[FILE] = [lambda asked: asked.answer(200, body)] * 3
    with pytest.raises(IntegrityError, match=complaint):
        engine(backend).run(experiment, tmp_path / "run")


def test_a_body_without_end_ends(backend: OpenEOBackend, experiment: PinnedExperiment, tmp_path: Path) -> None:
    def endless(asked: Asked) -> None:
        asked.handler.close_connection = True
        asked.handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(2000):
            asked.handler.wfile.write(b" " * 65536)

    backend.changed["results"] = asset(**{"file:size": None, "file:checksum": None})
    backend.faults[FILE] = [endless]
    with pytest.raises(ExecutionError, match="may be downloaded"):
        engine(backend, largest=10**6).run(experiment, tmp_path / "run")
    backend.faults["GET /processes"] = [endless]
    with pytest.raises(InputError, match="its answer has more than"):
        engine(backend).run(experiment, tmp_path / "run")

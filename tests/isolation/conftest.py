from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from earthcode_platform.isolation.isolated import Isolated, why_not
from earthcode_platform.isolation.limits import Limits

SMALL = Limits(seconds=20, memory_bytes=200 * 1024**2, processes=40, file_bytes=2**20)


@pytest.fixture(scope="session")
def _can_isolate(tmp_path_factory: pytest.TempPathFactory) -> None:
    reason = why_not(tmp_path_factory.mktemp("probe"))
    if reason:
        pytest.skip(reason)


@pytest.fixture
def isolated(_can_isolate: None, tmp_path: Path) -> Isolated:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Isolated(workspace, limits=SMALL)


@pytest.fixture
def nothing_left() -> Callable[[str], list[int]]:
    """Return the processes whose command line holds a mark."""

    def find(mark: str) -> list[int]:
        found = []
        for process in psutil.process_iter():
            try:
                if any(mark in word for word in process.cmdline()):
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found

    return find

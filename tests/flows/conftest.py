"""One Prefect server for the whole session of flow tests, and a home of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import factories
import pytest
from prefect.testing.utilities import prefect_test_harness


@pytest.fixture(scope="session", autouse=True)
def prefect_server() -> Iterator[None]:
    """A real server on a free port with a database of its own."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The platform's home for one test: empty archive, empty runs, a fresh catalog."""
    folder = tmp_path / "home"
    monkeypatch.setenv("EARTHCODE_HOME", str(folder))
    return folder


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The folder of an experiment that passes every gate."""
    return factories.experiment_folder(tmp_path / "small")

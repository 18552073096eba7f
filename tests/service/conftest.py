"""What tests of services share: one running platform, which takes twenty seconds to start, and S3 servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from s3_server import S3Server, running
from served import Platform, served

from earthcode_platform.stores.s3 import sending


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Iterator[Platform]:
    with served(tmp_path_factory.mktemp("home"), checkout) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Run an S3 server on a folder."""
    with running(tmp_path_factory.mktemp("s3"), tmp_path_factory.mktemp("log") / "s3.log") as one:
        yield one


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of 200 kB go to object storage in parts."""
    monkeypatch.setattr(sending, "LARGE", 200_000)
    monkeypatch.setattr(sending, "_PART", 120_000)

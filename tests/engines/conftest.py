"""What tests of several engines may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openeo_backend import OpenEOBackend
from remote_runs import serving_scenes


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[OpenEOBackend]:
    """A back-end on loopback that asks nobody who they are."""
    with serving_scenes(tmp_path / "provider") as running:
        yield running

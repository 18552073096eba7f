"""What tests of several engines may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import stac
from openeo_backend import OpenEOBackend
from processes_api import ProcessesAPI, offering
from remote_runs import serving_scenes


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[OpenEOBackend]:
    """A back-end on loopback that asks nobody who they are."""
    with serving_scenes(tmp_path / "provider") as running:
        yield running


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """A folder that a provider serves, with two small scenes in `scenes`."""
    stac(tmp_path / "provider" / "data" / "scenes")
    return tmp_path / "provider" / "data"


@pytest.fixture
def provider(scenes: Path) -> Iterator[ProcessesAPI]:
    """An OGC API - Processes on loopback that asks nobody who they are."""
    with offering(ProcessesAPI(scenes)) as running:
        yield running

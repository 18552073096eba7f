"""The same experiment, computed at a back-end and here."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from openeo_backend import OpenEOBackend
from remote_runs import engine, pinned, serving_scenes

from earthcode_platform.engines.openeo.engine import OpenEOEngine


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[OpenEOBackend]:
    with serving_scenes(tmp_path / "provider") as running:
        yield running


def test_the_product_is_the_one_that_is_computed_here(backend: OpenEOBackend, tmp_path: Path) -> None:
    experiment = pinned(backend, tmp_path / "experiment")
    there = engine(backend).run(experiment, tmp_path / "there")
    local = {"scenes": {"href": str(backend.folder / "scenes" / "collection.json")}}
    here = OpenEOEngine().run(pinned(backend, tmp_path / "experiment", inputs=local), tmp_path / "here")
    assert there.files[0].data_checksum == here.files[0].data_checksum

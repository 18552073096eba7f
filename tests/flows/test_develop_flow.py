"""The flow `develop` on a real server: what it shows, what it refuses, and when it builds an image."""

import json
import subprocess
from pathlib import Path
from uuid import uuid4

import factories
import pytest
from prefect.client.orchestration import get_client

from blocks.container_registry import ContainerRegistry
from earthcode_platform.development.containers import find_builder
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.development import Development
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.provenance.workspace import Workspace
from flows.develop import develop

pytestmark = pytest.mark.service


def artifact(key: str) -> str:
    with get_client(sync_client=True) as client:
        found = client.request("POST", "/artifacts/filter", json={"artifacts": {"key": {"any_": [key]}}}).json()
    return str(max(found, key=lambda one: str(one["created"]))["data"])


def test_tests_that_fail_refuse_it_after_everything_is_shown(home: Path, tmp_path: Path) -> None:
    folder = factories.experiment_folder(tmp_path / "failing", id="failing")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_it.py").write_text("def test_it() -> None:\n    assert 1 == 2\n")
    state = develop(str(folder), return_state=True)
    with pytest.raises(RefusedError, match="develop-tests-failed"):
        state.result()
    (workspace,) = (home / "runs").iterdir()
    found = Workspace(workspace).load(Development)
    assert found.tests is not None
    assert (found.tests.failed, found.trial) == (1, None)
    assert "| Tests | 0 passed, 1 failed" in artifact("developed-failing")
    assert {row["code"] for row in json.loads(artifact("findings-failing"))} >= {"develop-tests-failed"}
    assert "## Product: Mean of two small scenes" in artifact("preview-failing")


def test_parts_are_left_out_and_the_run_can_go_on_from_its_folder(home: Path, tmp_path: Path) -> None:
    del home
    folder = factories.experiment_folder(tmp_path / "quick", id="quick")
    workspace = develop(str(folder), configuration={"factor": 3}, tests=False, trial=False, image=False)
    assert Workspace(Path(workspace)).load(PinnedExperiment).experiment.configuration == {"factor": 3}
    found = Workspace(Path(workspace)).load(Development)
    assert (found.tests, found.trial, found.image) == (None, None, None)


def test_an_image_is_built_where_the_block_allows_it(home: Path, tmp_path: Path) -> None:
    del home
    builder = find_builder()
    if builder is None:
        pytest.skip("needs buildah, podman or docker; make containers installs them as root on Debian and Ubuntu")
    name = f"image-{uuid4().hex[:12]}"
    folder = factories.experiment_folder(tmp_path / name, id=name)
    (folder / "hello.txt").write_text("hello")
    (folder / "Containerfile").write_text("FROM scratch\nCOPY hello.txt /hello.txt\n")
    workspace = develop(str(folder), tests=False, trial=False)
    found = Workspace(Path(workspace)).load(Development)
    assert found.image is None
    assert "develop-no-builder" in {one.code for one in found.findings}
    image = None
    ContainerRegistry(builds=True).save("building", overwrite=True)
    try:
        workspace = develop(str(folder), registry="building", tests=False, trial=False)
        image = Workspace(Path(workspace)).load(Development).image
        assert image is not None
        assert (image.builder, image.pushed) == (builder.name, "")
        assert image.identifier == builder.identity(image.name)[0]
        assert f"`{image.name}` by {builder.name}" in artifact(f"developed-{name}")
    finally:
        for tag in (image.name if image else "", f"localhost/{name}:1.0.0"):
            subprocess.run([builder.program, "rmi", tag], check=False, capture_output=True)

"""A newcomer's way through the real flows, for each kind of workflow: from nothing to a published product, timed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from newcomer import Newcomer

from earthcode_platform.development.blueprint import KINDS
from earthcode_platform.models.development import Development, Part
from earthcode_platform.models.product import Novelty
from earthcode_platform.provenance.workspace import Workspace
from flows.develop import develop
from flows.lifecycle import lifecycle

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]


@pytest.mark.parametrize("kind", KINDS)
def test_from_nothing_to_a_published_product(kind: str, home: Path, tmp_path: Path) -> None:
    newcomer = Newcomer(tmp_path / f"green-{kind}", kind)
    newcomer.begin()
    newcomer.command("check", newcomer.folder)
    with newcomer.step("develop"):
        workspace = develop(str(newcomer.folder))
    found = Workspace(Path(workspace)).load(Development)
    assert found.tests is not None
    assert (found.tests.passed, found.tests.failed, found.tests.isolation) == (2, 0, "namespaces")
    assert found.trial is not None
    assert found.trial.part is Part.WHOLE
    assert found.trial.engine.libraries
    assert "Green valleys" in (Path(workspace) / "preview.html").read_text(encoding="utf-8")
    assert found.code is not None
    assert found.code.dirty
    with newcomer.step("lifecycle"):
        publication = lifecycle(str(newcomer.folder))
    assert publication.novelty is Novelty.NEW
    shown = ["git", "--git-dir", str(home / "catalog.git"), "show", f"main:experiments/green-{kind}/record.json"]
    record = json.loads(subprocess.run(shown, check=True, capture_output=True).stdout)
    assert record["properties"]["title"] == f"Green valleys, by {kind}"
    told = ", ".join(f"{step} {seconds} s" for step, seconds in newcomer.seconds.items())
    sys.stdout.write(f"\n{kind}: {told}; {sum(newcomer.seconds.values()):.0f} s in all\n")
    assert sum(newcomer.seconds.values()) < 300, told

"""Every broken package is refused before anything runs, with the step, the tool or the input, in words that help."""

from pathlib import Path

import cwl_pieces
import pytest
from broken_packages import CASES, Broken, Parts

from earthcode_platform.engines.cwl.engine import CWLEngine
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.pinned import PinnedExperiment

NOTHING = Settings(containers=(), network=False)


def experiment(folder: Path, parts: Parts) -> PinnedExperiment:
    files = {"tools/copy.cwl": parts.copy, "tools/mosaic.cwl": parts.mosaic, "beside.cwl": parts.copy}
    cwl_pieces.folder(folder, parts.app, {**files, **parts.files}, configuration=parts.configuration)
    return cwl_pieces.pinned(folder)


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 40


def test_unchanged_the_package_is_not_refused(tmp_path: Path) -> None:
    made = experiment(tmp_path, Parts())
    found = CWLEngine(settings=NOTHING).check(made.workflow, made.inputs, made.experiment)
    assert [one for one in found if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_broken_package_is_refused(tmp_path: Path, case: Broken) -> None:
    parts = Parts()
    case.change(parts)
    made = experiment(tmp_path / "e", parts)
    with pytest.raises(RefusedError) as caught:
        CWLEngine(settings=NOTHING).run(made, tmp_path / "out")
    errors = [one for one in caught.value.findings if one.severity is Severity.ERROR]
    (found, *others) = [one for one in errors if one.code == f"workflow-{case.code}"]
    assert case.where in found.where
    assert case.told in found.message
    assert case.near in found.remedy
    assert found.remedy
    assert {one.code for one in (*others, *errors)} == {found.code}
    assert not (tmp_path / "out").exists()

from pathlib import Path

import factories
import pytest
from recorded_engine import RecordedEngine

from earthcode_platform import checksums
from earthcode_platform.gates.workflow import check
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment, PinnedFile

BROKEN = Finding(code="workflow-cycle", severity=Severity.ERROR, where="graph", message="it goes round")


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    return factories.pinned(factories.experiment_folder(tmp_path))


def test_the_engine_has_its_say(pinned: PinnedExperiment) -> None:
    assert list(check(pinned, RecordedEngine())) == []
    assert list(check(pinned, RecordedEngine(findings=[BROKEN]))) == [BROKEN]


def test_a_file_that_changed_is_not_checked_in_its_place(pinned: PinnedExperiment) -> None:
    Path(pinned.workflow.path).write_text("{}")
    engine = RecordedEngine(findings=[BROKEN])
    found = list(check(pinned, engine))
    assert [one.code for one in found] == ["workflow-changed"]
    assert checksums.of_bytes(b"{}") in found[0].message
    assert engine.checked == 0


def test_a_file_that_is_gone(pinned: PinnedExperiment) -> None:
    Path(pinned.workflow.path).unlink()
    assert [one.code for one in check(pinned, RecordedEngine())] == ["workflow-gone"]


def test_an_engine_of_another_kind(pinned: PinnedExperiment) -> None:
    workflow = pinned.workflow.model_copy(update={"kind": WorkflowKind.CWL})
    found = list(check(pinned.model_copy(update={"workflow": workflow}), RecordedEngine()))
    assert [one.code for one in found] == ["workflow-other-kind"]
    assert "runs openeo" in found[0].message


def test_a_suffix_of_another_kind_is_worth_a_look(pinned: PinnedExperiment) -> None:
    declared = pinned.experiment.workflow.model_copy(update={"entry": "workflow.ipynb"})
    experiment = pinned.experiment.model_copy(update={"workflow": declared})
    found = list(check(pinned.model_copy(update={"experiment": experiment}), RecordedEngine()))
    assert [(one.code, one.severity) for one in found] == [("workflow-suffix", "warning")]


def test_a_further_file_that_changed_or_is_gone(pinned: PinnedExperiment, tmp_path: Path) -> None:
    tool, gone = tmp_path / "tool.cwl", tmp_path / "gone.cwl"
    tool.write_text("new")
    files = (
        PinnedFile(name="tool.cwl", path=str(tool), checksum=checksums.of_bytes(b"old")),
        PinnedFile(name="gone.cwl", path=str(gone), checksum=checksums.of_bytes(b"old")),
    )
    workflow = pinned.workflow.model_copy(update={"files": files})
    found = list(check(pinned.model_copy(update={"workflow": workflow}), RecordedEngine(findings=[BROKEN])))
    assert [one.code for one in found] == ["workflow-changed", "workflow-gone"]
    assert {one.where for one in found} == {"experiment.yaml: workflow.files"}

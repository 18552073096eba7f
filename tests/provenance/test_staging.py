from pathlib import Path

import factories
import pytest

from earthcode_platform import checksums
from earthcode_platform.errors import InputError, IntegrityError
from earthcode_platform.experiments.files import pin_files
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.provenance.package import write_package
from earthcode_platform.provenance.record import record
from earthcode_platform.provenance.staging import require_workflow, stage_workflow


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    """An experiment whose workflow uses a folder of tools and a file that nobody declared lies beside it."""
    folder = factories.experiment_folder(tmp_path / "small")
    (folder / "tools").mkdir()
    script = folder / "tools" / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    (folder / "undeclared.txt").write_text("x")
    whole = factories.pinned(folder)
    declared = whole.experiment.workflow.model_copy(update={"files": ("tools",)})
    files, _ = pin_files(declared.files, declared.entry, folder)
    return whole.model_copy(
        update={
            "experiment": whole.experiment.model_copy(update={"workflow": declared}),
            "workflow": whole.workflow.model_copy(update={"name": declared.entry, "files": files}),
        }
    )


def test_what_was_pinned_is_staged_and_nothing_else(pinned: PinnedExperiment, tmp_path: Path) -> None:
    entry = stage_workflow(pinned.workflow, tmp_path / "staged")
    assert entry == tmp_path / "staged" / "workflow.json"
    found = {path.relative_to(tmp_path / "staged").as_posix() for path in (tmp_path / "staged").rglob("*.*")}
    assert found == {"workflow.json", "tools/run.sh"}
    assert (tmp_path / "staged" / "tools" / "run.sh").stat().st_mode & 0o100


def test_a_further_file_that_changed_is_refused(pinned: PinnedExperiment, tmp_path: Path) -> None:
    Path(pinned.workflow.files[0].path).write_text("changed")
    for stage in (lambda: require_workflow(pinned.workflow), lambda: stage_workflow(pinned.workflow, tmp_path / "s")):
        with pytest.raises(IntegrityError, match=r"run\.sh.*was recorded"):
            stage()


def test_a_further_file_that_is_gone_is_refused(pinned: PinnedExperiment, tmp_path: Path) -> None:
    Path(pinned.workflow.files[0].path).unlink()
    with pytest.raises(IntegrityError, match="cannot be read now"):
        stage_workflow(pinned.workflow, tmp_path / "s")


def test_two_files_of_one_place_are_refused(pinned: PinnedExperiment, tmp_path: Path) -> None:
    twice = pinned.workflow.model_copy(update={"files": pinned.workflow.files * 2})
    with pytest.raises(InputError, match=r"want the place 'run\.sh'"):
        stage_workflow(twice, tmp_path / "s")


def test_further_files_decide_the_fingerprint_by_content_and_place(pinned: PinnedExperiment) -> None:
    (file,) = pinned.workflow.files
    prints = {pinned.fingerprint}
    for change in ({"checksum": checksums.of_bytes(b"y")}, {"name": "tools/other.sh"}):
        workflow = pinned.workflow.model_copy(update={"files": (file.model_copy(update=change),)})
        prints.add(pinned.model_copy(update={"workflow": workflow}).fingerprint)
    prints.add(pinned.model_copy(update={"workflow": pinned.workflow.model_copy(update={"files": ()})}).fingerprint)
    assert len(prints) == 4


def test_without_further_files_the_fingerprint_is_what_it_was(tmp_path: Path) -> None:
    """Archived products name it; it may not change with a release."""
    alone = factories.pinned(factories.experiment_folder(tmp_path / "alone"))
    named = alone.workflow.model_copy(update={"name": "workflow.json"})
    assert alone.model_copy(update={"workflow": named}).fingerprint == alone.fingerprint


def test_the_package_carries_them_and_pins_the_same(pinned: PinnedExperiment, tmp_path: Path) -> None:
    from earthcode_platform.experiments.write import experiment_yaml

    declared = write_package(pinned, tmp_path / "package")
    (tmp_path / "package" / "experiment.yaml").write_text(experiment_yaml(declared))
    again = pin_workflow(read_experiment(tmp_path / "package"), tmp_path / "package")
    assert [(one.name, one.checksum) for one in again.files] == [
        (one.name, one.checksum) for one in pinned.workflow.files
    ]


def test_the_record_names_them(pinned: PinnedExperiment, tmp_path: Path) -> None:
    said = record(pinned, factories.run(pinned, tmp_path))
    assert f'"tools/run.sh": "{pinned.workflow.files[0].checksum}"' in said

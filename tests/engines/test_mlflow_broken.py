"""Every broken model is refused before anything of it runs, in words that name the file, key or column."""

from pathlib import Path

import pytest
from broken_models import CASES, Broken
from model_folders import ModelFolder, changed, pinned

from earthcode_platform.engines.mlflow_models.engine import ModelEngine
from earthcode_platform.errors import IntegrityError, RefusedError
from earthcode_platform.gates import workflow
from earthcode_platform.isolation.limits import Limits
from earthcode_platform.models.finding import Severity

LIMITS = Limits(memory_bytes=1_000_000)
"""So little that a model of two megabytes is too large; nothing runs with it."""


def test_the_good_model_passes(tmp_path: Path) -> None:
    made = pinned(tmp_path, ModelFolder())
    assert list(workflow.check(made, ModelEngine(limits=LIMITS))) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_broken_model_is_refused(case: Broken, tmp_path: Path) -> None:
    model = ModelFolder()
    case.change(model)
    made = pinned(tmp_path, model, case.configuration, case.form)
    engine = ModelEngine(limits=LIMITS)
    found = [each for each in workflow.check(made, engine) if each.severity is Severity.ERROR]
    assert [each.code for each in found] == [case.code], found
    assert case.where in found[0].where
    assert case.told in found[0].message
    assert case.near in found[0].remedy
    assert found[0].remedy
    with pytest.raises(RefusedError):
        engine.run(made, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 15
    assert len({case.id for case in CASES}) == len(CASES)


def test_a_file_that_changed_is_told_by_the_gate_and_not_loaded(tmp_path: Path) -> None:
    made = pinned(tmp_path, ModelFolder())
    new = changed(tmp_path / "model/code/index_model.py")
    (found,) = workflow.check(made, ModelEngine())
    assert (found.code, found.severity) == ("workflow-changed", Severity.ERROR)
    assert new in found.message
    with pytest.raises(IntegrityError, match="was recorded"):
        ModelEngine().run(made, tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []


def test_a_link_that_leads_out_is_no_file_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x", encoding="utf-8")
    model = ModelFolder()
    model.pyfunc["data"] = "weights"
    made = pinned(tmp_path / "experiment", ModelFolder())
    (tmp_path / "experiment/model/weights").symlink_to(tmp_path / "outside")
    model.write(tmp_path / "experiment")
    codes = {found.code for found in ModelEngine().check(made.workflow, made.inputs, made.experiment)}
    assert "workflow-outside-folder" in codes


def test_a_patch_release_and_an_unread_line_are_warnings(tmp_path: Path) -> None:
    import numpy as np

    major, minor, patch = np.__version__.split(".")[:3]
    model = ModelFolder()
    model.files["requirements.txt"] = f"numpy=={major}.{minor}.{int(patch) + 1}\n-r other.txt\n# a note\npip==1.0\n"
    made = pinned(tmp_path, model)
    found = ModelEngine().check(made.workflow, made.inputs, made.experiment)
    assert [(each.code, each.severity) for each in found] == [
        ("workflow-package-version", Severity.WARNING),
        ("workflow-requirement-unread", Severity.WARNING),
    ]


def test_packages_are_found_in_the_conda_file_too(tmp_path: Path) -> None:
    model = ModelFolder()
    del model.files["requirements.txt"]
    model.files["conda.yaml"] = "dependencies:\n- python=3.11\n- pip:\n  - no-such-package==2.0\n"
    made = pinned(tmp_path, model)
    assert [found.code for found in ModelEngine().check(made.workflow, made.inputs)] == ["workflow-package-missing"]

"""Notebooks that would fail are refused before a cell runs, each with a finding that names the place and the value."""

import json
from pathlib import Path

import pytest
from broken_notebooks import CASES, Broken
from notebook_pieces import experiment, pinned

from earthcode_platform.engines.notebook.engine import NotebookEngine
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.finding import Finding, Severity


def errors(case: Broken, value: object, folder: Path) -> list[Finding]:
    """Return what `run` refuses the notebook with; what passes is not run."""
    made = pinned(experiment(folder, case.build(value), case.files), case.values)
    engine = NotebookEngine()
    try:
        engine.require(made)
    except RefusedError as refused:
        return [found for found in refused.findings if found.severity is Severity.ERROR]
    return []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_broken_notebook_is_refused_and_its_mended_twin_is_not(case: Broken, tmp_path: Path) -> None:
    found = errors(case, case.wrong, tmp_path / "wrong")
    assert [entry.code for entry in found] == [case.code]
    (only,) = found
    assert only.where.endswith(case.where)
    assert case.told in only.message
    assert case.near in only.remedy
    assert only.remedy
    assert errors(case, case.right, tmp_path / "right") == []


def test_there_are_enough_of_them_and_they_differ() -> None:
    assert len({case.code for case in CASES}) >= 15
    assert len({case.id for case in CASES}) == len(CASES)


def test_run_refuses_too_and_leaves_nothing_behind(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.code == "workflow-syntax-error")
    made = pinned(experiment(tmp_path / "small", case.build(case.wrong)))
    with pytest.raises(RefusedError, match="never closed"):
        NotebookEngine().run(made, tmp_path / "workspace")
    assert not (tmp_path / "workspace").exists()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    syntax = next(case for case in CASES if case.code == "workflow-syntax-error")
    content = json.loads(json.dumps(syntax.build(syntax.wrong)))
    content["metadata"]["kernelspec"]["name"] = "nowhere"
    made = pinned(experiment(tmp_path / "small", content))
    found = NotebookEngine().check(made.workflow, made.inputs, made.experiment)
    assert [entry.code for entry in found] == ["workflow-no-kernel", "workflow-syntax-error"]

"""What would keep an experiment from giving the same values again."""

import json
from pathlib import Path

import factories
import pytest

from earthcode_platform.gates.reproducibility import check
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.pinned import CodeVersion, PinnedExperiment

FIXED = {"OMP_NUM_THREADS": "1"}
CLEAN = CodeVersion(commit="a" * 40, dirty=False, repository="https://example.org/x.git")


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    return factories.pinned(factories.experiment_folder(tmp_path)).model_copy(update={"code": CLEAN})


def _told(pinned: PinnedExperiment, environment: dict[str, str] | None = None) -> list[tuple[str, str]]:
    found = check(pinned, FIXED if environment is None else environment)
    return [(one.code.removeprefix("reproducibility-"), one.severity.value) for one in found]


def _running(pinned: PinnedExperiment, kind: WorkflowKind, name: str, text: str) -> PinnedExperiment:
    path = Path(pinned.folder) / name
    path.write_text(text, encoding="utf-8")
    return pinned.model_copy(
        update={"workflow": pinned.workflow.model_copy(update={"kind": kind, "path": str(path), "name": name})}
    )


def test_what_is_committed_pinned_and_certain_gives_no_finding(pinned: PinnedExperiment) -> None:
    assert _told(pinned) == []


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (None, [("no-commit", "note")]),
        (CLEAN.model_copy(update={"dirty": True}), [("dirty-tree", "warning")]),
        (CLEAN.model_copy(update={"repository": None}), [("no-remote", "note")]),
    ],
)
def test_code_that_nobody_else_gets(
    pinned: PinnedExperiment, code: CodeVersion | None, told: list[tuple[str, str]]
) -> None:
    assert _told(pinned.model_copy(update={"code": code})) == told


def test_inputs_without_checksum_are_counted(pinned: PinnedExperiment) -> None:
    source = pinned.inputs[0]
    loose = tuple(one.model_copy(update={"checksum": None}) for one in source.assets)
    (found,) = check(pinned.model_copy(update={"inputs": (source.model_copy(update={"assets": loose}),)}), FIXED)
    assert found.code == "reproducibility-input-not-pinned"
    assert f"{len(loose)} of its {len(loose)} files" in found.message


@pytest.mark.parametrize(
    ("image", "told"),
    [
        ("registry.example.org/x:1.0", [("image-by-tag", "warning")]),
        ("registry.example.org/x", [("image-by-tag", "warning")]),
        ("registry.example.org/x@sha256:" + "0" * 64, []),
    ],
)
def test_images_are_named_by_content(pinned: PinnedExperiment, image: str, told: list[tuple[str, str]]) -> None:
    text = f"class: CommandLineTool\nhints:\n  DockerRequirement:\n    dockerPull: {image}\n"
    assert _told(_running(pinned, WorkflowKind.CWL, "app.cwl", text)) == told


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (WorkflowKind.CWL, "hints: {DockerRequirement: {dockerPull: a:1}}"),
        (WorkflowKind.CWL, '{"hints": [{"class": "DockerRequirement", "dockerPull": "a:1"}]}'),
        (WorkflowKind.CWL, "hints:\n- class: DockerRequirement\n  dockerPull: a:1"),
        (WorkflowKind.ARGO, "containers:\n  - image: a:1"),
    ],
)
def test_images_are_found_however_they_are_written(pinned: PinnedExperiment, kind: WorkflowKind, text: str) -> None:
    (found,) = check(_running(pinned, kind, "app.cwl", f"# dockerPull: b:2\n#  {{image: c:3}}\n{text}\n"), FIXED)
    assert "'a:1'" in found.message


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("x = np.random.normal(size=3)", [("no-seed", "warning")]),
        ("import random\nx = random.random()", [("no-seed", "warning")]),
        ("rng = np.random.default_rng()", [("no-seed", "warning")]),
        ("rng = np.random.default_rng(7)\nx = rng.normal()", []),
        ("np.random.seed(7)\nx = np.random.normal(size=3)", []),
        ("%matplotlib inline\nx = np.random.rand()", [("no-seed", "warning")]),
        ("x = np.mean(y)", []),
        ("x = (", []),
    ],
)
def test_random_numbers_have_a_seed(pinned: PinnedExperiment, code: str, told: list[tuple[str, str]]) -> None:
    cells = [
        {"cell_type": "markdown", "source": "np.random"},
        {"cell_type": "code", "source": code.splitlines(keepends=True)},
    ]
    notebook = json.dumps({"cells": cells})
    assert _told(_running(pinned, WorkflowKind.NOTEBOOK, "a.ipynb", notebook)) == told


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 7}', '{"cells": [7, {"cell_type": "code"}]}', "\x00"])
def test_a_notebook_that_is_none_is_left_to_its_engine(pinned: PinnedExperiment, text: str) -> None:
    assert _told(_running(pinned, WorkflowKind.NOTEBOOK, "a.ipynb", text)) == []


def test_threads_of_foreign_code_are_fixed(pinned: PinnedExperiment) -> None:
    notebook = _running(pinned, WorkflowKind.NOTEBOOK, "a.ipynb", '{"cells": []}')
    assert _told(notebook, {}) == [("threads-open", "note")]
    assert _told(notebook, {"MKL_NUM_THREADS": "2"}) == []
    assert _told(pinned, {}) == []

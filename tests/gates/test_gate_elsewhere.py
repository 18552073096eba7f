"""Workflows that run nowhere here: looked at, and told with the platform that could run them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import factories
import pytest

from earthcode_platform.engines.registry import PLATFORMS, engine_for, platforms
from earthcode_platform.errors import UnknownNameError
from earthcode_platform.gates.elsewhere import check
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.platform import ProcessingPlatform

KUBE = ProcessingPlatform(title="Kube", kinds=frozenset({WorkflowKind.ARGO}), address="https://kube.example.org")


def argo() -> dict[str, Any]:
    """Return a workflow of two tasks, one after the other."""
    tasks = [{"name": "a", "template": "work"}, {"name": "b", "template": "work", "dependencies": ["a"]}]
    return {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"generateName": "two-"},
        "spec": {"entrypoint": "all", "templates": [
            {"name": "all", "dag": {"tasks": tasks}}, {"name": "work", "container": {"image": "a:1"}}]},
    }  # fmt: skip


def pinned(folder: Path, content: object) -> PinnedExperiment:
    made = factories.pinned(factories.experiment_folder(folder))
    path = factories.write_json(folder / "flow.yaml", content)
    workflow = made.workflow.model_copy(update={"kind": WorkflowKind.ARGO, "path": str(path)})
    return made.model_copy(update={"workflow": workflow})


def test_a_good_one_is_told_with_the_platform_that_runs_it(tmp_path: Path) -> None:
    assert list(check(pinned(tmp_path, argo()), ())) == []
    (found,) = check(pinned(tmp_path, argo()), (KUBE,))
    assert (found.code, found.severity) == ("workflow-runs-elsewhere", "note")
    assert "on Kube (https://kube.example.org)" in found.message


def test_no_engine_here_runs_it() -> None:
    with pytest.raises(UnknownNameError, match="no engine for workflows of the kind 'argo'"):
        engine_for("argo")


def changed(*path: str | int, value: object) -> Callable[[Any], None]:
    def change(content: Any) -> None:  # noqa: ANN401 - a document
        for key in path[:-1]:
            content = content[key]
        content[path[-1]] = value

    return change


BROKEN: list[tuple[Callable[[Any], None], str, str, str]] = [
    (changed("apiVersion", value="batch/v1"), "no-argo", "flow.yaml", "apiVersion"),
    (changed("kind", value="Job"), "no-argo", "flow.yaml", "'Job'"),
    (changed("spec", "entrypoint", value="al"), "no-entrypoint", "flow.yaml", "'al'"),
    (changed("spec", "templates", 1, "container", value={}), "", "", ""),
    (changed("spec", "templates", 1, "script", value={}), "template", "template 'work'", "container and script"),
    (changed("spec", "templates", 1, value={"name": "work"}), "template", "template 'work'", "nothing"),
    (
        changed("spec", "templates", 0, "dag", "tasks", 0, "template", value="wrk"),
        "no-template",
        "template 'all'",
        "'wrk'",
    ),
    (
        changed("spec", "templates", 0, "dag", "tasks", 0, "dependencies", value=["b"]),
        "cycle",
        "template 'all'",
        "wait",
    ),
    (changed("spec", "entrypoint", value=["all"]), "no-entrypoint", "flow.yaml", "['all']"),
    (
        changed("spec", "templates", 0, "dag", "tasks", 0, "template", value={"name": "work"}),
        "no-template",
        "template 'all'",
        "'name'",
    ),
    (changed("spec", "templates", 0, "dag", "tasks", 0, "dependencies", value=[{"b": 1}, 7]), "", "", ""),
    (changed("spec", "templates", 0, "dag", "tasks", 0, "dependencies", value=7), "", "", ""),
    (changed("spec", value={"workflowTemplateRef": {"name": "kept-there"}}), "", "", ""),
]


@pytest.mark.parametrize(("change", "code", "where", "told"), BROKEN)
def test_its_structure_is_looked_at(
    tmp_path: Path, change: Callable[[Any], None], code: str, where: str, told: str
) -> None:
    content = argo()
    change(content)
    findings = list(check(pinned(tmp_path, content), ()))
    if not code:
        assert findings == []
        return
    (found,) = findings
    assert found.code == f"workflow-{code}"
    assert where in found.where
    assert told in found.message
    assert found.remedy


def test_what_is_no_yaml_is_told(tmp_path: Path) -> None:
    made = pinned(tmp_path, {})
    Path(made.workflow.path).write_text("a: [" * 5000)
    (found,) = check(made, ())
    assert found.code == "workflow-not-yaml"
    Path(made.workflow.path).write_text("a: [")
    (found,) = check(made, ())
    assert found.code == "workflow-not-yaml"


def test_platforms_are_registered_by_entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "kube-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kube\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{PLATFORMS}]\nkube = kube_platform:KUBE\nbad = kube_platform:GONE\n")
    source = "from earthcode_platform.models.platform import ProcessingPlatform\n"
    source += "KUBE = ProcessingPlatform(title='Kube', kinds=frozenset({'argo'}), address='https://kube.example.org')\n"
    (tmp_path / "kube_platform.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "kube_platform", raising=False)
    assert platforms() == (KUBE,)

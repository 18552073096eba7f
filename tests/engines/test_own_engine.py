"""The engine of docs/write-your-own-engine.md, installed as a stranger's package, from its check to a product."""

import re
import sys
import tomllib
from pathlib import Path

import factories
import pytest
import rasterio

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.registry import GROUP, available, engine_for
from earthcode_platform.errors import RefusedError, UnknownNameError
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.gates import configuration, workflow
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.stores.delivery import archive
from earthcode_platform.stores.directory import DirectoryStore

WORKFLOW = {"kind": "x-steps", "entry": "steps.txt", "title": "Three steps"}


@pytest.fixture
def installed(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the package on the path as pip does: the module, and metadata with its entry points."""
    source = checkout / "docs" / "own-engine"
    project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
    info = tmp_path / "site" / "raster_steps-1.0.0.dist-info"
    info.mkdir(parents=True)
    lines = [f"{name} = {value}" for name, value in project["entry-points"][GROUP].items()]
    (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *lines]))
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    monkeypatch.syspath_prepend(str(info.parent))
    monkeypatch.syspath_prepend(str(source))
    monkeypatch.delitem(sys.modules, "raster_steps", raising=False)


def pinned(folder: Path, steps: str, **changes: object) -> PinnedExperiment:
    factories.experiment_folder(folder, workflow=WORKFLOW, **changes)
    (folder / "steps.txt").write_text(steps)
    experiment = read_experiment(folder)
    return PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=pin_workflow(experiment, folder),
        inputs=pin_inputs(experiment.inputs, folder),
    )


@pytest.mark.usefixtures("installed")
def test_it_is_found_checked_run_and_archived(tmp_path: Path) -> None:
    made = pinned(tmp_path / "e", "load scenes\nmultiply factor\nmean\n")
    assert available()["x-steps"] == "x-steps"
    told: list[float] = []
    engine = engine_for("x-steps", progress=lambda fraction, _step: told.append(fraction))
    assert [*workflow.check(made, engine), *configuration.check(made, engine)] == []
    result = engine.run(made, tmp_path / "w")
    with rasterio.open(result.files[0].path) as opened:
        assert opened.read(1)[0].tolist() == [5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 17.0, 19.0]
    assert told[-1] == 1.0
    product = archive(made, result, DirectoryStore(tmp_path / "store"), tmp_path / "w")
    assert product.workflow_href.endswith("/experiment/steps.txt")


@pytest.mark.usefixtures("installed")
def test_its_findings_name_the_line(tmp_path: Path) -> None:
    made = pinned(tmp_path / "e", "load scens\nmultipy factor\nmean\n", configuration={"factor": "two"})
    engine = engine_for("x-steps")
    found = list(workflow.check(made, engine))
    assert [(one.code, one.where) for one in found] == [
        ("workflow-unknown-input", "steps.txt:1"), ("workflow-no-step", "steps.txt:2"),
    ]  # fmt: skip
    with pytest.raises(RefusedError, match="'multipy factor' is no step"):
        engine.run(made, tmp_path / "w")


@pytest.mark.usefixtures("installed")
def test_its_values_are_the_configuration_gates(tmp_path: Path) -> None:
    made = pinned(tmp_path / "e", "load scenes\nmultiply factor\n", configuration={"factor": "two"})
    (found,) = configuration.check(made, engine_for("x-steps"))
    assert (found.code, found.where) == ("configuration-bad-value", "experiment.yaml: configuration.factor")


def test_without_it_the_workflow_is_refused_with_what_is_known(tmp_path: Path) -> None:
    made = pinned(tmp_path / "e", "mean\n")
    with pytest.raises(UnknownNameError, match=r"engine for workflows of the kind 'x-steps'.*Known: .*openeo"):
        engine_for(made.workflow.kind)


def test_the_page_shows_what_the_package_says(checkout: Path) -> None:
    page = (checkout / "docs" / "write-your-own-engine.md").read_text()
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert shown in (checkout / "docs" / "own-engine" / "pyproject.toml").read_text()
    for name in set(re.findall(r"`((?:cubes|provenance|isolation)\.[a-z_]+)\.", page)):
        assert (checkout / "earthcode_platform" / f"{name.replace('.', '/')}.py").is_file(), name

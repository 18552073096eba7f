"""Every broken graph is refused before it runs, at its node, in words that help; its mended twin runs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from broken_graphs import CASES as GRAPHS
from broken_graphs import Broken
from broken_vectors import VECTORS
from cube_factories import collection, gridded, gridded_input, item, pinned, raster

from earthcode_platform import checksums
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow

CASES = (*GRAPHS, *VECTORS)


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> tuple[PinnedInput, ...]:
    """`scenes` and `months`, as `broken_graphs` describes them."""
    folder = tmp_path_factory.mktemp("inputs")
    items = []
    for day in (1, 2, 3):
        bands: dict[str, Any] = {}
        for at, (name, common) in enumerate((("B04", "red"), ("B08", "nir"), ("SCL", ""))):
            raster(folder / f"{name}{day}.tif", np.arange(16, dtype="uint16").reshape(4, 4) % 7 + day * (at < 2))
            described = {
                "name": name,
                **({"common_name": common, "center_wavelength": 0.66 + 0.17 * at} if common else {}),
            }
            bands[name] = {"href": f"./{name}{day}.tif", "type": "image/tiff", "eo:bands": [described]}
        items.append(item(f"i{day}", f"2020-01-0{day}T10:00:00Z", bands, platform="sentinel-2a"))
    gridded(folder / "months" / "data.nc", np.arange(0.0, 360, 30), np.arange(-60.0, 61, 30), months=12)
    months = gridded_input(folder / "months").model_copy(update={"name": "months"})
    return pinned(collection(folder, items)), months


def experiment(folder: Path, content: dict[str, Any], inputs: Sequence[PinnedInput], form: str) -> PinnedExperiment:
    path = folder / "workflow.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    declared = Experiment.model_validate({
        "id": "trial", "version": "1.0.0", "title": "A trial", "description": "A trial.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "W"},
        "inputs": {entry.name: {"href": "collection.json"} for entry in inputs}, "configuration": {},
        "product": {"id": "trial-map", "title": "A trial map", "format": form},
    })  # fmt: skip
    workflow = PinnedWorkflow(kind=declared.workflow.kind, path=str(path), checksum=checksums.of_file(path))
    return PinnedExperiment(experiment=declared, folder=str(folder), workflow=workflow, inputs=tuple(inputs))


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 80


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_broken_graph_is_refused_at_its_node(tmp_path: Path, inputs: tuple[PinnedInput, ...], case: Broken) -> None:
    made = experiment(tmp_path, case.build(case.wrong), inputs, case.form)
    with pytest.raises(RefusedError) as caught:
        OpenEOEngine().run(made, tmp_path / "out")
    (found,) = [one for one in caught.value.findings if one.severity is Severity.ERROR]
    assert found.code == case.code
    assert found.where.endswith(case.where)
    assert case.told in found.message
    assert found.remedy
    assert case.near in found.remedy
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_its_mended_twin_runs(tmp_path: Path, inputs: tuple[PinnedInput, ...], case: Broken) -> None:
    made = experiment(tmp_path, case.build(case.right), inputs, case.form)
    (produced,) = OpenEOEngine().run(made, tmp_path / "out").files
    assert Path(produced.path).exists()

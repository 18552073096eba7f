"""Good products of every format, and what the product gate finds in a product."""

import cube_factories
import factories
import numpy as np
import pytest
from product_pieces import CUBES, GROUND, MOMENT, Look

from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.write import MEDIA_TYPES, SUFFIXES, write
from earthcode_platform.gates.product.gate import check
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import ProducedFile, RunResult


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[ProductFormat, ProducedFile]:
    """A good product of each format: two bands of 544 by 48 pixels with gaps, units and a CRS."""
    folder = tmp_path_factory.mktemp("products")
    values = np.random.default_rng(3).normal(size=(2, 2, 544, 48)).astype("float32")
    values[:, :, :9, :9] = np.nan
    cube = cube_factories.cube(values, bands=("a", "b"), units=("1", "K"))
    found = {}
    for form in CUBES:
        path = folder / f"made{SUFFIXES[form]}"
        write(cube.isel(t=0, drop=True) if form is ProductFormat.COG else cube, path, form, "Made")
        found[form] = describe(path, "Made", MEDIA_TYPES[form], MOMENT, MOMENT)
    return found


@pytest.fixture(scope="session")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> tuple[PinnedExperiment, RunResult]:
    folder = tmp_path_factory.mktemp("experiment")
    pinned = factories.pinned(factories.experiment_folder(folder))
    return pinned, factories.run(pinned, folder / "run")


@pytest.fixture
def look(experiment: tuple[PinnedExperiment, RunResult]) -> Look:
    """Return what the gate finds in a file, but for notes."""
    pinned, run = experiment

    def looked(produced: ProducedFile, ground: tuple[float, float, float, float] = GROUND) -> list[Finding]:
        found = check(pinned, run.model_copy(update={"files": (produced,)}), [ground])
        return [one for one in found if one.severity is not Severity.NOTE]

    return looked

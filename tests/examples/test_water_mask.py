"""The CWL example runs on scenes made here, on real ones where they are, and from its folder to a published product."""

import json
import shutil
from pathlib import Path

import factories
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.cwl.engine import CWLEngine
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import ExecutionError
from earthcode_platform.experiments.overrides import override
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment

pytestmark = pytest.mark.service
"""They take long: real data, and processes of their own."""

HERE = Settings(containers=())


def scenes(folder: Path) -> Path:
    """Write two scenes of a lake: columns 0 to 9 water, 10 to 31 land, the first row no data; return the collection."""
    noise = np.random.default_rng(7).integers(0, 200, (2, 32, 32))
    links = []
    for day in ("2023-08-01", "2023-08-11"):
        own = folder / f"lake-{day}"
        own.mkdir(parents=True)
        for key, water, land, layer in (("B03", 1200, 700, noise[0]), ("B08", 300, 3000, noise[1])):
            values = np.where(np.arange(32) < 10, water, land)[np.newaxis].repeat(32, axis=0) + layer
            values[0] = 0
            profile = {"driver": "GTiff", "width": 32, "height": 32, "count": 1, "dtype": "uint16", "nodata": 0}
            place = from_origin(600_000, 5_000_000, 100, 100)
            with rasterio.open(own / f"{key}.tif", "w", crs="EPSG:32633", transform=place, **profile) as target:
                target.write(values.astype("uint16"), 1)
        west, south, east, north = 16.27, 45.11, 16.32, 45.15
        factories.write_json(own / "item.json", {
            "type": "Feature", "stac_version": "1.1.0", "stac_extensions": [], "id": own.name, "links": [],
            "bbox": [west, south, east, north], "properties": {"datetime": f"{day}T10:00:00Z"},
            "geometry": {"type": "Polygon", "coordinates": [
                [[west, south], [east, south], [east, north], [west, north], [west, south]]]},
            "assets": {key: {"href": f"./{key}.tif", "roles": ["data"]} for key in ("B03", "B08")},
        })  # fmt: skip
        links.append({"rel": "item", "href": f"./{own.name}/item.json"})
    catalog = {"type": "Catalog", "stac_version": "1.1.0", "id": "lake", "description": "A lake.", "links": links}
    return factories.write_json(folder / "catalog.json", catalog)


def pinned(folder: Path, collection: Path, **configuration: str | int) -> PinnedExperiment:
    experiment = override(read_experiment(folder), {"scenes": str(collection)}, configuration)
    return PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=pin_workflow(experiment, folder),
        inputs=pin_inputs(experiment.inputs, folder),
    )


def test_water_is_found_in_each_scene(checkout: Path, tmp_path: Path) -> None:
    folder = checkout / "examples" / "water-mask-cwl"
    made = pinned(folder, scenes(tmp_path / "lake"), green="B03", nir="B08", nodata=0)
    engine = CWLEngine(settings=HERE)
    codes = {found.code for found in engine.check(made.workflow, made.inputs, made.experiment)}
    assert codes == {"workflow-without-container"}
    files = engine.run(made, tmp_path / "out").files
    names = [f"water-mask-canberra-1992-lake-2023-08-{day}" for day in ("01", "11")]
    assert [Path(one.path).stem for one in files] == names
    for one in files:
        with rasterio.open(one.path) as opened:
            mask = opened.read(1)
        assert (mask[0] == 255).all()
        assert (mask[1:, :10] == 1).all()
        assert (mask[1:, 10:] == 0).all()
    assert [one.start.day for one in files] == [1, 11]


def test_a_scene_without_the_band_is_told_with_its_step(checkout: Path, tmp_path: Path) -> None:
    folder = checkout / "examples" / "water-mask-cwl"
    made = pinned(folder, scenes(tmp_path / "lake"), green="B99", nir="B08", nodata=0)
    with pytest.raises(ExecutionError, match=r"step 'index.*has no asset 'B99'; it has B03, B08"):
        CWLEngine(settings=HERE).run(made, tmp_path / "out")


def test_lake_burley_griffin(checkout: Path, shared: Path, tmp_path: Path) -> None:
    folder = checkout / "examples" / "water-mask-cwl"
    expected = json.loads((folder / "expected.json").read_text())
    made = pinned(folder, shared / "data" / expected["data"] / "collection.json")
    result = CWLEngine(settings=HERE).run(made, tmp_path / "out")
    (produced,) = result.files
    assert Path(produced.path).stem == expected["product"]
    assert (list(produced.bands), list(produced.grid.shape)) == (expected["bands"], expected["shape"])
    for name, value in expected["statistics"].items():
        assert produced.statistics[name] == pytest.approx(value, abs=expected["tolerance"])
    assert produced.statistics["valid_percent"] == pytest.approx(expected["valid_percent"], abs=0.005)
    with rasterio.open(produced.path) as opened:
        lake = opened.sample([(693_650, 6_092_400), (695_150, 6_090_950)])  # two points on Lake Burley Griffin
        assert [int(value[0]) for value in lake] == [1, 1]


def test_the_window_reaches_the_tools(checkout: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(checkout / "examples" / "water-mask-cwl", tmp_path / "e")
    text = (folder / "experiment.yaml").read_text()
    (folder / "experiment.yaml").write_text(
        text.replace("    href: ./data", "    bbox: [16.275, 45.13, 16.29, 45.14]\n    href: ./data")
    )
    made = pinned(folder, scenes(tmp_path / "lake"), green="B03", nir="B08", nodata=0)
    (first, _) = CWLEngine(settings=HERE).run(made, tmp_path / "out").files
    assert first.grid.shape[0] < 32
    assert first.grid.shape[1] < 32
    assert first.bbox[0] <= 16.275
    assert first.bbox[2] >= 16.29

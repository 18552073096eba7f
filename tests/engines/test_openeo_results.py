"""Several results, series and options, through the engine: each a file with its description."""

import json
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import rasterio
from cube_factories import collection, item, pinned, raster
from graph_pieces import Json, graph, node, reduced, ref
from mirror import SchemaMirror

from earthcode_platform import checksums
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.errors import ExecutionError, RefusedError
from earthcode_platform.gates.product.gate import check
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.pinned import PinnedExperiment, PinnedWorkflow
from earthcode_platform.models.product import Novelty
from earthcode_platform.models.run import RunResult
from earthcode_platform.products import open_product
from earthcode_platform.stores.delivery import archive
from earthcode_platform.stores.directory import DirectoryStore

VALUES = np.array([[1, 2, 3], [4, 0, 6]], dtype="uint16")
MEAN = reduced("load", "t", "mean")
COLUMNS, SERIES = reduced("load", "y", "mean"), reduced("columns", "x", "mean")


def made(folder: Path, content: Json, form: str) -> PinnedExperiment:
    """Pin two dates of one band, and the workflow."""
    folder.mkdir(parents=True, exist_ok=True)
    for day in (1, 2):
        raster(folder / f"{day}.tif", VALUES * day, nodata=0)
    items = [
        item(f"i{day}", f"2020-01-0{day}T10:00:00Z", {"a": {"href": f"./{day}.tif", "type": "image/tiff"}})
        for day in (1, 2)
    ]
    source = pinned(collection(folder, items))
    path = folder / "workflow.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    declared = Experiment.model_validate({
        "id": "trial", "version": "1.0.0", "title": "A trial", "description": "A trial.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "W"},
        "inputs": {"scenes": {"href": "collection.json"}},
        "product": {"id": "trial-map", "title": "A trial map", "format": form},
    })  # fmt: skip
    workflow = PinnedWorkflow(kind=declared.workflow.kind, path=str(path), checksum=checksums.of_file(path))
    return PinnedExperiment(experiment=declared, folder=str(folder), workflow=workflow, inputs=(source,))


def run(folder: Path, content: Json, form: str = "COG") -> RunResult:
    return OpenEOEngine().run(made(folder, content, form), folder / "out")


def names(result: RunResult) -> list[str]:
    return [Path(produced.path).name for produced in result.files]


def test_results_in_several_formats_are_files_with_stable_names(tmp_path: Path) -> None:
    content = graph(
        mean=MEAN,
        columns=COLUMNS,
        series=SERIES,
        cube=node("save_result", data=ref("load"), format="Zarr", options={"shards": {"y": 2}}),
        table=node("save_result", data=ref("series"), format="NetCDF"),
        map=node("save_result", data=ref("mean"), format="GTiff"),
    )
    first, second = (run(tmp_path / name, content) for name in ("one", "two"))
    assert names(first) == ["trial-map.tif", "trial-map-2.zarr", "trial-map-3.nc"]
    assert names(first) == names(second)
    assert [one.checksum for one in first.files] == [one.checksum for one in second.files]
    assert first.assets.keys() == {"trial-map", "trial-map-2", "trial-map-3"}
    with netCDF4.Dataset(first.files[2].path) as opened:
        np.testing.assert_allclose(opened["a"][:], [3, 6], rtol=1e-6)
    assert first.files[2].grid is None
    assert first.files[2].bbox == (14.9, 45.0, 15.1, 45.2)


def test_one_cube_may_be_saved_twice(tmp_path: Path) -> None:
    content = graph(
        mean=MEAN,
        fine=node("save_result", data=ref("mean"), format="NetCDF"),
        packed=node("save_result", data=ref("mean"), format="COG", options={"dtype": "uint8", "scale": 0.1}),
    )
    result = run(tmp_path, content)
    assert names(result) == ["trial-map.tif", "trial-map-2.nc"]
    assert (result.files[0].data_type, result.files[0].scale, result.files[0].nodata) == ("uint8", 0.1, 255.0)
    assert result.files[0].statistics["maximum"] == pytest.approx(9)
    with rasterio.open(result.files[0].path) as opened:
        assert opened.read(1).tolist() == [[15, 30, 45], [60, 255, 90]]


def test_the_product_itself_is_in_the_format_of_the_experiment(tmp_path: Path) -> None:
    content = graph(mean=MEAN, map=node("save_result", data=ref("mean"), format="NetCDF"))
    with pytest.raises(RefusedError, match=r"workflow-format-unsuitable.*saves its result as NetCDF.*wanted as COG"):
        run(tmp_path, content)


@pytest.mark.parametrize("form", ["NetCDF", "Zarr"])
def test_a_series_is_a_product(tmp_path: Path, form: str) -> None:
    (produced,) = run(tmp_path, graph(columns=COLUMNS, series=SERIES), form).files
    assert produced.dimensions["t"]["extent"] == ["2020-01-01T10:00:00Z", "2020-01-02T10:00:00Z"]
    assert produced.statistics["maximum"] == pytest.approx(6)


def test_a_store_in_one_file_is_chosen_by_the_configuration_and_kept_with_the_product(
    tmp_path: Path, mirror: SchemaMirror
) -> None:
    options = {"store": {"from_parameter": "store"}}
    content = graph(cube=node("save_result", data=ref("load"), format="Zarr", options=options))
    content["parameters"] = [{"name": "store", "description": "Folder or file", "schema": {"type": "string"}}]
    experiment = made(tmp_path, content, "Zarr")
    declared = experiment.experiment.model_copy(update={"configuration": {"store": "zip"}})
    experiment = experiment.model_copy(update={"experiment": declared})
    first, again = (OpenEOEngine().run(experiment, tmp_path / name) for name in ("one", "two"))
    assert names(first) == ["trial-map.zarr.zip"]
    assert [one.checksum for one in first.files] == [one.checksum for one in again.files]
    assert [one for one in check(experiment, first) if one.severity is Severity.ERROR] == []
    store = DirectoryStore(tmp_path / "archive")
    product = archive(experiment, first, store, tmp_path / "one")
    again = again.model_copy(update={"finished": first.finished})
    assert archive(experiment, again, store, tmp_path / "two").novelty is Novelty.UNCHANGED
    document = json.loads((store.root / product.prefix / "trial-map" / "trial-map.json").read_text())
    assert mirror.stac_errors(document) == []
    assert document["assets"]["data"]["type"] == "application/vnd.zarr+zip; version=3"
    np.testing.assert_array_equal(open_product(store, "trial-map").values[:, 0, 0], [[1, 2, 3], [2, 4, 6]])


def test_a_series_as_a_map_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"workflow-unwritable.*a COG holds maps\. Choose the format NetCDF"):
        run(tmp_path, graph(columns=COLUMNS, series=SERIES))
    assert not (tmp_path / "out").exists()


def test_values_that_do_not_fit_end_the_run_and_leave_no_file(tmp_path: Path) -> None:
    options = {"dtype": "int8", "scale": 0.01}
    content = graph(mean=MEAN, map=node("save_result", data=ref("mean"), format="COG", options=options))
    with pytest.raises(ExecutionError, match="does not fit into int8"):
        run(tmp_path, content)
    assert list((tmp_path / "out").rglob("*.tif")) == []


def test_the_archive_describes_every_file_by_the_official_schemas(tmp_path: Path, mirror: SchemaMirror) -> None:
    content = graph(
        mean=MEAN,
        columns=COLUMNS,
        series=SERIES,
        cube=node("save_result", data=ref("load"), format="NetCDF"),
        table=node("save_result", data=ref("series"), format="NetCDF"),
        map=node("save_result", data=ref("mean"), options={"dtype": "uint16", "scale": 0.5}),
    )
    experiment = made(tmp_path, content, "COG")
    result = OpenEOEngine().run(experiment, tmp_path / "out")
    store = DirectoryStore(tmp_path / "archive")
    product = archive(experiment, result, store, tmp_path / "out")
    document = json.loads((store.root / product.prefix / "trial-map" / "trial-map.json").read_text())
    assert mirror.stac_errors(document) == []
    packed, cube, table = (document["assets"][name] for name in ("trial-map", "trial-map-2", "trial-map-3"))
    assert (packed["raster:scale"], packed["nodata"], packed["data_type"]) == (0.5, 65535, "uint16")
    assert packed["cube:dimensions"]["bands"] == {"type": "bands", "values": ["a"]}
    assert cube["cube:dimensions"]["x"]["extent"] == [500_000, 500_030]
    assert cube["cube:variables"] == {"a": {"dimensions": ["t", "y", "x"], "type": "data"}}
    assert cube["bands"][0]["statistics"]["maximum"] == 12
    assert "proj:shape" not in table
    assert table["cube:dimensions"].keys() == {"t"}

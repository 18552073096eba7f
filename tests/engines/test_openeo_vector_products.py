"""Values of geometries as products: computed, written, described, archived and compared on a rerun."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
from cube_factories import ORIGIN
from graph_pieces import Json, graph, node, parameter, process, reduced, ref
from mirror import SchemaMirror
from pystac.extensions.table import TableExtension
from test_openeo_results import made

from earthcode_platform.cubes.read_tables import read_table
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.engines.openeo.formats import file_formats
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.run import RunResult
from earthcode_platform.stores.delivery import archive
from earthcode_platform.stores.directory import DirectoryStore

TABLE = "https://stac-extensions.github.io/table/v1.2.0/schema.json"


def field(left: float, right: float, name: str) -> Json:
    west, east, south, north = ORIGIN[0] + left, ORIGIN[0] + right, ORIGIN[1] - 20, ORIGIN[1]
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


FIELDS = {
    "type": "FeatureCollection",
    "crs": {"type": "name", "properties": {"name": "EPSG:32633"}},
    "features": [field(0, 20, "left"), field(20, 30, "right")],
}


def aggregated(source: str = "load", **more: Any) -> Json:  # noqa: ANN401 - JSON
    mean = process(m=node("mean", data=parameter("data")))
    return node("aggregate_spatial", **{"data": ref(source), "geometries": FIELDS, "reducer": mean, **more})


def run(folder: Path, form: str, content: Json) -> RunResult:
    return OpenEOEngine().run(made(folder, content, form), folder / "out")


@pytest.mark.parametrize(("form", "suffix"), [("CSV", ".csv"), ("GeoJSON", ".geojson"), ("Parquet", ".parquet")])
def test_fields_become_a_product_that_repeats(tmp_path: Path, form: str, suffix: str) -> None:
    content = graph(fields=aggregated(), saved=node("save_result", data=ref("fields"), format_=form))
    first, second = (run(tmp_path / name, form, content) for name in ("one", "two"))
    (produced,) = first.files
    assert Path(produced.path).name == f"trial-map{suffix}"
    columns = read_table(Path(produced.path)).columns
    assert columns["name"] == ["left", "left", "right", "right"]
    assert columns["a"] == pytest.approx([7 / 3, 14 / 3, 4.5, 9])
    assert produced.checksum == second.files[0].checksum
    assert produced.data_checksum == second.files[0].data_checksum
    assert Path(first.quicklook).stat().st_size > 1000


def test_the_archive_describes_the_table(tmp_path: Path, mirror: SchemaMirror) -> None:
    experiment = made(tmp_path, graph(mean=reduced("load", "t", "mean"), fields=aggregated("mean")), "Parquet")
    result = OpenEOEngine().run(experiment, tmp_path / "out")
    store = DirectoryStore(tmp_path / "archive")
    product = archive(experiment, result, store, tmp_path / "out")
    path = store.root / product.prefix / "trial-map" / "trial-map.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    assert TABLE in document["stac_extensions"]
    # The schemas beside the project have no table extension; pystac knows it.
    others = [one for one in document["stac_extensions"] if one != TABLE]
    assert mirror.stac_errors({**document, "stac_extensions": others}) == []
    item = pystac.Item.from_file(str(path))
    for owner in (item, item.assets["data"]):
        table = TableExtension.ext(owner)
        assert [column.name for column in table.columns or []] == ["feature_index", "name", "a", "geometry"]
        assert (table.row_count, table.primary_geometry) == (2, "geometry")
    asset = document["assets"]["data"]
    assert (asset["type"], asset["proj:code"]) == ("application/vnd.apache.parquet", "EPSG:32633")
    assert asset["cube:dimensions"]["geometry"]["geometry_types"] == ["Polygon"]
    assert asset["cube:variables"] == {"a": {"dimensions": ["geometry"], "type": "data"}}
    assert item.bbox == pytest.approx([15.0, 45.15334, 15.00038, 45.15353], abs=1e-4)


def test_netcdf_holds_fields_too(tmp_path: Path) -> None:
    first, second = (run(tmp_path / name, "NetCDF", graph(fields=aggregated())) for name in ("one", "two"))
    (produced,) = first.files
    assert produced.data_checksum == second.files[0].data_checksum
    assert produced.dimensions.keys() == {"t", "geometry"}
    assert produced.dimensions["geometry"]["geometry_types"] == ["Polygon"]
    assert produced.bbox == pytest.approx((15.0, 45.15334, 15.00038, 45.15353), abs=1e-4)
    assert produced.statistics["maximum"] == pytest.approx(9)
    assert (produced.grid, produced.table) == (None, None)


def test_a_table_may_stand_beside_a_map(tmp_path: Path) -> None:
    content = graph(
        mean=reduced("load", "t", "mean"),
        fields=aggregated("mean"),
        table=node("save_result", data=ref("fields"), format="csv", options={"separator": ";"}),
        map=node("save_result", data=ref("mean"), format="GTiff"),
    )
    result = run(tmp_path, "COG", content)
    assert [Path(one.path).name for one in result.files] == ["trial-map.tif", "trial-map-2.csv"]
    assert Path(result.files[1].path).read_text(encoding="utf-8").startswith("feature_index;name;a;geometry\n")


def test_values_come_back_to_pixels(tmp_path: Path) -> None:
    burnt = node("vector_to_raster", data=ref("fields"), target=ref("mean"))
    content = graph(mean=reduced("load", "t", "mean"), fields=aggregated("mean"), burnt=burnt)
    (produced,) = run(tmp_path, "COG", content).files
    assert produced.statistics["maximum"] == pytest.approx(6.75)
    assert produced.grid is not None
    assert produced.grid.shape == (2, 3)


def warned(folder: Path, form: str, content: Json) -> list[str]:
    experiment = made(folder, content, form)
    return [one.code for one in OpenEOEngine().check(experiment.workflow, experiment.inputs, experiment.experiment)]


def test_a_table_of_pixels_and_a_series_keep_the_format_of_the_product_with_a_warning(tmp_path: Path) -> None:
    pixels = graph(mean=reduced("load", "t", "mean"), save=node("save_result", data=ref("mean"), format="CSV"))
    assert warned(tmp_path / "pixels", "COG", pixels) == ["workflow-other-format"]
    columns, series = reduced("load", "y", "mean"), reduced("columns", "x", "mean")
    saved = graph(columns=columns, series=series, save=node("save_result", data=ref("series"), format="CSV"))
    assert warned(tmp_path / "series", "NetCDF", saved) == ["workflow-other-format"]
    assert warned(tmp_path / "table", "CSV", saved) == []
    (produced,) = run(tmp_path / "run", "CSV", saved).files
    assert read_table(Path(produced.path)).columns["a"] == pytest.approx([3, 6])


def test_geometries_are_no_pixels(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"workflow-unwritable.*has geometries, and Zarr holds none.*GeoJSON"):
        run(tmp_path, "Zarr", graph(fields=aggregated()))
    assert not (tmp_path / "out").exists()


def test_the_formats_are_published() -> None:
    written = file_formats()["output"]
    assert {name: written[name]["gis_data_types"] for name in ("CSV", "GeoJSON", "Parquet")} == {
        "CSV": ["table", "vector"], "GeoJSON": ["vector"], "Parquet": ["vector"],
    }  # fmt: skip
    assert written["GeoJSON"]["parameters"]["coordinate_precision"]["default"] == 7
    assert np.isin(["compression", "dtype"], list(written["Parquet"]["parameters"])).all()

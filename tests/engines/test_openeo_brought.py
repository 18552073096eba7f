"""What a workflow brings along: files behind addresses, models, code, and data that say how they were made."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
import shapely
import xarray as xr
from cube_factories import collection, cube, item, pinned, raster
from onnx_models import above
from process_calls import Parameters, call, callback, reducer
from pyarrow import parquet
from pyproj import CRS

from earthcode_platform import checksums
from earthcode_platform.engines.openeo.along import Along
from earthcode_platform.engines.openeo.session import NotYetKnownError, Session
from earthcode_platform.errors import ExecutionError, IntegrityError, UnknownNameError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.pinned import PinnedFile

ADDRESS = "https://data.example.org/thing"
FIELD = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}


def session_of(path: Path, *addresses: str, **more: Any) -> Session:  # noqa: ANN401 - those of the session
    file = PinnedFile(name=path.name, path=str(path), checksum=checksums.of_file(path), addresses=addresses)
    return Session({}, ProductFormat.NETCDF, files=[file], **more)


def test_geometries_behind_an_address_are_read_from_its_copy(tmp_path: Path) -> None:
    path = tmp_path / "field.json"
    path.write_text(json.dumps(FIELD), encoding="utf-8")
    session = session_of(path, ADDRESS)
    assert call("load_url", session=session, url=ADDRESS, format="GeoJSON") == FIELD
    assert call("load_url", session=session, url="field.json", format="geojson") == FIELD
    with pytest.raises(UnknownNameError, match=r"elsewhere\.example\.org") as raised:
        call("load_url", session=session, url="https://me:secret@elsewhere.example.org/x", format="GeoJSON")
    assert "secret" not in str(raised.value)
    with pytest.raises(UnknownNameError, match="there is no format 'GML'"):
        call("load_url", session=session, url=ADDRESS, format="GML")
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(IntegrityError):
        call("load_url", session=session, url=ADDRESS, format="GeoJSON")
    with pytest.raises(ExecutionError, match="neither GeoJSON nor GeoParquet"):
        call("load_url", session=session_of(path), url="field.json", format="GeoJSON")


@pytest.mark.parametrize(("crs", "name"), [(3035, {"name": "EPSG:3035"}), (4326, None)])
def test_geoparquet_keeps_its_reference_system(tmp_path: Path, crs: int, name: dict[str, str] | None) -> None:
    square = shapely.box(1, 2, 3, 4)
    column = {"encoding": "WKB", "crs": CRS.from_user_input(crs).to_json_dict()}
    told = {"primary_column": "where", "columns": {"where": column}}
    columns = {"where": [shapely.to_wkb(square), None], "name": ["a", "b"], "parts": [[1], [2]]}
    table = pa.table(columns).replace_schema_metadata({"geo": json.dumps(told)})
    parquet.write_table(table, tmp_path / "a.parquet")
    found = call("load_url", session=session_of(tmp_path / "a.parquet"), url="a.parquet", format="Parquet")
    assert shapely.from_geojson(json.dumps(found["features"][0]["geometry"])).equals(square)
    assert [feature["properties"] for feature in found["features"]] == [{"name": "a"}]
    assert found.get("crs", {}).get("properties") == name
    parquet.write_table(pa.table({"a": [1]}), tmp_path / "b.parquet")
    with pytest.raises(ExecutionError, match=r"b.parquet is no GeoParquet"):
        call("load_url", session=session_of(tmp_path / "b.parquet"), url="b.parquet", format="Parquet")


def test_a_model_predicts_each_pixel(tmp_path: Path) -> None:
    path = above(tmp_path / "forest.onnx", 3, {0: 0.5, 2: 2.0})
    model = call("load_ml_model", session=session_of(path, ADDRESS), id=ADDRESS)
    values = np.random.default_rng(1).uniform(0, 3, (2, 3, 4, 5))
    values[0, 1, 0, 0] = np.nan
    made = cube(values, ("a", "b", "c"))
    predict = callback("predict_random_forest", data=Parameters("data"), model=Parameters("context"))
    found = call("reduce_dimension", data=made, dimension="bands", reducer=predict, context=model)
    wanted = ((values[:, 0] > 0.5) * 0.5 + (values[:, 2] > 2.0) * 0.5).astype("float64")
    wanted[0, 0, 0] = np.nan
    np.testing.assert_allclose(found.values, wanted)
    with pytest.raises(ExecutionError, match="takes 3 features, and the array has 2"):
        call("predict_random_forest", data=Along(made.isel(bands=[0, 1]), "bands"), model=model)
    with pytest.raises(ExecutionError, match="no probabilities"):
        call("predict_probabilities", data=Along(made, "bands"), model=model)


def test_a_model_is_found_by_its_stac_item_and_other_formats_are_refused(tmp_path: Path) -> None:
    path = above(tmp_path / "forest.onnx", 1, {0: 0.5})
    stac = tmp_path / "model.json"
    stac.write_text(
        json.dumps(item("m", "2020-01-01T00:00:00Z", {"model": {"href": ADDRESS + ".onnx"}})), encoding="utf-8"
    )
    files = [
        PinnedFile(name=one.name, path=str(one), checksum=checksums.of_file(one), addresses=addresses)
        for one, addresses in ((path, (ADDRESS + ".onnx",)), (stac, ()))
    ]
    session = Session({}, None, files=files)
    assert call("load_ml_model", session=session, id="model.json").features == 1
    stac.write_text(json.dumps(item("m", "2020-01-01T00:00:00Z", {"model": {"href": "rf.pkl"}})), encoding="utf-8")
    with pytest.raises(ExecutionError, match=r"ModelUnsupported: no asset of model.json is ONNX, but rf.pkl"):
        call("load_ml_model", session=session_of(stac), id="model.json")
    for name, content in (("rf.pkl", b"\x80\x04"), ("rf.onnx", b"nothing")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ExecutionError, match="ModelUnsupported"):
            call("load_ml_model", session=session_of(tmp_path / name), id=name)
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim.add().dim_value = 4
    onnx.save(model, tmp_path / "deep.onnx")
    with pytest.raises(ExecutionError, match="ModelUnsupported"):
        call("load_ml_model", session=session_of(tmp_path / "deep.onnx"), id="deep.onnx")


CODE = """
import xarray, os
from pathlib import Path

def apply_datacube(cube: xarray.DataArray, context: dict) -> xarray.DataArray:
    print("secret" in os.environ.get("TOKEN", ""), sorted(path.name for path in Path(".").glob("*.txt")))
    return cube.max("bands") * context["factor"] + float(Path("offset.txt").read_text())
"""


def test_code_runs_in_isolation_with_the_files_of_the_workflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    (tmp_path / "offset.txt").write_text("0.5", encoding="utf-8")
    session, made = session_of(tmp_path / "offset.txt"), cube(np.arange(24.0).reshape(2, 2, 2, 3), ("a", "b"))
    with caplog.at_level(logging.INFO):
        found = call(
            "run_udf", session=session, data=Along(made, "bands"), udf=CODE, runtime="Python", context={"factor": 10}
        )
    assert "udf: False ['offset.txt']" in caplog.text
    assert found.dims == ("t", "y", "x")
    np.testing.assert_array_equal(found.values, made.values.max(axis=1) * 10 + 0.5)
    np.testing.assert_array_equal(found["t"].values, made["t"].values)
    assert found["x"].attrs == made["x"].attrs
    assert "spatial_ref" in found.coords


RENAMED = """import xarray

def apply_datacube(cube: xarray.DataArray, context: dict) -> xarray.DataArray:
    return cube.rename(x="z")
"""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import nowhere\n\ndef apply_datacube(cube, context):\n    return cube", "No module named 'nowhere'"),
        (RENAMED, "along t, bands, y, z"),
    ],
)
def test_code_that_fails_says_why(code: str, words: str) -> None:
    with pytest.raises(ExecutionError, match=words):
        call("run_udf", session=Session({}, None), data=cube(np.ones((1, 1, 2, 2))), udf=code, runtime="Python")


def test_code_is_not_run_in_a_rehearsal_and_other_runtimes_are_refused() -> None:
    made = cube(np.ones((1, 1, 2, 2)))
    with pytest.raises(NotYetKnownError):
        call("run_udf", session=Session({}, None, rehearsing=True), data=made, udf="raise\n", runtime="Python")
    for more, words in (
        ({"runtime": "R"}, "InvalidRuntime"),
        ({"runtime": "python", "version": "2.7"}, "InvalidVersion"),
    ):
        with pytest.raises(ExecutionError, match=words):
            call("run_udf", session=Session({}, None), data=made, udf="raise\n", **more)
    with pytest.raises(UnknownNameError, match=r"no file of the workflow 'code\.py'"):
        call("run_udf", session=Session({}, None), data=made, udf="code.py", runtime="Python")


def radar(folder: Path, **properties: object) -> xr.DataArray:
    raster(folder / "a.tif", np.full((2, 2), 0.5, dtype="float32"))
    assets = {"VV": {"href": "./a.tif", "type": "image/tiff"}}
    scenes = pinned(collection(folder, [item("a", "2020-01-01T00:00:00Z", assets, **properties)]))
    loaded: xr.DataArray = call("load_stac", session=Session({"scenes": scenes}, None), url="scenes")
    return loaded


@pytest.mark.parametrize(
    ("told", "coefficient", "value"),
    [
        ({"card4l:measurement_type": "sigma0-ellipsoid"}, "sigma0-ellipsoid", 0.5),
        ({"card4l:measurement_type": "gamma0"}, "gamma0-terrain", 0.5),
        ({"card4l:measurement_type": "gamma0"}, None, 0.5),
        ({"card4l:measurement_type": "gamma0", "card4l:measurement_convention": "amplitude"}, "gamma0-terrain", 0.25),
    ],
)
def test_data_that_are_backscatter_pass(
    tmp_path: Path, told: dict[str, str], coefficient: str | None, value: float
) -> None:
    found = call("sar_backscatter", data=radar(tmp_path, **told), coefficient=coefficient)
    assert found.values.max() == value
    assert "measurement_type" not in found.coords


@pytest.mark.parametrize(
    ("told", "more", "words"),
    [
        ({}, {}, "their items do not say that they are backscatter"),
        ({"card4l:measurement_type": "gamma0"}, {"coefficient": "sigma0-ellipsoid"}, "they are gamma0-terrain"),
        ({"card4l:measurement_type": "gamma0"}, {"mask": True}, "cannot add mask"),
    ],
)
def test_other_data_are_refused(tmp_path: Path, told: dict[str, str], more: dict[str, Any], words: str) -> None:
    with pytest.raises(ExecutionError, match=f"ProcessUnsupported.*{words}"):
        call("sar_backscatter", data=radar(tmp_path, **told), **more)


def test_the_atmosphere_was_corrected_or_it_is_refused(tmp_path: Path) -> None:
    assert call("atmospheric_correction", data=radar(tmp_path, **{"processing:level": "L2"})).values.max() == 0.5
    with pytest.raises(ExecutionError, match="ProcessUnsupported"):
        call("atmospheric_correction", data=radar(tmp_path / "raw", **{"processing:level": "L1"}))
    for process in ("ard_surface_reflectance", "ard_normalized_radar_backscatter"):
        with pytest.raises(ExecutionError, match="ProcessUnsupported"):
            call(process, data=cube(np.ones((1, 1, 2, 2))))


def test_an_input_answers_to_what_it_stands_for(tmp_path: Path) -> None:
    raster(tmp_path / "a.tif", np.ones((2, 2), dtype="uint8"))
    made = collection(tmp_path, [item("a", "2020-01-01T00:00:00Z", {"a": {"href": "./a.tif", "type": "image/tiff"}})])
    scenes = pinned(made, stands_for="SENTINEL2_L2A")
    assert Session({"scenes": scenes}, None).input("SENTINEL2_L2A") is scenes
    with pytest.raises(UnknownNameError):
        Session({"scenes": scenes}, None).input("SENTINEL2_L1C")


def test_data_pass_inspection_with_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    made = cube(np.ones((1, 1, 2, 2)))
    with caplog.at_level(logging.WARNING):
        assert call("inspect", data=made, message="so far", code="Mine", level="warning") is not None
    assert caplog.messages == ["Mine: so far (a cube of 1 t, 1 bands, 2 y, 2 x)"]
    assert call("export_workspace", data=made, workspace="bucket").equals(made.compute())


def test_a_plane_becomes_one_value() -> None:
    values = np.arange(24.0).reshape(2, 2, 2, 3)
    found = call("reduce_spatial", data=cube(values, ("a", "b")), reducer=reducer("mean"))
    assert found.dims == ("t", "bands")
    np.testing.assert_allclose(found.values, values.mean(axis=(2, 3)))


@pytest.mark.parametrize(
    ("date", "value", "component", "wanted"),
    [
        ("2024-02-10", 31, "day", "2024-02-29"),
        ("2024-02-10T10:00:00Z", 15, "day", "2024-02-15T10:00:00Z"),
        ("2024-02-29", 2023, "year", "2023-02-28"),
        ("2024-03-31", 2, "month", "2024-02-29"),
        ("2024-03-31T01:02:03Z", 9, "hour", "2024-03-31T09:02:03Z"),
        ("2024-03-31T01:02:03Z", 7, "millisecond", "2024-03-31T01:02:03.007Z"),
    ],
)
def test_a_component_of_a_date_is_replaced(date: str, value: int, component: str, wanted: str) -> None:
    assert call("date_replace_component", date=date, value=value, component=component) == wanted
    with pytest.raises(ExecutionError, match="cannot have the month 13"):
        call("date_replace_component", date=date, value=13, component="month")

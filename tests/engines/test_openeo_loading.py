"""What load_stac gives for extents, bands and properties, and what cannot be loaded at all."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from cube_factories import UTM, collection, item, pinned, raster
from process_calls import Parameters, callback
from pyproj import CRS, Transformer

from earthcode_platform.engines.openeo.executor import called
from earthcode_platform.engines.openeo.fitting import misfit
from earthcode_platform.engines.openeo.registry import processes
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.errors import ExecutionError, InputError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.pinned import PinnedInput

VALUES = np.arange(1, 101, dtype="uint16").reshape(10, 10)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> PinnedInput:
    """Three dates of two red bands and one infrared one, 10 by 10 pixels of 10 m from 500000, 5000000 in UTM 33."""
    folder = tmp_path_factory.mktemp("scenes")
    items = []
    for day, cloud in ((1, 5), (2, 50), (3, 20)):
        assets: dict[str, Any] = {}
        for at, (name, common) in enumerate((("B04", "red"), ("B4A", "red"), ("B08", "nir"))):
            raster(folder / f"{name}{day}.tif", VALUES * day + 1000 * at)
            band = {"name": name, "eo:common_name": common}
            assets[name] = {"href": f"./{name}{day}.tif", "type": "image/tiff", "bands": [band]}
        items.append(item(f"i{day}", f"2020-01-0{day}T10:00:00Z", assets, **{"eo:cloud_cover": cloud}))
    return pinned(collection(folder, items))


def loaded(source: PinnedInput, process: str = "load_stac", **arguments: object) -> xr.DataArray:
    """Return what a loading process gives, computed."""
    named = {"url" if process == "load_stac" else "id": source, **arguments}
    result = called(processes()[process], named, Session({source.name: source}, ProductFormat.COG))
    assert isinstance(result, xr.DataArray)
    return result.compute()


def ring(*points: tuple[float, float]) -> list[list[float]]:
    """Return points in metres around the data as a ring in degrees."""
    transformer = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True)
    return [list(transformer.transform(500_000 + x, 5_000_000 - y)) for x, y in (*points, points[0])]


SQUARE = ring((20, 20), (60, 20), (60, 50), (20, 50))
TRIANGLE = ring((0, 0), (100, 0), (0, 100))
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
FEATURE = {"type": "Feature", "properties": {}, "geometry": POLYGON}


@pytest.mark.parametrize("area", [POLYGON, FEATURE, {"type": "FeatureCollection", "features": [FEATURE]}])
@pytest.mark.parametrize("process", ["load_stac", "load_collection"])
def test_a_rectangle_as_geojson_is_cut_out(scenes: PinnedInput, area: dict[str, Any], process: str) -> None:
    found = loaded(scenes, process, spatial_extent=area, bands=["B04"])
    np.testing.assert_array_equal(found.values[0, 0], VALUES[2:5, 2:6])
    assert found["x"].values.tolist() == [500_025, 500_035, 500_045, 500_055]


def test_pixels_outside_of_polygons_are_no_data(scenes: PinnedInput) -> None:
    found = loaded(scenes, spatial_extent={"type": "Polygon", "coordinates": [TRIANGLE]}, bands=["B04"])
    rows, columns = np.mgrid[0:10, 0:10]
    inside = (rows + 0.5) + (columns + 0.5) < 10 - 1e-3
    sure = np.abs(rows + columns + 1 - 10) > 0
    values = found.values[0, 0]
    np.testing.assert_array_equal(np.isnan(values)[sure[: values.shape[0], : values.shape[1]]], ~inside[sure])
    np.testing.assert_array_equal(values[inside], VALUES[inside])


def test_two_polygons_keep_both_and_what_lies_between_is_no_data(scenes: PinnedInput) -> None:
    parts = [[ring((0, 0), (20, 0), (20, 20), (0, 20))], [ring((80, 80), (100, 80), (100, 100), (80, 100))]]
    found = loaded(scenes, spatial_extent={"type": "MultiPolygon", "coordinates": parts}, bands=["B04"]).values[0, 0]
    assert found.shape == (10, 10)
    assert np.isfinite(found).sum() == 8
    assert found[9, 9] == 100


@pytest.mark.parametrize(
    "crs", [32633, "EPSG:32633", CRS.from_epsg(32633).to_wkt(), CRS.from_epsg(32633).to_json_dict()], ids=type
)
def test_the_crs_of_a_box_may_be_written_in_every_way(scenes: PinnedInput, crs: object) -> None:
    box = {"west": 500_020, "south": 4_999_950, "east": 500_060, "north": 4_999_980, "crs": crs}
    found = loaded(scenes, spatial_extent=box, bands=["B04"])
    np.testing.assert_array_equal(found.values[0, 0], VALUES[2:5, 2:6])


def test_a_crs_that_is_none_is_told(scenes: PinnedInput) -> None:
    box = {"west": 0, "south": 0, "east": 1, "north": 1, "crs": {"type": "Nothing"}}
    with pytest.raises(InputError, match="is no coordinate reference system"):
        loaded(scenes, spatial_extent=box)


@pytest.mark.parametrize(("west", "east"), [(179.99, -179.99), (179.99, 180.01), (-180.01, -179.99)])
def test_a_box_crosses_the_antimeridian_on_a_projected_grid(tmp_path: Path, west: float, east: float) -> None:
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:32601", always_xy=True).transform(180, 10)
    corner = Affine(100.0, 0.0, round(x) - 1500, 0.0, -100.0, round(y) + 500)
    raster(tmp_path / "a.tif", np.ones((10, 30), dtype="uint8"), crs="EPSG:32601", transform=corner)
    content = item("one", "2020-01-01T00:00:00Z", {"B": {"href": "./a.tif", "type": "image/tiff"}})
    content["bbox"] = [179.98, 9.9, -179.98, 10.1]
    found = loaded(pinned(collection(tmp_path, [content])), spatial_extent={
        "west": west, "south": 9.995, "east": east, "north": 10.005})  # fmt: skip
    longitudes = Transformer.from_crs("EPSG:32601", "EPSG:4326", always_xy=True).transform(
        found["x"].values, np.full(found.sizes["x"], y)
    )[0]
    assert 15 <= found.sizes["x"] <= 24
    assert longitudes.min() < -179.98 or longitudes.max() > 179.98


def test_a_common_name_stands_for_every_band_that_has_it(scenes: PinnedInput) -> None:
    assert loaded(scenes, bands=["nir", "red"])["bands"].values.tolist() == ["nir", "B04", "B4A"]
    assert loaded(scenes, bands=["B4A", "red"])["bands"].values.tolist() == ["B4A", "B04"]
    assert loaded(scenes, bands=["nir"]).values[0, 0, 0, 0] == 2001


def test_conditions_on_properties_choose_items(scenes: PinnedInput) -> None:
    clear = callback("lt", x=Parameters("value"), y=30)
    found = loaded(scenes, properties={"eo:cloud_cover": clear}, bands=["B04"])
    assert [str(stamp)[:10] for stamp in found["t"].values] == ["2020-01-01", "2020-01-03"]
    with pytest.raises(InputError, match="no item of the input 'scenes' is left"):
        loaded(scenes, properties={"platform": callback("eq", x=Parameters("value"), y="S2B")})


@pytest.mark.parametrize(
    ("extent", "days"),
    [
        (["2020-01-01", "2020-01-03"], [1, 2]),
        (["2020-01-02", None], [2, 3]),
        ([None, "2020-01-03T10:00:00Z"], [1, 2]),
        (["2020-01-03T10:00:00Z", "2020-01-03T24:00:00Z"], [3]),
        (["2020-01-01T11:00:00+02:00", "2020-01-01T12:00:00Z"], [1]),
    ],
)
def test_the_end_of_an_interval_is_no_part_of_it(scenes: PinnedInput, extent: list[Any], days: list[int]) -> None:
    found = loaded(scenes, temporal_extent=extent, bands=["B04"])
    assert [int(str(stamp)[8:10]) for stamp in found["t"].values] == days


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        ({"type": "Point", "coordinates": [15, 45]}, "a Point is no polygon"),
        ({"type": "FeatureCollection", "features": []}, "holds no geometry"),
        ({"type": "Polygon", "coordinates": "x"}, "no usable coordinates"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}, "NoDataAvailable: no pixel"),
        ({"west": 0}, "is no bounding box"),
        ({"west": 0, "south": 0, "east": 1, "north": 1}, "holds no pixel centre"),
    ],
)
def test_extents_that_miss_are_told(scenes: PinnedInput, extent: dict[str, Any], words: str) -> None:
    unfit = misfit(extent, processes()["load_stac"].arguments["spatial_extent"].hint)
    if unfit is not None:
        assert words in unfit.message
        return
    with pytest.raises((ExecutionError, InputError), match=words):
        loaded(scenes, spatial_extent=extent)


def test_the_edge_of_a_box_in_degrees_is_part_of_it(tmp_path: Path) -> None:
    place = Affine(0.1, 0.0, 14.95, 0.0, -0.1, 45.05)
    raster(tmp_path / "a.tif", VALUES, crs="EPSG:4326", transform=place)
    content = item("one", "2020-01-01T00:00:00Z", {"B": {"href": "./a.tif", "type": "image/tiff"}})
    source = pinned(collection(tmp_path, [content]))
    found = loaded(source, spatial_extent={"west": 15.0, "south": 44.8, "east": 15.2, "north": 45.0})
    np.testing.assert_array_equal(found.values[0, 0], VALUES[:3, :3])


@pytest.mark.usefixtures("socket_disabled")
def test_local_data_need_no_network(scenes: PinnedInput) -> None:
    assert float(loaded(scenes, bands=["B04"]).max()) == 300


@pytest.mark.parametrize(
    ("process", "arguments", "words"),
    [
        (
            "load_uploaded_files",
            {"paths": ["a.tif"], "format": "GTiff"},
            "FileNotFound: 'a.tif' cannot be loaded.*load_stac",
        ),
        ("load_result", {"id": "job-1"}, "JobNotFound: the result 'job-1' cannot be loaded.*load_stac"),
    ],
)
def test_what_is_not_there_has_the_code_of_openeo(process: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ExecutionError, match=words):
        called(processes()[process], arguments, Session({}, None))

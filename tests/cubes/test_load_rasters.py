"""Stored numbers of GeoTIFFs become values once: no-data, scale and offset, on one grid, a date a moment."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from cube_factories import ORIGIN, UTM, collection, item, pinned, raster, write
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from earthcode_platform.cubes.bands import band_names
from earthcode_platform.cubes.crs import crs_of
from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.errors import InputError, IntegrityError, UnknownNameError
from earthcode_platform.models.experiment import InputReference

PLACE = {"proj:code": UTM, "proj:shape": [2, 3], "proj:transform": [10.0, 0.0, ORIGIN[0], 0.0, -10.0, ORIGIN[1]]}
VALUES = np.array([[1, 2, 3], [0, 5, 65535]], dtype="uint16")


def asset(name: str, **fields: object) -> dict[str, Any]:
    return {"href": f"./{name}.tif", "type": "image/tiff; application=geotiff", **fields}


def stored(
    folder: Path,
    content: dict[str, Any],
    values: np.ndarray[Any, Any] = VALUES,
    **options: Any,  # noqa: ANN401 - those of raster
) -> xr.DataArray:
    """Load the single item that describes `band.tif`, computed."""
    raster(folder / "band.tif", values, **options)
    return load(pinned(collection(folder, [content]))).compute()


def described(**fields: object) -> dict[str, Any]:
    band = {"data_type": "uint16", **fields}
    return item("one", "2020-01-01T10:00:00Z", {"B04": asset("band", **{"raster:bands": [band]})}, **PLACE)


def test_scale_offset_and_nodata_of_the_item_are_applied_once(tmp_path: Path) -> None:
    found = stored(tmp_path, described(nodata=0, scale=0.5, offset=-1.0))
    expected = np.array([[-0.5, 0.0, 0.5], [np.nan, 1.5, 32766.5]], dtype="float32")
    np.testing.assert_array_equal(found.values[0, 0], expected)
    assert found.dtype == "float32"


def test_the_fields_of_stac_1_1_mean_the_same(tmp_path: Path) -> None:
    fields = {"data_type": "uint16", "nodata": 0, "raster:scale": 0.5, "raster:offset": -1.0}
    content = item("one", "2020-01-01T10:00:00Z", {"B04": asset("band", bands=[{"name": "red"}], **fields)}, **PLACE)
    found = stored(tmp_path, content)
    np.testing.assert_array_equal(found.values[0, 0, 0], np.array([-0.5, 0.0, 0.5], dtype="float32"))


def test_scale_and_nodata_of_the_file_count_where_the_item_says_nothing(tmp_path: Path) -> None:
    content = item("one", "2020-01-01T10:00:00Z", {"B04": asset("band")})
    found = stored(tmp_path, content, nodata=5, scales=(0.5, 1.0))
    expected = np.array([[1.5, 2.0, 2.5], [1.0, np.nan, 32768.5]], dtype="float32")
    np.testing.assert_array_equal(found.values[0, 0], expected)
    assert crs_of(found) == UTM


def test_the_item_counts_where_item_and_file_both_scale(tmp_path: Path) -> None:
    found = stored(tmp_path, described(scale=0.5), scales=(0.25, 7.0))
    assert found.values[0, 0, 0].tolist() == [0.5, 1.0, 1.5]


def test_classes_keep_their_numbers(tmp_path: Path) -> None:
    classes = np.array([[0, 3, 8], [9, 10, 11]], dtype="uint8")
    found = stored(tmp_path, described(data_type="uint8", nodata=0), classes, nodata=0)
    np.testing.assert_array_equal(found.values[0, 0], np.array([[np.nan, 3, 8], [9, 10, 11]]))


def test_numbers_that_float32_cannot_hold_are_float64(tmp_path: Path) -> None:
    large = np.array([[2**24 + 1, 2, 3], [4, 5, 6]], dtype="int32")
    found = stored(tmp_path, described(data_type="int32"), large)
    assert found.values[0, 0, 0, 0] == 2**24 + 1


@settings(max_examples=20, deadline=None)
@given(
    values=arrays.arrays("int16", (2, 3), elements=st.integers(-32768, 32767)),
    scale=st.sampled_from([1.0, 0.5, 0.0001, -2.0]),
    offset=st.sampled_from([0.0, -1.0, 273.15]),
    nodata=st.sampled_from([None, -999, 0]),
)
def test_values_are_stored_numbers_scaled(
    tmp_path_factory: pytest.TempPathFactory,
    values: np.ndarray[Any, Any],
    scale: float,
    offset: float,
    nodata: int | None,
) -> None:
    folder = tmp_path_factory.mktemp("scaled")
    band = {"data_type": "int16", "scale": scale, "offset": offset, **({} if nodata is None else {"nodata": nodata})}
    found = stored(folder, described(**band), values)
    expected = values.astype("float64") * scale + offset
    expected[values == nodata] = np.nan
    np.testing.assert_allclose(found.values[0, 0], expected, rtol=1e-6, atol=1e-4)


def test_each_date_has_its_own_offset(tmp_path: Path) -> None:
    raster(tmp_path / "band.tif", VALUES)
    bands = [{"data_type": "uint16", "scale": 0.5, "offset": offset} for offset in (0.0, -10.0)]
    items = [
        item(f"i{n}", f"2020-01-0{n + 1}T10:00:00Z", {"B": asset("band", **{"raster:bands": [band]})}, **PLACE)
        for n, band in enumerate(bands)
    ]
    found = load(pinned(collection(tmp_path, items))).compute()
    assert found.values[:, 0, 0, 0].tolist() == [0.5, -9.5]


def test_items_of_one_moment_are_one_date_and_others_stay_apart(tmp_path: Path) -> None:
    west, east = VALUES.copy(), VALUES.copy()
    raster(tmp_path / "west.tif", west)
    raster(tmp_path / "east.tif", east + 100, transform=Affine(10, 0, ORIGIN[0] + 30, 0, -10, ORIGIN[1]))
    moved = {**PLACE, "proj:transform": [10.0, 0.0, ORIGIN[0] + 30, 0.0, -10.0, ORIGIN[1]]}
    band = {"raster:bands": [{"data_type": "uint16"}]}
    items = [
        item("a", "2020-01-01T10:00:00Z", {"B": asset("west", **band)}, **PLACE),
        item("b", "2020-01-01T10:00:00Z", {"B": asset("east", **band)}, **moved),
        item("c", "2020-01-01T10:00:10Z", {"B": asset("west", **band)}, **PLACE),
    ]
    found = load(pinned(collection(tmp_path, items))).compute()
    assert found.sizes == {"t": 2, "bands": 1, "y": 2, "x": 6}
    assert found.values[0, 0, 0].tolist() == [1, 2, 3, 101, 102, 103]
    assert np.isnan(found.values[1, 0, 0, 3:]).all()


def test_bands_are_found_by_key_name_and_common_name(tmp_path: Path) -> None:
    for number, name in enumerate(("one", "two")):
        raster(tmp_path / f"{name}.tif", VALUES + number)
    assets = {
        "B04": asset("one", **{"eo:bands": [{"name": "R4", "common_name": "red"}]}),
        "B08": asset("two", **{"eo:bands": [{"name": "R8", "common_name": "nir", "center_wavelength": 0.842}]}),
    }
    source = pinned(collection(tmp_path, [item("one", "2020-01-01T10:00:00Z", assets, **PLACE)]))
    found = load(source, ["nir", "B04", "R8"]).compute()
    assert found["bands"].values.tolist() == ["nir", "B04", "R8"]
    assert found.values[0, :, 0, 0].tolist() == [2, 1, 2]
    assert found["common_name"].values.tolist() == ["nir", "red", "nir"]
    assert band_names(source) == {"B04", "R4", "red", "B08", "R8", "nir"}
    with pytest.raises(UnknownNameError, match=r"no band 'B05'.*Did you mean 'B0"):
        load(source, ["B05"])


def test_one_file_may_hold_several_bands(tmp_path: Path) -> None:
    raster(tmp_path / "stack.tif", np.stack([VALUES, VALUES + 1]))
    bands = [{"name": "first"}, {"name": "second", "raster:scale": 2.0, "data_type": "uint16"}]
    source = pinned(
        collection(tmp_path, [item("one", "2020-01-01T10:00:00Z", {"data": asset("stack", bands=bands)}, **PLACE)])
    )
    found = load(source).compute()
    assert found["bands"].values.tolist() == ["first", "second"]
    assert found.values[0, :, 0, 0].tolist() == [1.0, 4.0]


def test_finer_bands_set_the_grid(tmp_path: Path) -> None:
    raster(tmp_path / "fine.tif", np.arange(24, dtype="uint8").reshape(4, 6))
    raster(tmp_path / "coarse.tif", VALUES.astype("uint8"), transform=Affine(20, 0, ORIGIN[0], 0, -20, ORIGIN[1]))
    content = item("one", "2020-01-01T10:00:00Z", {"fine": asset("fine"), "coarse": asset("coarse")})
    found = load(pinned(collection(tmp_path, [content]))).compute()
    assert found.shape == (1, 2, 4, 6)
    assert found.sel(bands="coarse").values[0, 0].tolist() == [1, 1, 2, 2, 3, 3]


def test_a_band_that_an_item_lacks_is_nodata_on_its_date(tmp_path: Path) -> None:
    raster(tmp_path / "band.tif", VALUES)
    items = [
        item("a", "2020-01-01T10:00:00Z", {"A": asset("band"), "B": asset("band")}, **PLACE),
        item("b", "2020-01-02T10:00:00Z", {"A": asset("band")}, **PLACE),
    ]
    found = load(pinned(collection(tmp_path, items)), ["A", "B"]).compute()
    assert np.isnan(found.sel(bands="B").values[1]).all()
    assert found.sel(bands="B").values[0, 0].tolist() == [1, 2, 3]


def test_degrees_are_named_x_and_y_too(tmp_path: Path) -> None:
    place = Affine(0.1, 0, 15.0, 0, -0.1, 45.2)
    content = item("one", "2020-01-01T10:00:00Z", {"B": asset("band")})
    found = stored(tmp_path, content, crs="EPSG:4326", transform=place)
    assert found.dims == ("t", "bands", "y", "x")
    assert grid_of(found).transform == pytest.approx(tuple(place)[:6])


def test_the_box_keeps_pixels_by_their_centres(tmp_path: Path) -> None:
    place = Affine(0.1, 0, 15.0, 0, -0.1, 45.2)
    raster(tmp_path / "band.tif", VALUES, crs="EPSG:4326", transform=place)
    path = collection(tmp_path, [item("one", "2020-01-01T10:00:00Z", {"B": asset("band")})])
    found = load(pinned(path, bbox=[15.1, 45.0, 15.26, 45.11])).compute()
    assert found.values[0, 0].tolist() == [[5.0, 65535.0]]
    with pytest.raises(InputError, match="holds no pixel centre"):
        load(pinned(path, bbox=[15.01, 45.0, 15.02, 45.11]))


def test_a_box_across_the_antimeridian_misses_data_that_lie_elsewhere(tmp_path: Path) -> None:
    raster(tmp_path / "band.tif", VALUES)
    content = item("one", "2020-01-01T10:00:00Z", {"B": asset("band")}, **PLACE)
    content["bbox"] = [-180.0, -90.0, 180.0, 90.0]
    with pytest.raises(InputError, match="holds no pixel centre"):
        load(pinned(collection(tmp_path, [content]), bbox=[170.0, 40.0, -170.0, 50.0]))


def test_a_changed_document_is_noticed(tmp_path: Path) -> None:
    raster(tmp_path / "band.tif", VALUES)
    content = item("one", "2020-01-01T10:00:00Z", {"B": asset("band")}, **PLACE)
    source = pinned(collection(tmp_path, [content]))
    write(tmp_path / "one.json", {**content, "collection": "other"})
    with pytest.raises(IntegrityError, match="changed after it was pinned"):
        load(source)


def test_a_file_that_is_no_raster_is_named(tmp_path: Path) -> None:
    (tmp_path / "band.tif").write_text("not a raster")
    with pytest.raises(InputError, match="asset 'B' of item 'one' cannot be opened"):
        load(pinned(collection(tmp_path, [item("one", "2020-01-01T10:00:00Z", {"B": asset("band")})])))


def test_remote_rasters_are_read_over_http(tmp_path: Path) -> None:
    # In a process of its own: GDAL waits for the answer without letting other threads of this one run.
    raster(tmp_path / "band.tif", VALUES)
    collection(tmp_path, [item("one", "2020-01-01T10:00:00Z", {"B": asset("band")}, **PLACE)])
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())
        try:
            assert address is not None
            found = load(pin_input("scenes", InputReference(href=f"{address[0]}collection.json"), tmp_path)).compute()
        finally:
            server.terminate()
    assert found.values[0, 0, 0].tolist() == [1, 2, 3]


def test_real_scenes_give_a_date_each(shared: Path) -> None:
    path = shared / "data" / "s2-l2a-33twm-2023" / "collection.json"
    found = load(pinned(path), ["B04", "B08", "SCL"])
    assert found.sizes == {"t": 5, "bands": 3, "y": 512, "x": 512}
    assert found.chunks is not None
    assert found.chunks[0] == (5,)
    assert grid_of(found).transform == (120.0, 0.0, 543180.0, 0.0, -120.0, 5164020.0)
    assert float(found.sel(bands="B04").max()) < 2
    assert set(np.unique(found.sel(bands="SCL").values[0])) <= set(range(1, 12))


def test_a_real_grid_without_round_numbers_is_kept(shared: Path) -> None:
    path = shared / "data" / "s2-ndvi-site-2015-2016" / "collection.json"
    source = pinned(path, datetime="2016-08-01/2016-08-31")
    masked = load(source, ["NDVI", "CLM"]).compute()
    clear = masked.sel(bands="NDVI").where(masked.sel(bands="CLM") == 0)
    by_date = [float(clear.isel(t=at).mean()) for at in range(clear.sizes["t"])]
    assert by_date == pytest.approx([0.7114, 0.7341, 0.6258], abs=5e-5)
    assert grid_of(masked).shape == (101, 100)


def test_a_rotated_grid_is_refused(tmp_path: Path) -> None:
    sheared = Affine(10.0, 2.0, ORIGIN[0], 2.0, -10.0, ORIGIN[1])
    with pytest.raises(InputError, match="rotated or sheared"):
        stored(tmp_path, item("one", "2020-01-01T10:00:00Z", {"B04": asset("band")}), transform=sheared)


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    content = item("one", "2020-01-01T10:00:00Z", {"B04": asset("band")})
    with pytest.raises(InputError, match="'complex64' is none of real numbers"):
        stored(tmp_path, content, VALUES.astype("complex64"))


def test_a_grid_that_no_machine_plans_is_refused_at_once(tmp_path: Path) -> None:
    far = Affine(10.0, 0.0, ORIGIN[0] + 4e7, 0.0, -10.0, ORIGIN[1] - 4e7)
    raster(tmp_path / "far.tif", VALUES, transform=far)
    raster(tmp_path / "band.tif", VALUES)
    items = [item(name, "2020-01-01T10:00:00Z", {"B04": asset(name)}) for name in ("band", "far")]
    with pytest.raises(InputError, match="the most is 200,000"):
        load(pinned(collection(tmp_path, items)))


def test_a_data_type_alone_does_not_hide_the_scale_of_the_file(tmp_path: Path) -> None:
    found = stored(tmp_path, described(), scales=(0.5, 1.0))
    np.testing.assert_array_equal(found.values[0, 0, 0], np.array([1.5, 2.0, 2.5], dtype="float32"))

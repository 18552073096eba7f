"""NetCDF and Zarr become cubes: north up, longitudes where they belong, only what lies on a grid."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from cube_factories import collection, cube, gridded, gridded_input, item, pinned
from hypothesis import example, given, settings
from hypothesis import strategies as st

from earthcode_platform.cubes.crs import crs_of
from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.write import MEDIA_TYPES, SUFFIXES, write
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.experiment import ProductFormat

GLOBE = np.arange(0.0, 360.0, 30.0)
ROWS = np.array([-60.0, -30.0, 0.0, 30.0, 60.0])


def loaded(folder: Path, **window: object) -> xr.DataArray:
    return load(gridded_input(folder, **window)).compute()


def assert_true_to_place(cube: xr.DataArray) -> None:
    """Every value of `gridded` tells where and when it belongs."""
    months = cube["t"].dt.month.values - 1
    expected = (
        1000.0 * months[:, None, None]
        + cube["y"].values[None, :, None]
        + (cube["x"].values[None, None, :] % 360) / 1000
    )
    np.testing.assert_allclose(cube.values[:, 0], expected, atol=1e-3)


def test_0_to_360_becomes_minus_180_to_180_and_north_comes_first(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", GLOBE, ROWS)
    found = loaded(tmp_path)
    assert found.dims == ("t", "bands", "y", "x")
    assert found["x"].values.tolist() == list(np.arange(-180.0, 180.0, 30.0))
    assert found["y"].values.tolist() == [60.0, 30.0, 0.0, -30.0, -60.0]
    assert found["bands"].values.tolist() == ["temp"]
    assert found["units"].values.tolist() == ["K"]
    assert crs_of(found) == "EPSG:4326"
    assert_true_to_place(found)


@settings(max_examples=25, deadline=None)
@example(count=17, first=20.0, south_first=False, west=20, width=1)
@given(
    count=st.integers(4, 24),
    first=st.sampled_from([0.0, -180.0, 0.5, -179.5, 20.0]),
    south_first=st.booleans(),
    west=st.integers(-180, 179),
    width=st.integers(1, 359),
)
def test_any_box_on_any_global_grid_gives_the_pixels_inside(
    tmp_path_factory: pytest.TempPathFactory, count: int, first: float, west: int, width: int, *, south_first: bool
) -> None:
    folder = tmp_path_factory.mktemp("globe")
    longitudes = first + 360.0 / count * np.arange(count)
    gridded(folder / "data.nc", longitudes, ROWS if south_first else ROWS[::-1], months=1)
    east = (west + width + 180) % 360 - 180
    inside = [lon for lon in longitudes if (lon - west) % 360 <= width]
    if not inside or west == east:
        return
    found = loaded(folder, bbox=[west, -40, east, 40])
    assert found.sizes["x"] == len(inside)
    assert sorted(np.round(found["x"].values % 360, 3)) == sorted(np.round(np.array(inside) % 360, 3))
    assert (np.diff(found["x"].values) > 0).all()
    assert found["y"].values.tolist() == [30.0, 0.0, -30.0]
    assert_true_to_place(found)


def test_a_box_across_the_antimeridian_is_contiguous(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", GLOBE, ROWS)
    found = loaded(tmp_path, bbox=[140.0, -40.0, -110.0, 40.0])
    assert found["x"].values.tolist() == [150.0, 180.0, 210.0, 240.0]
    assert_true_to_place(found)


def test_a_regional_grid_across_the_antimeridian_stays_whole(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", [160.0, 170.0, 180.0, 190.0, 200.0], ROWS)
    assert loaded(tmp_path)["x"].values.tolist() == [160.0, 170.0, 180.0, 190.0, 200.0]


def test_the_window_in_time_is_applied_to_the_dates_of_the_file(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", GLOBE, ROWS)
    found = loaded(tmp_path, datetime="2020-02-01/2020-02-29")
    assert [str(day)[:10] for day in found["t"].values] == ["2020-02-15"]
    with pytest.raises(InputError, match="no date lies in"):
        loaded(tmp_path, datetime="2020-06-01/2020-07-01")


@pytest.mark.parametrize("names", [("time", "latitude", "longitude"), ("t", "y", "x"), ("date", "lat", "lon")])
def test_dimensions_are_known_by_name_or_attribute(tmp_path: Path, names: tuple[str, str, str]) -> None:
    gridded(tmp_path / "data.nc", GLOBE, ROWS, names=names)
    if names[1] == "y":
        with pytest.raises(InputError, match="has no CRS"):
            loaded(tmp_path)
    else:
        assert_true_to_place(loaded(tmp_path))


def test_fill_values_packing_bounds_and_scalars(tmp_path: Path) -> None:
    path = gridded(tmp_path / "data.nc", GLOBE, ROWS, months=2)
    with xr.open_dataset(path) as opened:
        data = opened.load()
    data["temp"][0, 0, 0] = np.nan
    data["time_bnds"] = (("time", "bnds"), np.zeros((2, 2)))
    data["lat_bnds"] = (("lat", "bnds"), np.zeros((5, 2)))
    data["depth"] = ((), 5.0)
    data["lat"].attrs["bounds"] = "lat_bnds"
    packed = {"temp": {"dtype": "int16", "scale_factor": 0.1, "add_offset": 900.0, "_FillValue": -32768}}
    data.to_netcdf(tmp_path / "packed.nc", engine="netcdf4", encoding=packed)
    (tmp_path / "packed.nc").replace(path)
    found = loaded(tmp_path)
    assert found["bands"].values.tolist() == ["temp"]
    assert int(np.isnan(found.values).sum()) == 1
    assert found.values[0, 0, 2, 0] == pytest.approx(0.18, abs=0.06)


def test_coordinates_with_little_precision_are_put_on_their_grid(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", np.arange(432) * 360 / 432, np.linspace(-5, 4.4444, 18))
    steps = np.diff(loaded(tmp_path)["x"].values)
    assert np.ptp(steps) < 1e-9


def test_an_irregular_grid_is_refused(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", GLOBE, [-60.0, -20.0, 0.0, 5.0, 60.0])
    with pytest.raises(InputError, match="'y' is not evenly spaced"):
        loaded(tmp_path)


def test_one_row_still_knows_its_height(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", GLOBE, ROWS)
    found = loaded(tmp_path, bbox=[-180.0, -10.0, 180.0, 10.0])
    assert grid_of(found).bbox == (-195.0, -15.0, 165.0, 15.0)


def test_a_variable_without_time_has_the_moment_of_its_item(tmp_path: Path) -> None:
    path = gridded(tmp_path / "data.nc", GLOBE, ROWS, months=1)
    with xr.open_dataset(path) as opened:
        data = opened.isel(time=0, drop=True).load()
    data.to_netcdf(tmp_path / "flat.nc", engine="netcdf4")
    (tmp_path / "flat.nc").replace(path)
    assert [str(day)[:10] for day in loaded(tmp_path)["t"].values] == ["2020-01-01"]


def test_a_further_dimension_is_named(tmp_path: Path) -> None:
    path = gridded(tmp_path / "data.nc", GLOBE, ROWS)
    with xr.open_dataset(path) as opened:
        data = opened.load().expand_dims(depth=[0.0, 10.0])
    data.to_netcdf(tmp_path / "deep.nc", engine="netcdf4")
    (tmp_path / "deep.nc").replace(path)
    with pytest.raises(InputError, match="further dimensions depth"):
        loaded(tmp_path)


def test_files_of_several_items_are_joined_in_time(tmp_path: Path) -> None:
    items = []
    for month in (2, 1):
        path = gridded(tmp_path / f"m{month}.nc", GLOBE, ROWS, months=month)
        with xr.open_dataset(path) as opened:
            data = opened.isel(time=[month - 1]).load()
        data.to_netcdf(tmp_path / "one.nc", engine="netcdf4")
        (tmp_path / "one.nc").replace(path)
        asset = {"href": f"./m{month}.nc", "type": "application/x-netcdf"}
        items.append(item(f"m{month}", f"2020-0{month}-15T00:00:00Z", {"data": asset}))
    found = load(pinned(collection(tmp_path, items))).compute()
    assert found["t"].dt.month.values.tolist() == [1, 2]
    assert_true_to_place(found)


def test_an_unknown_variable_is_named(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", GLOBE, ROWS)
    with pytest.raises(UnknownNameError, match=r"no band 'tmp'.*'temp'"):
        load(gridded_input(tmp_path), ["tmp"])


def test_360_day_calendars_are_refused(tmp_path: Path) -> None:
    path = gridded(tmp_path / "data.nc", GLOBE, ROWS)
    with xr.open_dataset(path, decode_times=False) as opened:
        data = opened.load()
    data["time"].attrs["calendar"] = "360_day"
    data.to_netcdf(tmp_path / "model.nc", engine="netcdf4")
    (tmp_path / "model.nc").replace(path)
    with pytest.raises(InputError, match="Gregorian calendar"):
        loaded(tmp_path)


def test_netcdf_and_zarr_of_real_data_are_equal(shared: Path) -> None:
    folder = shared / "data" / "ersstv5-2010-2016"
    source = pinned(folder / "collection.json")
    by_form = {
        key: load(source.model_copy(update={"assets": tuple(a for a in source.assets if a.key == key)})).compute()
        for key in ("netcdf", "zarr")
    }
    xr.testing.assert_equal(by_form["netcdf"], by_form["zarr"])
    assert by_form["netcdf"].sizes == {"t": 84, "bands": 1, "y": 89, "x": 180}
    assert by_form["netcdf"]["units"].values.tolist() == ["degC"]


@pytest.mark.parametrize("form", [ProductFormat.NETCDF, ProductFormat.ZARR])
def test_bands_of_a_product_of_ours_keep_their_order(tmp_path: Path, form: ProductFormat) -> None:
    made = cube(np.stack([np.ones((1, 3, 4)), np.zeros((1, 3, 4))], axis=1), ("sst", "ice"))
    write(made, tmp_path / f"data{SUFFIXES[form]}", form, "Two bands")
    asset = {"href": f"./data{SUFFIXES[form]}", "type": MEDIA_TYPES[form]}
    found = load(pinned(collection(tmp_path, [item("one", "2020-01-01T00:00:00Z", {"data": asset})])))
    assert found["bands"].values.tolist() == ["sst", "ice"]
    np.testing.assert_array_equal(found.values[0, :, 0, 0], [1, 0])

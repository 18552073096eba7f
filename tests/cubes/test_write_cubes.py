"""Cubes are written whole or not at all, and read back equal."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr
import zarr
from cube_factories import UTM, cube
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from netCDF4 import Dataset

from earthcode_platform.cubes import write as writing
from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.cubes.crs import crs_of
from earthcode_platform.cubes.describe import describe, statistics
from earthcode_platform.cubes.dimensions import with_span
from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.write import SUFFIXES, as_written, write
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import ProductFormat

ARRAYS = (ProductFormat.COG, ProductFormat.NETCDF, ProductFormat.ZARR)
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def sample(dates: int = 2, rows: int = 5, columns: int = 7) -> xr.DataArray:
    """A cube in memory with two bands, one of them with a unit, and a gap."""
    values = np.random.default_rng(1).normal(size=(dates, 2, rows, columns))
    values[0, 0, 1, 2] = np.nan
    return cube(values, ("sst", "ice"), units=("K", "")).compute()


@pytest.mark.parametrize("form", ARRAYS)
def test_what_is_written_reads_back_equal(tmp_path: Path, form: ProductFormat) -> None:
    made = sample(dates=1 if form is ProductFormat.COG else 2)
    path = tmp_path / f"product{SUFFIXES[form]}"
    write(made, path, form, "A title")
    found = reopen(path)
    expected = made.isel(t=0) if form is ProductFormat.COG else made
    np.testing.assert_array_equal(found.values, expected.values.astype("float32"))
    assert found["bands"].values.tolist() == ["sst", "ice"]
    assert found["units"].values.tolist() == ["K", ""]
    assert grid_of(found) == grid_of(made)
    if form is not ProductFormat.COG:
        np.testing.assert_array_equal(found["t"].values, made["t"].values)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_cog_is_cloud_optimised(tmp_path: Path) -> None:
    large = sample(dates=1, rows=1100, columns=1100)
    write(large, tmp_path / "a.tif", ProductFormat.COG, "t")
    with rasterio.open(tmp_path / "a.tif") as opened:
        assert opened.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert opened.tags(ns="IMAGE_STRUCTURE")["COMPRESSION"] == "DEFLATE"
        assert opened.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "3"
        assert opened.block_shapes == [(512, 512), (512, 512)]
        assert opened.overviews(1) == [2, 4]
        assert opened.descriptions == ("sst", "ice")
        assert opened.units == ("K", None)
        assert np.isnan(opened.nodata)
        assert opened.dtypes == ("float32", "float32")
        assert opened.crs.to_string() == UTM


def test_netcdf_follows_cf(tmp_path: Path) -> None:
    degrees = cube(np.ones((2, 1, 4, 4)), ("sst",), units=("K",), crs="EPSG:4326", step=1.0).compute()
    write(with_span(degrees, degrees["t"]), tmp_path / "a.nc", ProductFormat.NETCDF, "A title")
    with Dataset(tmp_path / "a.nc") as opened:
        assert opened.data_model == "NETCDF4"
        assert opened.Conventions.startswith("CF-1.")
        assert opened.title == "A title"
        assert opened.time_coverage_end == "2020-01-02T00:00:00Z"
        sst = opened["sst"]
        assert (sst.units, sst.grid_mapping, sst.dimensions) == ("K", "spatial_ref", ("t", "y", "x"))
        assert sst.filters()["zlib"] is True
        assert (opened["y"].standard_name, opened["y"].units) == ("latitude", "degrees_north")
        assert (opened["x"].standard_name, opened["x"].units) == ("longitude", "degrees_east")
        assert opened["t"].standard_name == "time"
        assert opened["t"].calendar == "standard"
        assert opened["spatial_ref"].grid_mapping_name == "latitude_longitude"


def test_zarr_is_one_group_of_version_3(tmp_path: Path) -> None:
    write(sample(), tmp_path / "a.zarr", ProductFormat.ZARR, "t")
    group = zarr.open_group(tmp_path / "a.zarr", mode="r")
    assert group.metadata.zarr_format == 3
    assert {"sst", "ice", "x", "y", "t", "spatial_ref"} == set(group.array_keys())


def test_equal_cubes_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(sample(dates=1), tmp_path / f"{name}.tif", ProductFormat.COG, "t")
    assert (tmp_path / "one.tif").read_bytes() == (tmp_path / "two.tif").read_bytes()


def with_depth(made: xr.DataArray) -> xr.DataArray:
    return made.expand_dims(depth=[1.0])


def without_grid(made: xr.DataArray) -> xr.DataArray:
    return made.isel(x=0, drop=True)


def with_slash(made: xr.DataArray) -> xr.DataArray:
    return made.assign_coords(bands=["a/b", "c"])


def with_names_of_months(made: xr.DataArray) -> xr.DataArray:
    return made.assign_coords(t=["01", "02"])


@pytest.mark.parametrize(
    ("form", "change", "words"),
    [
        (ProductFormat.COG, lambda made: made, "has 2 dates, and a COG holds none.*NetCDF"),
        (ProductFormat.COG, with_depth, "dimension 'depth'"),
        (ProductFormat.COG, without_grid, "no .*x.*, and a COG holds maps.*NetCDF"),
        (ProductFormat.NETCDF, with_slash, "'a/b'"),
        (ProductFormat.ZARR, with_names_of_months, "names"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_leaves_nothing(
    tmp_path: Path, form: ProductFormat, change: Callable[[xr.DataArray], xr.DataArray], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        write(change(sample()), tmp_path / f"a{SUFFIXES[form]}", form, "t")
    assert list(tmp_path.iterdir()) == []


def test_names_of_periods_are_kept_in_netcdf(tmp_path: Path) -> None:
    write(with_names_of_months(sample()), tmp_path / "a.nc", ProductFormat.NETCDF, "t")
    assert reopen(tmp_path / "a.nc")["t"].values.tolist() == ["01", "02"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.nc"
    write(sample(), path, ProductFormat.NETCDF, "t")
    before = path.read_bytes()

    def interrupted(_data: xr.Dataset, target: Path, _options: object) -> None:
        target.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(writing, "write_netcdf", interrupted)
    with pytest.raises(OSError, match="disk full"):
        write(sample() + 1, path, ProductFormat.NETCDF, "t")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_folders_are_replaced_whole(tmp_path: Path) -> None:
    for number in (1, 2):
        with replacing(tmp_path / "store.zarr") as temporary:
            temporary.mkdir()
            (temporary / f"{number}").touch()
    assert [entry.name for entry in (tmp_path / "store.zarr").iterdir()] == ["2"]


def test_a_file_is_described_from_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    write(sample(dates=1), path, ProductFormat.COG, "t")
    found = describe(path, "A map", "image/tiff", MOMENT, MOMENT)
    assert (found.bands, found.units, found.start, found.title) == (("sst", "ice"), ("K", None), MOMENT, "A map")
    assert found.grid.crs == UTM
    assert found.grid.transform == (10.0, 0.0, 500_000.0, 0.0, -10.0, 5_000_000.0)
    assert 14.9 < found.bbox[0] < found.bbox[2] < 15.1
    assert found.statistics["valid_percent"] == pytest.approx(100 * 69 / 70)
    assert found.statistics["minimum"] < found.statistics["mean"] < found.statistics["maximum"]


def test_a_cube_tells_its_own_dates(tmp_path: Path) -> None:
    write(sample(), tmp_path / "a.zarr", ProductFormat.ZARR, "t")
    found = describe(tmp_path / "a.zarr", "t", "m", MOMENT.replace(year=1990), MOMENT.replace(year=1990))
    assert (found.start.date().isoformat(), found.end.date().isoformat()) == ("2020-01-01", "2020-01-02")


def test_without_valid_pixels_only_their_share_is_known() -> None:
    assert statistics(sample() * np.nan) == {"valid_percent": 0.0}


def test_a_file_that_is_no_raster_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("no")
    with pytest.raises(InputError, match="cannot be read as a raster"):
        reopen(tmp_path / "a.tif")
    assert crs_of(sample()) == UTM


def test_values_beyond_float32_are_refused_and_not_made_infinite(tmp_path: Path) -> None:
    vast = cube(np.full((1, 1, 2, 2), 1e39))
    with pytest.raises(InputError, match=r"1e\+39 do not fit into float32"):
        write(vast, tmp_path / "vast.nc", ProductFormat.NETCDF, "Vast")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ARRAYS)
def test_whole_numbers_stay_exact(tmp_path: Path, form: ProductFormat) -> None:
    exact = np.array([[2**24 + 1, 2.0**53 - 1], [-(2**24) - 1, np.nan]])
    path = tmp_path / f"a{SUFFIXES[form]}"
    write(cube(exact.reshape(1, 1, 2, 2)), path, form, "Identifiers")
    found = reopen(path)
    assert found.dtype == "float64"
    np.testing.assert_array_equal(found.values.reshape(2, 2), exact)


@given(values=arrays.arrays("float64", (1, 1, 2, 3), elements=st.floats(-1e30, 1e30)))
def test_values_are_rounded_to_seven_digits_or_not_at_all(values: np.ndarray[Any, Any]) -> None:
    found = as_written(cube(values))
    np.testing.assert_allclose(found.values, values, rtol=6e-8, atol=1e-38)
    whole = values == np.rint(values)
    np.testing.assert_array_equal(found.values[whole].astype("float64"), values[whole])


@pytest.mark.parametrize("form", ARRAYS)
@pytest.mark.parametrize("rows", [1, 3])
def test_files_are_north_up(tmp_path: Path, form: ProductFormat, rows: int) -> None:
    made = cube(np.arange(rows * 4.0).reshape(1, 1, rows, 4)).compute()
    turned = made.isel(y=slice(None, None, -1), x=slice(None, None, -1))
    for name in ("y", "x"):
        turned = turned.assign_coords({name: turned[name].assign_attrs(resolution=-made[name].attrs["resolution"])})
    path = tmp_path / f"a{SUFFIXES[form]}"
    write(turned, path, form, "t")
    found = reopen(path)
    np.testing.assert_array_equal(found.values.reshape(rows, 4), made.values.reshape(rows, 4))
    np.testing.assert_array_equal(found["y"].values, made["y"].values)
    if form is ProductFormat.COG:
        with rasterio.open(path) as opened:
            assert opened.transform.e == -10


@pytest.mark.parametrize("name", ["t", "x", "spatial_ref", "a/b", " "])
def test_bands_that_cannot_be_variables_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="cannot all be names of variables"):
        write(cube(np.ones((1, 1, 2, 2)), (name,)), tmp_path / "a.nc", ProductFormat.NETCDF, "t")
    assert list(tmp_path.iterdir()) == []

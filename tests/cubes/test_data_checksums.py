"""The checksum of data follows the values, and nothing else of the file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from cube_factories import cube, gridded, raster
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rasterio.windows import Window

from earthcode_platform.checksums import of_file
from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.reopen import decoded
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.cubes.write import SUFFIXES, write
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import ProductFormat

VALUES = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 0.0]], dtype="float32")


def test_netcdf_rewritten_with_other_bytes_is_equal(tmp_path: Path) -> None:
    path = gridded(tmp_path / "a.nc", np.arange(0.0, 360.0, 30), np.arange(-30.0, 31.0, 10))
    with xr.open_dataset(path) as opened:
        data = opened.load()
    data.attrs |= {"history": "written again", "date_created": "2031-01-01"}
    encoding: dict[str, dict[str, Any]] = {
        "temp": {"zlib": True, "chunksizes": (1, 7, 4)},
        "time": {"units": "hours since 1900-01-01", "dtype": "float64"},
    }
    data.to_netcdf(tmp_path / "b.nc", engine="netcdf4", encoding=encoding)
    assert of_file(path) != of_file(tmp_path / "b.nc")
    assert data_checksum(path) == data_checksum(tmp_path / "b.nc")


def test_netcdf_and_zarr_of_one_cube_are_equal(tmp_path: Path) -> None:
    made = cube(np.random.default_rng(2).normal(size=(3, 2, 4, 5)), ("a", "b"), units=("K", "")).compute()
    write(made, tmp_path / "a.nc", ProductFormat.NETCDF, "one")
    write(made, tmp_path / "a.zarr", ProductFormat.ZARR, "another title")
    assert data_checksum(tmp_path / "a.nc") == data_checksum(tmp_path / "a.zarr")


def test_a_raster_with_other_compression_type_and_nodata_is_equal(tmp_path: Path) -> None:
    first = raster(tmp_path / "a.tif", VALUES, nodata=float("nan"))
    with rasterio.open(first) as opened:
        profile = opened.profile | {"compress": "LZW", "dtype": "float64", "nodata": -9.0, "tiled": True,
                                    "blockxsize": 16, "blockysize": 16}  # fmt: skip
    with rasterio.open(tmp_path / "b.tif", "w", **profile) as target:
        target.write(np.where(np.isnan(VALUES), -9.0, VALUES), 1)
        target.update_tags(TIFFTAG_DATETIME="2031:01:01 00:00:00")
    assert data_checksum(first) == data_checksum(tmp_path / "b.tif")


def test_packed_numbers_count_as_the_values_they_stand_for(tmp_path: Path) -> None:
    packed = raster(tmp_path / "a.tif", np.array([[2, 4], [6, 8]], dtype="uint8"), scales=(0.5, 1.0))
    plain = raster(tmp_path / "b.tif", np.array([[2, 3], [4, 5]], dtype="float32"))
    assert data_checksum(packed) == data_checksum(plain)


@pytest.mark.parametrize(
    "change",
    [
        {"values": VALUES + np.float32(1e-6)},
        {"values": np.nan_to_num(VALUES)},
        {"values": np.stack([VALUES, VALUES])},
        {"crs": "EPSG:32634"},
        {"transform": Affine(10, 0, 500_001, 0, -10, 5_000_000)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_value_place_or_band_is_another_checksum(tmp_path: Path, change: dict[str, Any]) -> None:
    first = raster(tmp_path / "a.tif", VALUES)
    second = raster(tmp_path / "b.tif", **{"values": VALUES, **change})
    assert data_checksum(first) != data_checksum(second)


def test_names_and_units_count(tmp_path: Path) -> None:
    made = cube(np.ones((1, 1, 2, 2)), ("a",), units=("K",)).compute()
    changed = [made, made.assign_coords(bands=["b"]), cube(np.ones((1, 1, 2, 2)), ("a",), units=("degC",)).compute()]
    found = set()
    for form, suffix in ((ProductFormat.COG, "tif"), (ProductFormat.NETCDF, "nc")):
        for number, one in enumerate(changed):
            write(one, tmp_path / f"{number}.{suffix}", form, "t")
            found.add(data_checksum(tmp_path / f"{number}.{suffix}"))
    assert len(found) == 6


@pytest.mark.parametrize("container", [Container.NETCDF, Container.ZARR])
def test_products_published_before_x_and_y_had_units_keep_their_checksum(tmp_path: Path, container: Container) -> None:
    made = cube(np.arange(24.0).reshape(2, 1, 3, 4), ("a",), units=("K",)).compute()
    form = ProductFormat.NETCDF if container is Container.NETCDF else ProductFormat.ZARR
    path = tmp_path / f"a{SUFFIXES[form]}"
    write(made, path, form, "t")
    with open_gridded(str(path), container) as opened:
        assert (opened["x"].attrs["units"], opened["y"].attrs["units"]) == ("m", "m")
        foreign = opened.load().drop_attrs(deep=False)
    assert data_checksum(path) == "1220de5769c1db69549f647709757b1cfc35b3aba0628d38242516090d7332702558"
    foreign.to_netcdf(tmp_path / "metres.nc")
    foreign["x"].attrs["units"] = "km"
    foreign.to_netcdf(tmp_path / "kilometres.nc")
    assert data_checksum(tmp_path / "metres.nc") != data_checksum(tmp_path / "kilometres.nc")


@settings(max_examples=30, deadline=None)
@given(
    values=arrays.arrays("float32", (3, 4), elements=st.floats(width=32, allow_nan=True)),
    place=st.tuples(st.integers(0, 2), st.integers(0, 3)),
    other=st.floats(width=32, allow_nan=True),
)
def test_checksums_differ_exactly_where_values_do(
    tmp_path_factory: pytest.TempPathFactory, values: np.ndarray[Any, Any], place: tuple[int, int], other: float
) -> None:
    folder = tmp_path_factory.mktemp("values")
    changed = values.copy()
    changed[place] = other
    one, two = raster(folder / "a.tif", values), raster(folder / "b.tif", changed)
    assert (data_checksum(one) == data_checksum(two)) == np.array_equal(values, changed, equal_nan=True)


def test_what_is_no_data_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1,2")
    (tmp_path / "a.nc").write_text("1,2")
    with pytest.raises(InputError, match="does not tell its format"):
        data_checksum(tmp_path / "a.txt")
    with pytest.raises(InputError, match="cannot be opened as netcdf"):
        data_checksum(tmp_path / "a.nc")


@pytest.mark.parametrize(
    ("dtype", "nodata", "masked"),
    [
        ("float32", float("nan"), False),
        ("float32", None, False),
        ("float32", -9.0, False),
        ("uint8", 0, False),
        ("int16", -9, False),
        ("int32", None, False),
        ("int16", None, True),
    ],
)
def test_numbers_are_decoded_as_the_mask_of_gdal_says(
    tmp_path: Path, dtype: str, nodata: float | None, *, masked: bool
) -> None:
    drawn = np.random.default_rng(5).integers(0, 4, (2, 6, 7)).astype(dtype)
    if nodata is not None:
        drawn[:, ::2] = nodata
    profile = {"driver": "GTiff", "count": 2, "height": 6, "width": 7, "dtype": dtype, "nodata": nodata}
    with rasterio.open(tmp_path / "a.tif", "w", **profile, transform=Affine(1, 0, 0, 0, -1, 6)) as target:
        target.write(drawn)
        if masked:
            target.write_mask(drawn[0] > 1)
    with rasterio.open(tmp_path / "a.tif") as opened:
        window = Window(1, 2, 5, 3)
        wanted = opened.read([2, 1], window=window, masked=True).astype("float64").filled(np.nan)
        found = decoded(opened, [2, 1], window, np.dtype("float64"))
    np.testing.assert_array_equal(found, wanted)
    assert np.isnan(found).any() == (masked or nodata is not None)

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr
from PIL import Image
from rasterio.transform import from_origin

from earthcode_platform import checksums
from earthcode_platform.cubes.produced import describe_produced, draw_produced, format_of, open_produced
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.errors import InputError

START, END = datetime(2023, 8, 1, tzinfo=UTC), datetime(2023, 8, 31, tzinfo=UTC)


def geotiff(path: Path, driver: str = "GTiff", **changes: object) -> Path:
    """Write 4 by 6 pixels of uint16 in UTM, one of them no-data, packed as tenths."""
    values = np.arange(24, dtype="uint16").reshape(4, 6)
    profile: dict[str, Any] = {
        "driver": driver, "width": 6, "height": 4, "count": 1, "dtype": "uint16", "nodata": 0, "crs": "EPSG:32633",
        "transform": from_origin(500_000, 5_100_000, 10, 10),
    }  # fmt: skip
    with rasterio.open(path, "w", **{**profile, **changes}) as target:
        target.write(values, 1)
        target.set_band_description(1, "ndvi")
        target.scales, target.offsets = (0.1,), (1.0,)
    return path


def gridded(dates: int = 0) -> xr.Dataset:
    """Return a data set as other tools write it: latitude upwards, longitude, and dates if asked for."""
    lat, lon = 45.05 + 0.1 * np.arange(4), 10.05 + 0.1 * np.arange(6)
    values = np.arange(24.0).reshape(4, 6)
    coords: dict[str, Any] = {"lat": ("lat", lat, {"units": "degrees_north"}),
                              "lon": ("lon", lon, {"units": "degrees_east"})}  # fmt: skip
    dims: tuple[str, ...] = ("lat", "lon")
    if dates:
        coords["time"] = np.array(["2023-08-05", "2023-08-09"][:dates], dtype="datetime64[ns]")
        dims, values = ("time", *dims), np.stack([values] * dates)
    variables: dict[str, Any] = {"water": (dims, values, {"units": "1"}), "log": ((), 3.0)}
    return xr.Dataset(variables, coords)


def test_a_geotiff_is_described_by_itself(tmp_path: Path) -> None:
    made = describe_produced(geotiff(tmp_path / "a.tif"), "Water", START, END)
    assert made.grid.crs == "EPSG:32633"
    assert made.grid.shape == (4, 6)
    assert made.grid.bbox == (500_000, 5_099_960, 500_060, 5_100_000)
    assert (made.bands, made.units, made.title) == (("ndvi",), (None,), "Water")
    assert made.bbox[0] == pytest.approx(15.0, abs=1e-3)
    assert (made.start, made.end) == (START, END)
    assert made.media_type == "image/tiff; application=geotiff"
    assert made.checksum == checksums.of_file(tmp_path / "a.tif")
    assert made.data_checksum == data_checksum(tmp_path / "a.tif")


def test_packed_numbers_are_unpacked_and_no_data_is_left_out(tmp_path: Path) -> None:
    statistics = describe_produced(geotiff(tmp_path / "a.tif"), "t", START, END).statistics
    assert statistics["minimum"] == pytest.approx(1.1)
    assert statistics["maximum"] == pytest.approx(3.3)
    assert statistics["valid_percent"] == pytest.approx(100 * 23 / 24)


def test_a_cog_is_called_one(tmp_path: Path) -> None:
    made = describe_produced(geotiff(tmp_path / "a.tif", "COG"), "t", START, END)
    assert made.media_type == "image/tiff; application=geotiff; profile=cloud-optimized"


def test_equal_data_have_equal_checksums_of_values(tmp_path: Path) -> None:
    plain = describe_produced(geotiff(tmp_path / "a.tif"), "t", START, END)
    packed = describe_produced(geotiff(tmp_path / "b.tif", compress="DEFLATE"), "t", START, END)
    assert plain.data_checksum == packed.data_checksum
    assert plain.checksum != packed.checksum


def test_netcdf_of_other_tools(tmp_path: Path) -> None:
    gridded().to_netcdf(tmp_path / "a.nc")
    made = describe_produced(tmp_path / "a.nc", "t", START, END)
    assert (made.bands, made.units) == (("water",), ("1",))
    assert made.grid.crs == "EPSG:4326"
    assert made.bbox == pytest.approx((10.0, 45.0, 10.6, 45.4))
    assert (made.start, made.end) == (START, END)
    assert made.media_type == "application/x-netcdf"


def test_rows_of_netcdf_run_from_north_to_south(tmp_path: Path) -> None:
    gridded().to_netcdf(tmp_path / "a.nc")
    cube = open_produced(tmp_path / "a.nc", START)
    assert cube.dims == ("bands", "y", "x")
    assert cube.values[0, 0, 0] == 18.0


def test_dates_in_the_file_go_before_those_of_the_inputs(tmp_path: Path) -> None:
    gridded(dates=2).to_netcdf(tmp_path / "a.nc")
    made = describe_produced(tmp_path / "a.nc", "t", START, END)
    assert (made.start.day, made.end.day) == (5, 9)


@pytest.mark.parametrize("version", [2, 3])
def test_zarr_of_other_tools(tmp_path: Path, version: int) -> None:
    gridded(dates=1).to_zarr(tmp_path / "a.zarr", zarr_format=version, consolidated=False)
    made = describe_produced(tmp_path / "a.zarr", "t", START, END)
    assert made.media_type == f"application/vnd.zarr; version={version}"
    assert made.checksum == checksums.of_path(tmp_path / "a.zarr")


def test_a_quicklook_is_drawn_from_the_file(tmp_path: Path) -> None:
    draw_produced(geotiff(tmp_path / "a.tif"), tmp_path / "q.png", "Water", START)
    with Image.open(tmp_path / "q.png") as picture:
        assert picture.width >= 800
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20


def test_only_data_make_a_product() -> None:
    known = {name: format_of(Path(name)) for name in ("a.tif", "a.TIFF", "b.nc", "c.zarr", "d.png", "e.jp2", "f.json")}
    told = {name: form.value for name, form in known.items() if form}
    assert told == {"a.tif": "COG", "a.TIFF": "COG", "b.nc": "NetCDF", "c.zarr": "Zarr"}


def _without_coordinates(path: Path) -> None:
    xr.Dataset({"a": (("p", "q"), np.ones((2, 2)))}).to_netcdf(path)


REFUSED: list[tuple[str, Callable[[Path], object], str]] = [
    ("a.tif", lambda path: path.write_bytes(b"no raster"), "cannot be read as a raster"),
    ("a.nc", lambda path: path.write_bytes(b"no netcdf"), "cannot be read|cannot be opened|no variable"),
    ("a.zarr", lambda path: path.mkdir(), "cannot be opened|no variable"),
    ("a.tif", lambda path: geotiff(path, transform=from_origin(0, 0, 1, 1).rotation(30)), "or is rotated"),
    ("a.nc", _without_coordinates, "no variable of it lies on a grid"),
    ("a.txt", lambda path: path.touch(), "does not tell its format"),
]


@pytest.mark.parametrize(("name", "make", "told"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_makes_no_product(tmp_path: Path, name: str, make: Callable[[Path], object], told: str) -> None:
    make(tmp_path / name)
    with pytest.raises(InputError, match=told) as caught:
        describe_produced(tmp_path / name, "t", START, END)
    assert name in caught.value.where


def test_a_file_without_any_valid_pixel(tmp_path: Path) -> None:
    data = gridded()
    data["water"] = data["water"] * np.nan
    data.to_netcdf(tmp_path / "a.nc")
    with pytest.raises(InputError, match="no valid pixel"):
        describe_produced(tmp_path / "a.nc", "t", START, END)

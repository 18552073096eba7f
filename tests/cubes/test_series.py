"""Series and single values are written without a grid, read back, described and drawn."""

from datetime import UTC, datetime
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from PIL import Image

from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.quicklook import draw_quicklook
from earthcode_platform.cubes.reopen import reopen
from earthcode_platform.cubes.write import SUFFIXES, write
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import ProductFormat

TIMES = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 4, tzinfo=UTC))


def series() -> xr.DataArray:
    """Four dates of two bands, one with a unit, and a gap."""
    values = np.arange(8.0).reshape(4, 2, 1, 1)
    values[1, 0] = np.nan
    return cube(values, ("ndvi", "sst"), units=("1", "K")).isel(y=0, x=0, drop=True).compute()


SHAPES = {
    "series": series(),
    "one band of a series": series().isel(bands=0, drop=True),
    "numbers": series().isel(t=0, drop=True),
    "one number": series().isel(t=0, bands=0, drop=True),
    "profile": cube(np.arange(6.0).reshape(1, 1, 3, 2)).isel(t=0, drop=True).mean("x").compute(),
}


@pytest.mark.parametrize("form", [ProductFormat.NETCDF, ProductFormat.ZARR])
@pytest.mark.parametrize("name", SHAPES)
def test_what_is_no_map_is_written_and_read_back(tmp_path: Path, name: str, form: ProductFormat) -> None:
    made = SHAPES[name]
    path = tmp_path / f"a{SUFFIXES[form]}"
    write(made, path, form, "A series")
    found = reopen(path)
    expected = made if "bands" in made.dims else made.expand_dims("bands")
    np.testing.assert_array_equal(found.values, expected.transpose(*found.dims).values.astype("float32"))
    told = describe(path, "t", "m", *TIMES, (10.0, 40.0, 20.0, 50.0))
    assert (told.grid, told.bbox) == (None, (10.0, 40.0, 20.0, 50.0))
    assert set(told.dimensions) == set(map(str, made.dims)) - {"bands"}
    assert told.start == TIMES[0]
    assert len(told.band_statistics) == len(told.bands)


def test_a_series_follows_cf(tmp_path: Path) -> None:
    write(series(), tmp_path / "a.nc", ProductFormat.NETCDF, "A series")
    with netCDF4.Dataset(tmp_path / "a.nc") as opened:
        assert opened["sst"].dimensions == ("t",)
        assert (opened["sst"].units, opened["t"].standard_name) == ("K", "time")
        assert "grid_mapping" not in opened["sst"].ncattrs()
        assert np.ma.getmaskarray(opened["ndvi"][:]).tolist() == [False, True, False, False]


@pytest.mark.parametrize("name", SHAPES)
def test_a_cog_holds_maps_alone(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"a COG holds maps\. Choose the format NetCDF"):
        write(SHAPES[name], tmp_path / "a.tif", ProductFormat.COG, "t")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SHAPES)
def test_a_chart_is_drawn(tmp_path: Path, name: str) -> None:
    draw_quicklook(SHAPES[name], tmp_path / "a.png", "A series")
    draw_quicklook(SHAPES[name], tmp_path / "b.png", "A series")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (960, 540)
        colours = picture.convert("RGB").getcolors(1 << 20) or []
    ink = {colour for _, colour in colours}
    assert ((47, 100, 142) in ink) == (name not in ("numbers", "one number"))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_chart_without_valid_values_is_empty(tmp_path: Path) -> None:
    draw_quicklook(series() * np.nan, tmp_path / "a.png", "Nothing")
    assert (tmp_path / "a.png").stat().st_size > 0

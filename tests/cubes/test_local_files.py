"""Files without STAC items, as lazy cubes and as what `load_url` gives."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from cube_factories import ORIGIN, gridded, raster
from process_calls import call

from earthcode_platform import checksums
from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.local_files import load_file
from earthcode_platform.engines.openeo.registry import processes, unfit
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.pinned import PinnedFile

ADDRESS = "https://data.example.org/elevation"
VALUES = np.arange(2.0 * 4 * 5).reshape(2, 4, 5)


def session_of(path: Path) -> Session:
    file = PinnedFile(name=path.name, path=str(path), checksum=checksums.of_file(path), addresses=(ADDRESS,))
    return Session({}, None, files=[file])


def named(path: Path, names: tuple[str, ...], **more: Any) -> Path:  # noqa: ANN401 - those of the raster
    raster(path, VALUES[: len(names)].astype("int16"), nodata=7, **more)
    with rasterio.open(path, "r+") as opened:
        opened.descriptions = names
    return path


def test_a_raster_is_a_map_of_its_bands(tmp_path: Path) -> None:
    made = load_file(named(tmp_path / "a.tif", ("height", "slope"), scales=(0.5, 1.0)), Container.RASTER)
    assert made.chunks is not None
    assert made.dims == ("bands", "y", "x")
    assert made["bands"].values.tolist() == ["height", "slope"]
    np.testing.assert_array_equal(made.values, np.where(VALUES == 7, np.nan, VALUES * 0.5 + 1))
    assert made["x"].values[0] == ORIGIN[0] + 5
    assert made.rio.crs.to_epsg() == 32633


@pytest.mark.parametrize(("names", "called"), [(("height",), ["height"]), (("a", "a"), ["band1", "band2"])])
def test_bands_are_called_as_the_file_says_or_by_number(
    tmp_path: Path, names: tuple[str, ...], called: list[str]
) -> None:
    assert load_file(named(tmp_path / "a.tif", names), Container.RASTER)["bands"].values.tolist() == called


def test_the_copy_of_an_address_is_loaded_by_its_format(tmp_path: Path) -> None:
    path = named(tmp_path / "copy.bin", ("height",))
    for name in ("GTiff", "geotiff", "COG"):
        found = call("load_url", session=session_of(path), url=ADDRESS, format=name)
        np.testing.assert_array_equal(found.values[0], np.where(VALUES[0] == 7, np.nan, VALUES[0]))
    grid = gridded(tmp_path / "months.nc", np.arange(0.0, 360, 30), np.arange(-60.0, 61, 30))
    months = call("load_url", session=session_of(grid), url="months.nc", format="netCDF")
    assert months.dims == ("t", "bands", "y", "x")
    assert months.sizes["t"] == 3
    assert months.rio.crs.to_epsg() == 4326


def test_what_is_no_such_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_text("no raster", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as a raster"):
        load_file(path, Container.RASTER)
    with pytest.raises(InputError, match="cannot be opened as netcdf"):
        load_file(path, Container.NETCDF)
    with pytest.raises(UnknownNameError, match="no format 'GML'"):
        call("load_url", session=session_of(path), url=ADDRESS, format="GML")
    told = unfit(processes()["load_url"].arguments["format"], "netcdff")
    assert told is not None
    assert "netCDF" in told.remedy

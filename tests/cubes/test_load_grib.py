"""GRIB becomes a cube: a band for each parameter and level, dates as they are valid, units as they are stored."""

import pickle
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import rasterio
from cube_factories import UTM, collection, item, pinned
from data_server import serving_files
from numpy.typing import NDArray
from rasterio.shutil import copy
from rasterio.transform import from_origin

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.grib import open_grib
from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.local_files import load_file
from earthcode_platform.cubes.probe import probe
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.models.pinned import PinnedAsset, PinnedInput

MIDNIGHT = "2020-01-01T00:00:00Z"


class Message(NamedTuple):
    """One message: values (rows, columns), and which parameter they are (WMO, GRIB 2, code table 4.2)."""

    values: NDArray[np.float64]
    hours: int = 0
    parameter: str = "0 0"
    metres: int = 2


TEMPERATURE = 280 + np.arange(40.0).reshape(5, 8)


def grib(
    path: Path,
    messages: list[Message],
    *,
    west: float = 9.75,
    step: float = 0.5,
    crs: str = "EPSG:4326",
    north: float = 50,
) -> Path:
    """Write messages of one grid with GDAL's own writer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows, columns = messages[0].values.shape
    options = {}
    with rasterio.open(
        path.with_suffix(".tif"), "w", driver="GTiff", width=columns, height=rows, count=len(messages), dtype="float64",
        crs=crs, nodata=-9999, transform=from_origin(west, north, step, step),
    ) as target:  # fmt: skip
        for number, one in enumerate(messages, start=1):
            target.write(np.nan_to_num(one.values, nan=-9999), number)
            template = f"{one.parameter} 2 0 0 0 0 1 {one.hours} 103 0 {one.metres} 255 0 0"
            options |= {
                f"BAND_{number}_IDS": f"CENTER=98 MASTER_TABLE=2 SIGNF_REF_TIME=1 REF_TIME={MIDNIGHT} TYPE=1",
                f"BAND_{number}_PDS_PDTN": "0",
                f"BAND_{number}_PDS_TEMPLATE_ASSEMBLED_VALUES": template,
                f"BAND_{number}_INPUT_UNIT": "K",
            }
    copy(path.with_suffix(".tif"), path, driver="GRIB", **options)
    path.with_suffix(".tif").unlink()
    return path


def as_input(folder: Path, name: str = "data.grib2") -> PinnedInput:
    asset = {"href": f"./{name}", "type": "application/wmo-GRIB2"}
    return pinned(collection(folder, [item("run", MIDNIGHT, {"data": asset})]))


def test_parameters_and_levels_are_bands_and_dates_are_those_they_are_valid_at(tmp_path: Path) -> None:
    gaps = TEMPERATURE.copy()
    gaps[1, 2] = np.nan
    wind = Message(TEMPERATURE - 280, hours=6, parameter="2 2", metres=10)
    grib(tmp_path / "data.grib2", [Message(gaps), Message(TEMPERATURE + 6, hours=6), wind])
    found = load(as_input(tmp_path))
    assert found.chunks is not None
    assert found["bands"].values.tolist() == ["TMP_2-HTGL", "UGRD_10-HTGL"]
    assert found["units"].values.tolist() == ["K", "m/s"]
    assert np.datetime_as_string(found["t"].values, unit="h").tolist() == ["2020-01-01T00", "2020-01-01T06"]
    np.testing.assert_allclose(found.sel(bands="TMP_2-HTGL").values, [gaps, TEMPERATURE + 6], atol=1e-3)
    assert np.isnan(found.sel(bands="UGRD_10-HTGL").values[0]).all()
    assert (found.rio.crs.to_epsg(), found["y"].values[0], found["x"].values[0]) == (4326, 49.75, 10.0)


def test_a_window_reads_what_lies_in_it(tmp_path: Path) -> None:
    grib(tmp_path / "data.grib2", [Message(TEMPERATURE + hours, hours=hours) for hours in range(3)])
    window = as_input(tmp_path).model_copy(update={"bbox": (11.1, 48.4, 12.6, 49.6)})
    found = load(window, ["TMP_2-HTGL"])
    np.testing.assert_allclose(found.values[2, 0], TEMPERATURE[1:3, 3:6] + 2, atol=1e-3)
    opened = pickle.loads(pickle.dumps(open_grib(str(tmp_path / "data.grib2"))))  # noqa: S301 - our own bytes
    turned = opened["TMP_2-HTGL"].isel(y=slice(None, None, -2), x=slice(6, 1, -2), t=1)
    np.testing.assert_allclose(turned.values, TEMPERATURE[::-2, 6:1:-2] + 1, atol=1e-3)


def test_longitudes_from_0_to_360_come_where_they_belong(tmp_path: Path) -> None:
    east = np.tile(np.arange(12) * 30.0 + 100, (6, 1))
    grib(tmp_path / "data.grib2", [Message(east)], west=-15, step=30, north=90)
    found = load(as_input(tmp_path))
    assert found["x"].values.tolist() == list(np.arange(-180.0, 180.0, 30.0))
    np.testing.assert_allclose(found.values[0, 0, 0], found["x"].values % 360 + 100, atol=1e-3)


def test_a_file_alone_and_an_unknown_parameter(tmp_path: Path) -> None:
    grid = {"crs": UTM, "west": 500_000, "north": 5_000_000, "step": 1000}
    path = grib(tmp_path / "odd.grb2", [Message(TEMPERATURE, parameter="192 250")], **grid)  # type: ignore[arg-type]
    found = load_file(path, Container.GRIB)
    assert found["bands"].values.tolist() == ["0.192.250_2-HTGL"]
    assert (found.rio.crs.is_projected, found["x"].values[0], found["y"].values[0]) == (True, 500_500, 4_999_500)
    np.testing.assert_allclose(found.values.squeeze(), TEMPERATURE, atol=1e-3)
    assert container("https://example.org/a.GRIB?x=1", None) is Container.GRIB


def test_two_messages_of_one_moment_are_refused(tmp_path: Path) -> None:
    path = grib(tmp_path / "data.grib2", [Message(TEMPERATURE), Message(TEMPERATURE + 1)])
    with pytest.raises(InputError, match="two messages hold 'TMP_2-HTGL' at 2020-01-01T00:00:00Z"):
        open_grib(str(path))


def test_what_is_no_grib_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.grib2").write_bytes(b"GRIB and no more")
    asset = PinnedAsset(item="run", key="data", href=str(tmp_path / "data.grib2"))
    with pytest.raises(InputError, match="'data' of item 'run' cannot be opened as grib"):
        probe(asset)


def test_grib_is_read_where_it_lies_over_http(tmp_path: Path) -> None:
    grib(tmp_path / "data.grib2", [Message(TEMPERATURE)])
    with serving_files(tmp_path) as address:
        np.testing.assert_allclose(open_grib(f"{address}/data.grib2")["TMP_2-HTGL"].values[0], TEMPERATURE, atol=1e-3)
        with pytest.raises(UnavailableError, match="cannot be opened"):
            open_grib(f"{address}/gone.grib2")

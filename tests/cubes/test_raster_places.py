"""Rasters lie where their files say, and rows run from north to south."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from cube_factories import ORIGIN, UTM, collection, item, pinned, raster
from hypothesis import given, settings
from hypothesis import strategies as st

from earthcode_platform.cubes.grid import grid_of
from earthcode_platform.cubes.load import load
from earthcode_platform.errors import InputError

PLACE = {"proj:code": UTM, "proj:shape": [2, 3], "proj:transform": [10.0, 0.0, ORIGIN[0], 0.0, -10.0, ORIGIN[1]]}
VALUES = np.array([[1, 2, 3], [0, 5, 65535]], dtype="uint16")


def one_band(**properties: object) -> dict[str, Any]:
    """Return an item of one band, `band.tif`, that says where it lies."""
    asset = {"href": "./band.tif", "type": "image/tiff", "raster:bands": [{"data_type": "uint16"}]}
    return item("one", "2020-01-01T10:00:00Z", {"B04": asset}, **properties)


def stored(
    folder: Path,
    content: dict[str, Any],
    values: np.ndarray[Any, Any] = VALUES,
    **options: Any,  # noqa: ANN401 - those of raster
) -> xr.DataArray:
    """Load the single item that describes `band.tif`, computed."""
    raster(folder / "band.tif", values, **options)
    return load(pinned(collection(folder, [content]))).compute()


@pytest.mark.parametrize(
    ("fields", "options", "words"),
    [
        ({"proj:code": "EPSG:32634"}, {}, "says proj:code EPSG:32634 .* the file says EPSG:32633"),
        ({"proj:code": None, "proj:epsg": 3035}, {}, "says proj:epsg 3035 .* the file says EPSG:32633"),
        ({"proj:shape": [3, 2]}, {}, r"says proj:shape \[3, 2\] .* the file says \[2, 3\]"),
        ({"proj:transform": [10.0, 0.0, 500_001.0, 0.0, -10.0, 5e6]}, {}, "says proj:transform .*500001"),
        ({"proj:transform": [10.0, 0.0, 5e5]}, {}, "says proj:transform"),
        ({}, {"crs": None}, "band.tif: the file of asset 'B04' of item 'one' has no coordinate reference system"),
    ],
)
def test_a_file_that_lies_elsewhere_than_its_item_says_is_refused(
    tmp_path: Path, fields: dict[str, Any], options: dict[str, Any], words: str
) -> None:
    content = one_band(**{**PLACE, **fields})
    with pytest.raises(InputError, match=words):
        stored(tmp_path, content, **options)


def test_an_item_may_round_its_place_and_write_nine_numbers(tmp_path: Path) -> None:
    rounded = [10.0, 0.0, 500_000.0004, 0.0, -10.0, 5e6, 0.0, 0.0, 1.0]
    content = one_band(**{**PLACE, "proj:transform": rounded})
    np.testing.assert_array_equal(stored(tmp_path, content).values[0, 0], VALUES)


@settings(max_examples=10, deadline=None)
@given(south_first=st.booleans(), east_first=st.booleans())
def test_rows_run_from_north_to_south_however_they_are_stored(
    tmp_path_factory: pytest.TempPathFactory, *, south_first: bool, east_first: bool
) -> None:
    a, c = (-10.0, ORIGIN[0] + 30) if east_first else (10.0, ORIGIN[0])
    e, f = (10.0, ORIGIN[1] - 20) if south_first else (-10.0, ORIGIN[1])
    turned = VALUES[:: -1 if south_first else 1, :: -1 if east_first else 1]
    found = stored(tmp_path_factory.mktemp("turned"), one_band(), turned, transform=Affine(a, 0.0, c, 0.0, e, f))
    np.testing.assert_array_equal(found.values[0, 0], VALUES)
    assert grid_of(found).transform == (10.0, 0.0, ORIGIN[0], 0.0, -10.0, ORIGIN[1])


def test_pixels_of_several_files_stay_where_they_are(tmp_path: Path) -> None:
    """Landsat's pixels begin at 15 m: no whole multiple of their 30 m."""
    for at in (0, 1):
        place = Affine(30.0, 0.0, 300_015.0 + 60 * at, 0.0, -30.0, 4_000_005.0)
        raster(tmp_path / f"{at}.tif", VALUES + at, transform=place)
    items = [
        item(f"i{at}", f"2020-01-0{at + 1}T10:00:00Z", {"B": {"href": f"./{at}.tif", "type": "image/tiff"}})
        for at in (0, 1)
    ]
    found = load(pinned(collection(tmp_path, items))).compute()
    assert found["x"].values.tolist() == [300_030.0 + 30 * column for column in range(5)]
    assert found["y"].values.tolist() == [3_999_990.0, 3_999_960.0]
    np.testing.assert_array_equal(found.values[0, 0, :, :3], VALUES)
    np.testing.assert_array_equal(found.values[1, 0, :, 2:], VALUES + np.uint16(1))

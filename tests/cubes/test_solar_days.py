"""Items of one solar day become one date, by the definition of odc-stac."""

from pathlib import Path
from typing import Any

import numpy as np
import odc.stac
import pystac
import pytest
from affine import Affine
from cube_factories import collection, gridded, gridded_input, item, pinned, raster

from earthcode_platform.cubes.load import load
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.solar_days import solar_days
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import Grouping
from earthcode_platform.models.pinned import PinnedInput

UTM_EAST = "EPSG:32756"
"""Around 153 degrees east, where midnight of UTC falls into the morning of the sun."""
MOMENTS = ("2020-01-01T23:50:00Z", "2020-01-02T00:10:00Z", "2020-01-02T23:50:00Z")
NEXT = 4
"""Columns by which each tile lies east of the one before."""


def tiles(folder: Path, step: float = 10.0, group: Grouping = Grouping.SOLAR_DAY) -> PinnedInput:
    """Return three items of 3 by 6 pixels, each two columns over the one before, with 1, 2 and 3 as values."""
    items = []
    for number, moment in enumerate(MOMENTS, start=1):
        west = 500_000.0 + NEXT * 10.0 * (number - 1)
        values = np.full((3, 6), number, "uint16")
        values[0, 5] = 0
        size = step if number == 2 else 10.0
        raster(folder / f"{number}.tif", values, nodata=0, crs=UTM_EAST, transform=Affine(size, 0, west, 0, -size, 6e6))
        asset = {
            "href": f"./{number}.tif",
            "type": "image/tiff",
            "raster:bands": [{"nodata": 0, "data_type": "uint16"}],
        }
        place: dict[str, Any] = {
            "proj:code": UTM_EAST, "proj:shape": [3, 6], "proj:transform": [size, 0.0, west, 0.0, -size, 6e6],
        }  # fmt: skip
        content = item(f"tile-{9 - number}", moment, {"a": asset}, **place)
        content["bbox"] = [153.0, -36.2, 153.01, -36.1]
        content["geometry"] = {"type": "Polygon", "coordinates": [[
            [153.0, -36.2], [153.01, -36.2], [153.01, -36.1], [153.0, -36.1], [153.0, -36.2],
        ]]}  # fmt: skip
        items.append(content)
    return pinned(collection(folder, items)).model_copy(update={"group": group})


def test_items_of_one_pass_are_one_date_and_the_first_with_data_counts(tmp_path: Path) -> None:
    source = tiles(tmp_path)
    found = load(source)
    assert np.datetime_as_string(found["t"].values, unit="m").tolist() == ["2020-01-01T23:50", "2020-01-02T23:50"]
    assert found.values[0, 0, 0].tolist()[:10] == pytest.approx([1, 1, 1, 1, 1, 2, 2, 2, 2, np.nan], nan_ok=True)
    assert found.values[0, 0, 1].tolist()[:10] == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2]
    assert load(tiles(tmp_path / "each", group=Grouping.MOMENT)).sizes["t"] == 3


def test_tiles_on_another_grid_are_grouped_in_the_same_order(tmp_path: Path) -> None:
    found = load(tiles(tmp_path, step=20.0))
    assert found.sizes["t"] == 2
    assert found.values[0, 0, 1].tolist()[:6] == [1, 1, 1, 1, 1, 1]


def test_days_are_those_of_odc_stac(tmp_path: Path) -> None:
    source = tiles(tmp_path)
    items = [pystac.Item.from_dict(found.item.content, href=source.href) for found in resolved_items(source)]
    parsed = list(odc.stac.parse_items(items))
    days = [one.solar_date_at(153.005).date() for one in parsed]
    ours = solar_days(resolved_items(source))
    assert [days.index(day) for day in days] == [ours.index(moment) for moment in ours] == [0, 0, 2]


@pytest.mark.parametrize(
    ("window", "days"),
    [
        (None, [0, 0, 2]),
        ((-1.0, -40.0, 1.0, -30.0), [0, 1, 1]),
        ((14.0, -40.0, 15.9, -30.0), [0, 1, 1]),
        ((14.0, -40.0, 16.0, -30.0), [0, 0, 2]),
        ((170.0, -40.0, -160.0, -30.0), [0, 0, 2]),
        ((-14.0, -40.0, -10.0, 0.0), [0, 1, 1]),
    ],
)
def test_the_middle_of_the_window_tells_the_hour(
    tmp_path: Path, window: tuple[float, float, float, float] | None, days: list[int]
) -> None:
    moments = solar_days(resolved_items(tiles(tmp_path)), window)
    assert [moments.index(moment) for moment in moments] == days


def test_files_with_dates_of_their_own_are_not_grouped(tmp_path: Path) -> None:
    gridded(tmp_path / "data.nc", np.arange(0.0, 360.0, 30.0), np.array([0.0, 30.0]))
    source = gridded_input(tmp_path).model_copy(update={"group": Grouping.SOLAR_DAY})
    with pytest.raises(InputError, match="dates of their own"):
        load(source)

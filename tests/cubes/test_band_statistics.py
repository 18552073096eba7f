import json
from datetime import UTC, datetime
from pathlib import Path

import cube_factories
import factories
import numpy as np
import pytest
from product_pieces import CUBES

from earthcode_platform.cubes.band_statistics import input_statistics, product_statistics
from earthcode_platform.cubes.describe import describe
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.cubes.write import MEDIA_TYPES, SUFFIXES, write
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import InputReference, ProductFormat
from earthcode_platform.models.quality import BandStatistics

MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def rows_of(folder: Path, **window: object) -> list[BandStatistics]:
    reference = InputReference.model_validate({"href": "data/collection.json", **window})
    found = list(input_statistics(pin_input("scenes", reference, folder)))
    assert all(isinstance(one, list) for one in found), found
    return [row for one in found for row in one if isinstance(one, list)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return factories.experiment_folder(tmp_path)


def test_each_asset_is_a_row(folder: Path) -> None:
    first, second = rows_of(folder)
    assert (first.source, first.item, first.asset, first.band) == ("scenes", "scene-2023-08-01", "B01", "B01")
    assert first.datetime == datetime(2023, 8, 1, 10, tzinfo=UTC)
    assert (first.dtype, first.crs, first.dates, first.rows, first.columns) == ("float32", "EPSG:4326", 1, 8, 8)
    assert (first.count, first.valid, first.valid_fraction) == (64, 64, 1.0)
    assert (first.minimum, first.median, first.mean, first.maximum) == (2.0, 5.5, 5.5, 9.0)
    assert first.size_bytes == (folder / "data/scene-2023-08-01/B01.tif").stat().st_size
    assert second.mean == 6.5


def test_only_the_window_is_looked_at(folder: Path) -> None:
    (row,) = rows_of(folder, bbox=[10.1, 45.1, 10.4, 45.4], datetime="2023-08-01/2023-08-02")
    assert (row.rows, row.columns, row.minimum, row.maximum) == (3, 3, 3.0, 5.0)


def test_stored_numbers_become_values_as_the_item_says(folder: Path) -> None:
    path = folder / "data/scene-2023-08-01/scene-2023-08-01.json"
    item = json.loads(path.read_text())
    item["assets"]["B01"] |= {"nodata": 9.0, "raster:scale": 0.1, "raster:offset": -1.0, "unit": "m"}
    path.write_text(json.dumps(item))
    row = rows_of(folder)[0]
    assert (row.valid, row.unit) == (56, "m")
    assert (row.minimum, row.maximum) == pytest.approx((-0.8, -0.2))


def test_an_asset_that_cannot_be_read_is_told_and_the_others_are_read(folder: Path) -> None:
    pin = pin_input("scenes", InputReference(href="data/collection.json"), folder)
    (folder / "data/scene-2023-08-01/B01.tif").write_bytes(b"II*\x00")
    error, rows = input_statistics(pin)
    assert isinstance(error, InputError)
    assert error.where == "scenes: scene-2023-08-01/B01"
    assert isinstance(rows, list)
    assert rows[0].item == "scene-2023-08-11"


@pytest.mark.parametrize("form", CUBES)
def test_a_product_is_read_from_its_files(tmp_path: Path, form: ProductFormat) -> None:
    values = np.arange(2 * 2 * 6 * 5, dtype="float64").reshape(2, 2, 6, 5)
    values[0, 0, 0, 0] = np.nan
    cube = cube_factories.cube(values, bands=("a", "b"), units=("m", ""))
    cube = cube.isel(t=0, drop=True) if form is ProductFormat.COG else cube
    path = tmp_path / f"made{SUFFIXES[form]}"
    write(cube, path, form, "Made")
    produced = describe(path, "Made", MEDIA_TYPES[form], MOMENT, MOMENT)
    rows = list(product_statistics({"data": produced}, "made"))
    assert [(row.band, row.unit, row.source, row.item) for row in rows] == [
        ("a", "m", "product", "made"),
        ("b", "", "product", "made"),
    ]
    dates = 1 if form is ProductFormat.COG else 2
    assert (rows[0].dates, rows[0].rows, rows[0].columns, rows[0].resolution_x) == (dates, 6, 5, 10.0)
    assert rows[0].valid == rows[0].count - 1 == dates * 30 - 1
    for row, known in zip(rows, produced.band_statistics, strict=True):
        assert (row.minimum, row.maximum, row.mean) == pytest.approx(
            (known["minimum"], known["maximum"], known["mean"])
        )


def test_netcdf_inputs_are_cut_to_the_window_too(tmp_path: Path) -> None:
    values = np.arange(3 * 4 * 4, dtype="float64").reshape(3, 1, 4, 4)
    cube = cube_factories.cube(values, bands=("sst",), crs="EPSG:4326", step=1.0)
    write(cube, tmp_path / "sst.nc", ProductFormat.NETCDF, "T")
    item = {
        "type": "Feature", "stac_version": "1.1.0", "id": "sst", "bbox": [0, -4, 4, 0], "geometry": None, "links": [],
        "properties": {"datetime": None, "start_datetime": "2020-01-01T00:00:00Z",
                       "end_datetime": "2020-01-03T00:00:00Z"},
        "assets": {"data": {"href": "./sst.nc", "type": "application/x-netcdf", "roles": ["data"]}},
    }  # fmt: skip
    factories.write_json(tmp_path / "item.json", item)
    reference = InputReference.model_validate({"href": "item.json", "bbox": [0, -4, 2, 0], "datetime": "2020-01-02/.."})
    ((row,),) = [one for one in input_statistics(pin_input("sst", reference, tmp_path)) if isinstance(one, list)]
    assert (row.band, row.dates, row.rows, row.columns, row.count) == ("sst", 2, 4, 2, 16)
    assert (row.minimum, row.maximum, row.crs, row.dtype) == (16.0, 45.0, "EPSG:4326", "float32")

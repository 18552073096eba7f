"""Values of geometries as CSV, GeoJSON and GeoParquet: written, read back by others' readers, described and drawn."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import xarray as xr
from PIL import Image
from pyarrow import parquet
from pyproj import Transformer

from earthcode_platform.cubes.describe_tables import describe_table
from earthcode_platform.cubes.dimensions import described_bands
from earthcode_platform.cubes.features import GEOMETRY, Feature, features_of, labels
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.quicklook import draw_quicklook
from earthcode_platform.cubes.read_tables import read_table, require_same
from earthcode_platform.cubes.tables import table_of
from earthcode_platform.cubes.values import data_checksum
from earthcode_platform.cubes.write import SUFFIXES, as_written, require_writable, write
from earthcode_platform.cubes.zone_maps import drawable
from earthcode_platform.errors import EarthCodeError, InputError, IntegrityError
from earthcode_platform.models.experiment import ProductFormat

CSV, GEOJSON, PARQUET = ProductFormat.CSV, ProductFormat.GEOJSON, ProductFormat.PARQUET
TABLES = (CSV, GEOJSON, PARQUET)
DAYS = np.array(["2020-01-30", "2020-02-09"], dtype="datetime64[ns]")
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def feature(left: float, **more: Any) -> Feature:  # noqa: ANN401 - JSON
    shape = shapely.box(500_000 + left, 4_999_900, 500_050 + left, 5_000_000)
    return Feature(shape, "EPSG:32633", json.dumps(more.pop("properties", {})), **more)


FEATURES = (
    feature(0, id="north", properties={"name": 'Ä, "field"', "crop": 3}),
    feature(100, properties={"name": None, "tags": ["a", 1]}),
    Feature(shapely.Polygon(), "EPSG:32633", '{"name": "nowhere"}'),
)


def vector(features: tuple[Feature, ...] = FEATURES) -> xr.DataArray:
    """A cube of two dates and two bands over geometries, the last of which is empty."""
    values = np.arange(4.0 * len(features)).reshape(2, 2, len(features)) / 10
    values[0, 0, 1], values[:, :, -1] = np.nan, np.nan
    made = xr.DataArray(
        values, {"t": DAYS, "bands": ["B04", "B08"], GEOMETRY: labels(features)}, ("t", "bands", GEOMETRY)
    )
    return described_bands(made, ["1", ""], ["red", "nir"], [0.66, 0.84])


def series() -> xr.DataArray:
    return xr.DataArray([1.5, np.nan], {"t": DAYS}, ["t"])


def written(folder: Path, form: ProductFormat, made: xr.DataArray | None = None, **options: Any) -> Path:  # noqa: ANN401 - JSON
    path = folder / f"a{SUFFIXES[form]}"
    write(vector() if made is None else made, path, form, "A table", read_options(options, form))
    return path


def test_a_csv_has_a_line_for_each_geometry_and_date(tmp_path: Path) -> None:
    with written(tmp_path, CSV).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["feature_index", "feature_id", "name", "crop", "tags", "t", "B04", "B08", "geometry"]
    assert [row["feature_index"] for row in rows] == ["0", "0", "1", "1", "2", "2"]
    assert rows[0] | {"geometry": ""} == {
        "feature_index": "0", "feature_id": "north", "name": 'Ä, "field"', "crop": "3", "tags": "",
        "t": "2020-01-30T00:00:00Z", "B04": "0", "B08": "0.3", "geometry": "",
    }  # fmt: skip
    assert (rows[2]["name"], rows[2]["tags"], rows[2]["B04"], rows[2]["B08"]) == ("", '["a", 1]', "", "0.4")
    assert shapely.from_wkt(rows[0]["geometry"]).bounds == pytest.approx((15.0, 45.1526, 15.0006, 45.1535), abs=1e-4)
    assert rows[4]["geometry"] == ""


def test_a_geojson_is_in_degrees_and_has_null_for_no_data(tmp_path: Path) -> None:
    path = written(tmp_path, GEOJSON, coordinate_precision=5)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    first, *_, last = found["features"]
    assert first["properties"]["tags"] is None
    assert (first["properties"]["t"], first["properties"]["B08"]) == ("2020-01-30T00:00:00Z", 0.3)
    assert found["features"][2]["properties"]["B04"] is None
    assert last["geometry"] is None
    corners = np.array(first["geometry"]["coordinates"][0])
    np.testing.assert_array_equal(corners, np.round(corners, 5))
    expected = Transformer.from_crs(32633, 4326, always_xy=True).transform(500_050, 5_000_000)
    assert corners.max(axis=0) == pytest.approx(expected, abs=1e-5)


def test_a_geoparquet_keeps_the_reference_system(tmp_path: Path) -> None:
    read = parquet.read_table(written(tmp_path, PARQUET, compression="zstd"))
    told = json.loads(read.schema.metadata[b"geo"])
    assert (told["version"], told["primary_column"]) == ("1.1.0", "geometry")
    column = told["columns"]["geometry"]
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Polygon"])
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 32633}
    assert {name: str(read.schema.field(name).type) for name in ("feature_index", "crop", "B04", "name")} == {
        "feature_index": "int64", "crop": "int64", "B04": "double", "name": "string",
    }  # fmt: skip
    assert shapely.from_wkb(read.column("geometry")[0].as_py()).equals(FEATURES[0].shape)
    assert read.column("B04").to_pylist() == [0.0, 0.6, None, 0.7, None, None]


@pytest.mark.parametrize("form", TABLES)
def test_what_is_written_reads_back_and_is_compared(tmp_path: Path, form: ProductFormat) -> None:
    path = written(tmp_path, form)
    table = table_of(as_written(vector(), "", read_options({}, form)))
    require_same(table, path)
    found = read_table(path)
    assert list(found.columns) == list(table.columns)
    assert found.columns["B08"] == [0.3, 0.9, 0.4, 1.0, None, None]
    other = table_of(as_written(vector() + 0.1, "", read_options({}, form)))
    with pytest.raises(IntegrityError, match="does not hold"):
        require_same(other, path)


@pytest.mark.parametrize("form", TABLES)
def test_equal_cubes_give_equal_files_and_others_other_checksums(tmp_path: Path, form: ProductFormat) -> None:
    one, two = (written(tmp_path / name, form) for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    changed = (feature(1, id="north"), *FEATURES[1:])
    for at, made in enumerate((vector() + 1, vector(changed), vector().isel(t=[0]))):
        assert data_checksum(written(tmp_path / str(at), form, made)) != data_checksum(one)


def test_checksums_do_not_hang_on_the_container(tmp_path: Path) -> None:
    one, two = (written(tmp_path / name, PARQUET, compression=name) for name in ("zstd", "gzip"))
    assert one.read_bytes() != two.read_bytes()
    assert data_checksum(one) == data_checksum(two)


def test_counts_are_written_whole_and_large_numbers_exactly(tmp_path: Path) -> None:
    counts = vector() * 10 + 2**25
    assert read_table(written(tmp_path, CSV, counts)).columns["B08"][0] == 2**25 + 3
    text = written(tmp_path / "whole", GEOJSON, vector() * 10, dtype="uint8").read_text(encoding="utf-8")
    assert '"B08": 3}' in text
    assert (
        str(parquet.read_table(written(tmp_path, PARQUET, vector() * 10, dtype="int16")).schema.field("B04").type)
        == "int64"
    )


def test_series_and_single_values_are_csv(tmp_path: Path) -> None:
    path = written(tmp_path, CSV, series(), separator=";")
    assert path.read_text(encoding="utf-8") == "t;value\n2020-01-30T00:00:00Z;1.5\n2020-02-09T00:00:00Z;\n"
    assert read_table(path).columns["value"] == [1.5, None]
    single = written(tmp_path / "one", CSV, xr.DataArray(0.5))
    assert single.read_text(encoding="utf-8") == "value\n0.5\n"


def test_geometries_may_be_left_out_of_csv(tmp_path: Path) -> None:
    path = written(tmp_path, CSV, geometry="none")
    assert "geometry" not in read_table(path).columns
    require_same(table_of(as_written(vector())), path)


def test_a_table_is_described_by_its_columns_and_geometries(tmp_path: Path) -> None:
    path, made = written(tmp_path, PARQUET), as_written(vector())
    found = describe_table(made, table_of(made), path, ("A table", "application/vnd.apache.parquet"), (MOMENT, MOMENT))
    assert found.table is not None
    assert (found.table.rows, found.table.primary_geometry, found.table.crs) == (6, "geometry", "EPSG:32633")
    assert {column.name: column.type for column in found.table.columns} == {
        "feature_index": "int64", "feature_id": "string", "name": "string", "crop": "int64", "tags": "string",
        "t": "string", "B04": "double", "B08": "double", "geometry": "geometry",
    }  # fmt: skip
    assert found.bbox == pytest.approx((15.0, 45.1526, 15.0019, 45.1535), abs=1e-4)
    assert found.dimensions["geometry"]["geometry_types"] == ["Polygon"]
    assert found.dimensions["geometry"]["reference_system"] == 32633
    assert found.dimensions["t"]["extent"] == ["2020-01-30T00:00:00Z", "2020-02-09T00:00:00Z"]
    assert (found.start.isoformat(), found.bands, found.units) == (
        "2020-01-30T00:00:00+00:00",
        ("B04", "B08"),
        ("1", None),
    )
    assert found.band_statistics[0]["valid_percent"] == pytest.approx(50)


def test_polygons_of_one_date_are_drawn_as_a_map_and_others_as_a_chart(tmp_path: Path) -> None:
    drawn = drawable(vector().isel(t=0))
    assert drawn.dims == ("bands", "y", "x")
    assert set(np.unique(drawn.values[np.isfinite(drawn.values)])) == {0.0}
    assert set(np.unique(drawable(vector().isel(t=1)).values[0, 100:300])) >= {0.6, 0.7}
    chart = drawable(vector())
    assert chart[GEOMETRY].values.tolist() == [1, 2, 3]
    assert drawable(series()) is not None
    for at, made in enumerate((vector().isel(t=0), vector(), vector().isel(t=0, bands=0))):
        draw_quicklook(drawable(made), tmp_path / f"{at}.png", "Fields")
        with Image.open(tmp_path / f"{at}.png") as picture:
            assert picture.size[0] >= 800


def with_band(name: str) -> xr.DataArray:
    return vector().assign_coords(bands=["B04", name])


@pytest.mark.parametrize(
    ("form", "made", "words"),
    [
        (CSV, xr.DataArray(np.ones((2, 2)), dims=("y", "x")), "dimensions y, x, and CSV holds no pixels"),
        (GEOJSON, series(), "no geometries, only t, and GeoJSON holds geometries"),
        (PARQUET, xr.DataArray(1.0), "no geometries, only a single value"),
        (CSV, with_band("crop"), "column 'crop' twice"),
        (CSV, with_band("geometry"), "column 'geometry' twice"),
        (PARQUET, with_band("feature_index"), "column 'feature_index' twice"),
        (CSV, vector().isel({GEOMETRY: []}), "nothing along 'geometry'"),
        (ProductFormat.ZARR, vector(), "has geometries, and Zarr holds none"),
        (ProductFormat.COG, vector(), "has geometries, and COG holds none"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_before_it_is_computed(
    form: ProductFormat, made: xr.DataArray, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        require_writable(made.chunk(), form, "node 'save'")


@pytest.mark.parametrize(
    ("form", "made", "words"),
    [
        (GEOJSON, vector() / 0, "infinite value"),
        (GEOJSON, vector((Feature(shapely.Point(1e9, 1e9), "EPSG:32633"), FEATURES[1])), "no longitudes and latitudes"),
        (CSV, vector((Feature(shapely.Point(200, 0)), Feature(shapely.Point(0, 0)))), "no longitudes and latitudes"),
    ],
)
def test_what_it_cannot_hold_by_its_values_leaves_no_file(
    tmp_path: Path, form: ProductFormat, made: xr.DataArray, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        written(tmp_path, form, made)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.csv", "a.geojson", "a.parquet"])
def test_what_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe{}")
    with pytest.raises(EarthCodeError, match="cannot be read as a table"):
        read_table(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("short.csv", "a,b\n1\n"),
        ("empty.csv", ""),
        ("shape.csv", "a,geometry\n1,CIRCLE (1 2)\n"),
        ("list.geojson", "[]"),
        ("features.geojson", '{"features": [7]}'),
        ("shape.geojson", '{"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": []}}, 7]}'),
    ],
)
def test_what_is_no_whole_table_is_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match="cannot be read as a table"):
        read_table(tmp_path / name)


def test_features_are_told_from_other_labels() -> None:
    assert features_of(vector()) == FEATURES
    with pytest.raises(InputError, match="no geometries, only t, bands, geometry"):
        features_of(vector().assign_coords({GEOMETRY: [1, 2, 3]}))

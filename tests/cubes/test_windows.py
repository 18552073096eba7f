"""Boxes and spans of time, on grids in degrees and in metres."""

from datetime import UTC, datetime

import numpy as np
import pytest
from cube_factories import cube
from hypothesis import given
from hypothesis import strategies as st

from earthcode_platform.cubes.crs import crs_from_grid_mapping, crs_name, is_geographic
from earthcode_platform.cubes.extent import intersects, item_bbox, lonlat_bbox
from earthcode_platform.cubes.resample import resampled, resampled_like
from earthcode_platform.cubes.window import in_box, in_window, span
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.window import TimeWindow

longitude = st.integers(-180, 180)
latitude = st.integers(-90, 90)


@given(west=longitude, east=longitude, south=latitude, north=latitude, lon=longitude, lat=latitude)
def test_a_point_meets_a_box_just_when_it_lies_in_it(
    west: int, east: int, south: int, north: int, lon: int, lat: int
) -> None:
    inside = south <= lat <= north and (west <= lon <= east if west <= east else lon >= west or lon <= east)
    assert intersects((west, south, east, north), (lon, lat, lon, lat)) == inside


@pytest.mark.parametrize(
    ("item", "box"),
    [
        ({"bbox": [1, 2, 3, 4]}, (1, 2, 3, 4)),
        ({"bbox": [1, 2, 0, 3, 4, 9]}, (1, 2, 3, 4)),
        ({"geometry": {"type": "Point", "coordinates": [5, 6, 7]}}, (5, 6, 5, 6)),
        ({"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 3], [0, 0]]]}}, (0, 0, 2, 3)),
        (
            {"geometry": {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}},
            (1, 2, 1, 2),
        ),
        ({"geometry": None}, None),
        ({"bbox": [1, 2]}, None),
    ],
)
def test_the_box_of_an_item(item: dict[str, object], box: tuple[float, ...] | None) -> None:
    assert item_bbox(item) == box  # type: ignore[arg-type]  # JSON objects


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((-180.5, -5.0, -80.0, 5.0), (179.5, -5.0, -80.0, 5.0)),
        ((170.0, -5.0, 240.0, 5.0), (170.0, -5.0, -120.0, 5.0)),
        ((-180.4, -91.0, 179.6, 90.5), (-180.0, -90.0, 180.0, 90.0)),
        ((0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0, 10.0)),
    ],
)
def test_boxes_in_degrees_stay_on_the_globe(box: tuple[float, ...], expected: tuple[float, ...]) -> None:
    assert lonlat_bbox("EPSG:4326", box) == pytest.approx(expected)  # type: ignore[arg-type]  # four numbers


def test_a_box_in_degrees_cuts_a_grid_in_metres() -> None:
    made = cube(np.arange(100.0).reshape(1, 1, 10, 10), step=1000.0)
    west, south, east, north = lonlat_bbox("EPSG:32633", (502_000, 4_993_000, 505_000, 4_997_000))
    found = in_box(made, (west, south, east, north))
    assert found.sizes["x"] == 3
    assert found.sizes["y"] == 4
    same = in_box(made, (502_000, 4_993_000, 505_000, 4_997_000), "EPSG:32633")
    np.testing.assert_array_equal(found["x"].values, same["x"].values)


def test_both_ends_of_a_window_count() -> None:
    made = cube(np.zeros((5, 1, 1, 1)))
    assert in_window(made, TimeWindow.parse("2020-01-02/2020-01-04")).sizes["t"] == 3
    assert in_window(made, TimeWindow.parse("../2020-01-02")).sizes["t"] == 2
    with pytest.raises(InputError, match="2020-01-01T00:00:00"):
        in_window(made, TimeWindow.parse("2021-01-01/.."))
    assert span(made) == (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 5, tzinfo=UTC))


def test_a_sphere_without_datum_is_taken_for_epsg_4326() -> None:
    sphere = {"grid_mapping_name": "latitude_longitude", "earth_radius": 6371229.0}
    assert crs_from_grid_mapping(sphere) == "EPSG:4326"
    assert crs_from_grid_mapping({"crs_wkt": crs_name("ESRI:54009")}).startswith("PROJCRS")
    assert crs_from_grid_mapping({"spatial_ref": crs_name("EPSG:3035")}) == "EPSG:3035"
    with pytest.raises(InputError, match="describes no CRS"):
        crs_from_grid_mapping({"grid_mapping_name": "flat_earth"})
    with pytest.raises(InputError, match="no coordinate reference system"):
        crs_name("EPSG:0")
    assert is_geographic("EPSG:4326")
    assert not is_geographic("EPSG:32633")


def test_resampling_to_a_coarser_grid_averages() -> None:
    made = cube(np.arange(16.0).reshape(1, 1, 4, 4))
    found = resampled(made, (20.0, 20.0), None, "average").compute()
    assert found.values[0, 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert found["x"].values.tolist() == [500_010.0, 500_030.0]


def test_resampling_to_another_cube_takes_its_pixels() -> None:
    made, target = cube(np.arange(16.0).reshape(1, 1, 4, 4)), cube(np.zeros((1, 1, 2, 2)), step=20.0)
    found = resampled_like(made, target, "near").compute()
    np.testing.assert_array_equal(found["y"].values, target["y"].values)
    assert set(found.values.ravel()) <= set(range(16))
    with pytest.raises(UnknownNameError, match="mean 'near'"):
        resampled_like(made, target, "neares")


def test_resampling_to_another_projection_keeps_the_place() -> None:
    made = cube(np.arange(10_000.0).reshape(1, 1, 100, 100), step=100.0)
    there = resampled(made, (0.0, 0.0), "EPSG:3035", "near").compute()
    back = resampled_like(there, made, "near").compute()
    middle = (slice(None), slice(None), slice(20, 80), slice(20, 80))
    off = np.abs(back.values[middle] - made.values[middle])
    assert np.nanmedian(np.minimum(off % 100, 100 - off % 100)) <= 1


@pytest.mark.parametrize("turn", [-720, -360, 0, 360, 720])
def test_a_box_may_be_named_any_turn_away(turn: int) -> None:
    degrees = cube(np.arange(24.0).reshape(1, 1, 4, 6), crs="EPSG:4326", step=1.0)
    assert in_box(degrees, (1.0 + turn, -3.0, 3.0 + turn, 0.0))["x"].values.tolist() == [1.5, 2.5]
    metres = cube(np.arange(24.0).reshape(1, 1, 4, 6))
    assert in_box(metres, (14.9 + turn, 44.0, 15.1 + turn, 46.0)).shape == metres.shape


@pytest.mark.parametrize("box", [(190.0, -10.0, 200.0, 10.0), (105.0, 44.0, 106.0, 46.0), (14.9, 47.0, 15.1, 48.0)])
def test_a_box_far_from_a_projected_grid_holds_nothing(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="holds no pixel centre"):
        in_box(cube(np.arange(24.0).reshape(1, 1, 4, 6)), box)

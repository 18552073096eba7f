"""Geometries that a graph reads, moves, widens and chooses."""

from typing import Any

import numpy as np
import pytest
from cube_factories import ORIGIN, cube
from process_calls import call
from pyproj import Geod

from earthcode_platform.engines.openeo.geometries import Geometries
from earthcode_platform.engines.openeo.registry import processes, unfit
from earthcode_platform.errors import ExecutionError, InputError

Json = dict[str, Any]
POINT = {"type": "Point", "coordinates": [15.0, 45.0]}
TOKYO = {"type": "Point", "coordinates": [139.7, 35.7]}


def square(west: float, south: float, side: float) -> Json:
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def collection(*shapes: Json) -> Json:
    return {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": shape} for shape in shapes]}


def test_a_buffer_is_as_wide_on_the_ground() -> None:
    in_metres = call("vector_reproject", data=call("load_geojson", data=POINT), projection=32633)
    assert in_metres.crs == "EPSG:32633"
    back = call("vector_reproject", data=call("vector_buffer", geometries=in_metres, distance=1000), projection=4326)
    corners = np.array(back.shapes[0].exterior.coords)
    away = Geod(ellps="WGS84").inv(*([15.0] * len(corners), [45.0] * len(corners)), *corners.T)[2]
    assert np.array(away) == pytest.approx(1000, rel=1e-3)


def test_a_buffer_hides_the_pixels_around_a_point() -> None:
    place = {"type": "Point", "coordinates": [ORIGIN[0] + 35, ORIGIN[1] - 35], "crs": 32633}
    made = cube(np.ones((1, 1, 7, 7)))
    masked = call("mask_polygon", data=made, mask=call("vector_buffer", geometries=place, distance=12), inside=True)
    rows, columns = np.nonzero(np.isnan(masked.values[0, 0]))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(2, 3), (3, 2), (3, 3), (3, 4), (4, 3)]


def test_what_a_negative_buffer_swallows_is_gone() -> None:
    both = collection(square(0, 0, 10), square(100, 0, 100)) | {"crs": 32633}
    left = call("vector_buffer", geometries=both, distance=-20)
    assert [shape.bounds for shape in left.shapes] == [(120.0, 20.0, 180.0, 80.0)]


@pytest.mark.parametrize(
    ("relation", "kept"),
    [("intersects", [0, 1, 2]), ("disjoint", [3]), ("contains", [0]), ("overlaps", [1]), ("touches", [2])],
)
def test_geometries_are_chosen_by_their_relation(relation: str, kept: list[int]) -> None:
    candidates = [square(1, 1, 1), square(9, 9, 5), square(10, 0, 5), square(50, 50, 1)]
    found = call("filter_vector", data=collection(*candidates), geometries=square(0, 0, 10), relation=relation)
    wests = [candidates[at]["coordinates"][0][0][0] for at in kept]
    assert isinstance(found, Geometries)
    assert [shape.bounds[0] for shape in found.shapes] == wests


def test_others_are_compared_in_the_system_of_the_data() -> None:
    near = {**square(490_000.0, 4_970_000.0, 20_000.0), "crs": 32633}
    found = call("filter_vector", data=collection(POINT, TOKYO), geometries=near)
    assert [shape.x for shape in found.shapes] == [15.0]


@pytest.mark.parametrize(
    ("process", "arguments", "words"),
    [
        ("vector_buffer", {"geometries": POINT, "distance": 10}, "UnitMismatch.*degree"),
        ("vector_buffer", {"geometries": POINT, "distance": 0}, "changes nothing"),
        ("vector_reproject", {"data": POINT, "projection": 4326, "dimension": "t"}, "DimensionNotAvailable"),
        ("vector_reproject", {"data": POINT, "projection": 999999}, "no coordinate reference system"),
        ("load_geojson", {"data": POINT, "properties": ["name"]}, "no feature has the property .name."),
        ("load_geojson", {"data": {"type": "Circle"}}, "'Circle'"),
    ],
)
def test_what_cannot_be_done_is_said(process: str, arguments: Json, words: str) -> None:
    with pytest.raises((ExecutionError, InputError), match=words):
        call(process, **arguments)


def test_wrong_arguments_are_seen_before_the_run() -> None:
    buffer = processes()["vector_buffer"].arguments
    assert unfit(buffer["distance"], 0) is not None
    assert unfit(buffer["geometries"], {"type": "Circle"}) is not None
    assert unfit(buffer["geometries"], POINT) is None
    assert unfit(buffer["geometries"], call("load_geojson", data=POINT)) is None

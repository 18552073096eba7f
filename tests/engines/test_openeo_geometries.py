"""Cubes cut and masked by geometries; GDAL's rasterizer is the independent witness."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from cube_factories import ORIGIN, cube
from hypothesis import given, settings
from hypothesis import strategies as st
from process_calls import call
from pyproj import Transformer
from rasterio.features import geometry_mask

from earthcode_platform.engines.openeo.along import is_truth, marked_truth
from earthcode_platform.engines.openeo.geometries import geometries_of
from earthcode_platform.engines.openeo.missing import missed
from earthcode_platform.engines.openeo.processes.vectors import filter_spatial, mask_polygon
from earthcode_platform.errors import ExecutionError, InputError

Json = dict[str, Any]
ROWS, COLUMNS = 7, 9
UTM_MEMBER = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
CORNERS = st.tuples(st.floats(-20.3, 110.3), st.floats(-20.3, 90.3))


def sample() -> xr.DataArray:
    return cube(1 + np.arange(2.0 * ROWS * COLUMNS).reshape(2, 1, ROWS, COLUMNS))


def on_ground(*corners: tuple[float, float]) -> list[list[float]]:
    """Return metres to the right of and below the cube's corner as coordinates."""
    return [[ORIGIN[0] + right, ORIGIN[1] - down] for right, down in corners]


def polygon(*corners: tuple[float, float]) -> Json:
    return {"type": "Polygon", "coordinates": [on_ground(*corners, corners[0])], "crs": UTM_MEMBER}


def in_degrees(*corners: tuple[float, float]) -> Json:
    move = Transformer.from_crs("EPSG:32633", "EPSG:4326", always_xy=True).transform
    return {"type": "Polygon", "coordinates": [[list(move(*place)) for place in on_ground(*corners, corners[0])]]}


def kept(process: str, **arguments: Any) -> list[list[bool]]:  # noqa: ANN401 - arguments of a process
    found = call(process, data=sample(), **arguments)
    return np.isfinite(found.values[0, 0]).tolist()


@settings(max_examples=20, deadline=None)
@given(st.lists(CORNERS, min_size=3, max_size=3))
def test_masks_keep_the_pixels_whose_centres_lie_inside(corners: list[tuple[float, float]]) -> None:
    shape = polygon(*corners)
    outside = geometry_mask([shape], (ROWS, COLUMNS), Affine(10, 0, ORIGIN[0], 0, -10, ORIGIN[1]))
    found = np.array(kept("mask_polygon", mask=shape))
    # GDAL and Simple Features may differ for centres that lie on an edge, to a nanometre.
    x, y = sample()["x"].values, sample()["y"].values
    edge = _near_an_edge(on_ground(*corners, corners[0]), *np.meshgrid(x, y))
    np.testing.assert_array_equal(found[~edge], ~outside[~edge])
    np.testing.assert_array_equal(np.array(kept("mask_polygon", mask=shape, inside=True)), ~found)


def _near_an_edge(ring: list[list[float]], x: np.ndarray, y: np.ndarray) -> np.ndarray:
    near = np.zeros(x.shape, dtype=bool)
    for (ax, ay), (bx, by) in pairwise(ring):
        length = max((bx - ax) ** 2 + (by - ay) ** 2, 1e-12)
        share = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0, 1)
        near |= np.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y) < 1e-6
    return near


def test_degrees_and_metres_mean_the_same() -> None:
    corners = ((12.0, 3.0), (61.0, 18.0), (34.0, 57.0))
    assert kept("mask_polygon", mask=in_degrees(*corners)) == kept("mask_polygon", mask=polygon(*corners))


def test_a_hole_is_outside_and_several_polygons_count_together() -> None:
    ring, hole = (
        on_ground((0, 0), (90, 0), (90, 70), (0, 70), (0, 0)),
        on_ground((20, 20), (60, 20), (60, 60), (20, 20)),
    )
    shape = {"type": "Polygon", "coordinates": [ring, hole], "crs": UTM_MEMBER}
    found = np.array(kept("mask_polygon", mask=shape))
    assert not found[2, 4]
    assert found[0, 0]
    features = [{"type": "Feature", "geometry": one} for one in (shape, polygon((40, 20), (60, 20), (50, 40)), None)]
    together = np.array(
        kept("mask_polygon", mask={"type": "FeatureCollection", "features": features, "crs": UTM_MEMBER})
    )
    assert together[2, 4]
    assert together.sum() > found.sum()


def test_a_replacement_is_put_in_and_no_data_stays() -> None:
    made = sample()
    made = made.where(made != 1)
    found = call("mask_polygon", data=made, mask=polygon((31, 1), (59, 1), (59, 69), (31, 69)), replacement=-5)
    assert np.isnan(found.values[0, 0, 0, 0])
    assert found.values[0, 0, 1].tolist() == [-5, -5, -5, 13, 14, 15, -5, -5, -5]
    assert is_truth(call("mask_polygon", data=marked_truth(made), mask=polygon((0, 0), (90, 0), (0, 70))))


def test_a_filter_cuts_to_the_box_and_hides_what_is_not_met() -> None:
    shape = polygon((11, 11), (59, 11), (11, 49))
    found = call("filter_spatial", data=sample(), geometries=shape)
    assert found.dims == ("t", "bands", "y", "x")
    assert (found.sizes["y"], found.sizes["x"]) == (4, 5)
    masked = call("mask_polygon", data=sample(), mask=shape)
    xr.testing.assert_identical(found, masked.sel(y=found["y"], x=found["x"]))
    assert np.isnan(found.values[0, 0, -1, -1])


@pytest.mark.parametrize(
    ("geometry", "pixels"),
    [
        ({"type": "Point", "coordinates": on_ground((23, 31))[0]}, [(3, 2)]),
        ({"type": "MultiPoint", "coordinates": on_ground((1, 1), (89, 69))}, [(0, 0), (6, 8)]),
        ({"type": "LineString", "coordinates": on_ground((5, 25), (38, 25))}, [(2, 0), (2, 1), (2, 2), (2, 3)]),
    ],
)
def test_points_and_lines_take_the_nearest_pixels(geometry: Json, pixels: list[tuple[int, int]]) -> None:
    made = sample()
    found = call("filter_spatial", data=made, geometries={**geometry, "crs": UTM_MEMBER})
    wanted = [float(made.values[0, 0, row, column]) for row, column in pixels]
    assert found.values[0, 0][np.isfinite(found.values[0, 0])].tolist() == wanted


def test_longitudes_go_around_the_globe() -> None:
    values = np.arange(36.0).reshape(1, 1, 1, 36)
    globe = cube(values, crs="EPSG:4326", step=10.0)
    ring = [[-30.0, -20.0], [-10.0, -20.0], [-10.0, 20.0], [-30.0, 20.0], [-30.0, -20.0]]
    found = call("filter_spatial", data=globe, geometries={"type": "Polygon", "coordinates": [ring]})
    assert found.values.ravel().tolist() == [33.0, 34.0]


def test_geometries_that_miss_the_data_leave_nothing_and_the_check_says_so() -> None:
    far = {"type": "Polygon", "coordinates": [[[-70.0, 1.0], [-60.0, 1.0], [-60.0, 9.0], [-70.0, 1.0]]]}
    made = sample()
    found = call("filter_spatial", data=made, geometries=far)
    assert (found.sizes["y"], found.sizes["x"]) == (0, 0)
    told = missed("filter_spatial", {"data": made, "geometries": far}, found)
    assert told is not None
    assert "NoDataAvailable" in told.message
    assert not np.array(kept("mask_polygon", mask=far)).any()


def test_nothing_is_computed_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dask.base.compute", lambda *_, **__: pytest.fail("pixels are read"))
    made, shape = sample(), polygon((0, 0), (50, 0), (0, 50))
    for lazy in (mask_polygon(made, shape), filter_spatial(made, shape)):
        assert lazy.chunks is not None
    assert filter_spatial(made, shape).shape == (2, 1, 5, 5)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ("POINT (1 2)", "no GeoJSON object"),
        ({"type": "Circle"}, "'Circle' is no geometry"),
        ({"type": "GeometryCollection", "geometries": []}, "'GeometryCollection' is no geometry"),
        ({"type": "FeatureCollection"}, "no list of features"),
        ({"type": "Polygon", "coordinates": [[[1.0], [2.0]]]}, "no usable coordinates"),
        ({"type": "Polygon"}, "no usable coordinates"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, float("inf")], [0, 0]]]}, "no finite number"),
        ({"type": "Point", "coordinates": [1, 2], "crs": 999999}, "no coordinate reference system"),
        ({"type": "Point", "coordinates": [1, 2], "crs": [1]}, "names no reference system"),
    ],
)
def test_what_is_no_geometry_is_refused(shape: object, words: str) -> None:
    with pytest.raises((ExecutionError, InputError), match=words):
        geometries_of(shape)


def test_a_mask_takes_polygons_alone_and_needs_places() -> None:
    with pytest.raises(ExecutionError, match="a Point is no polygon"):
        call("mask_polygon", data=sample(), mask={"type": "Point", "coordinates": [15.0, 45.0]})
    flat = sample().isel(x=0, drop=True)
    with pytest.raises(ExecutionError, match=r"DimensionMissing.*'x'"):
        call("mask_polygon", data=flat, mask=polygon((0, 0), (50, 0), (0, 50)))

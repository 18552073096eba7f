"""Pixels aggregated over geometries and put back: NumPy and shapely, pixel by pixel, are the independent witness."""

import math

import numpy as np
import pytest
import shapely
import xarray as xr
from cube_factories import UTM, cube
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from process_calls import Parameters, call, callback, reducer
from pyproj import Transformer
from zonal_pieces import COLUMNS, ROWS, Json, collection, identity, on_ground, point, polygon, sample, square, witness

from earthcode_platform.cubes.crs import with_crs
from earthcode_platform.cubes.features import features_of
from earthcode_platform.engines.openeo.processes.zonal import aggregate_spatial, apply_polygon, vector_to_raster
from earthcode_platform.errors import ExecutionError, InputError

PLACES = st.tuples(st.integers(-25, 105), st.integers(-25, 85))
CORNERS = st.lists(PLACES, min_size=3, max_size=5)
ELEMENTS = {
    "uint8": st.integers(0, 255),
    "int16": st.integers(-3000, 3000),
    "float32": st.one_of(st.integers(-200, 200).map(lambda number: number / 4), st.just(math.nan)),
    "float64": st.one_of(st.integers(-200, 200).map(lambda number: number / 4), st.just(math.nan)),
}
REDUCERS = {
    "mean": np.mean,
    "min": np.min,
    "max": np.max,
    "sum": np.sum,
    "median": np.median,
    "count": np.size,
    "sd": lambda values: np.std(values, ddof=1) if values.size > 1 else math.nan,
}


@st.composite
def rasters(draw: st.DrawFn) -> xr.DataArray:
    dtype = draw(st.sampled_from(sorted(ELEMENTS)))
    values = draw(arrays(dtype, (2, 1, ROWS, COLUMNS), elements=ELEMENTS[dtype]))
    made = cube(np.zeros((2, 1, ROWS, COLUMNS))).copy(data=values)
    chunks = {name: draw(st.integers(1, size)) for name, size in made.sizes.items()}
    return made.transpose(*draw(st.permutations(list(made.dims)))).chunk(chunks)


@settings(max_examples=20, deadline=None)
@given(rasters(), st.lists(CORNERS, min_size=1, max_size=3), st.sampled_from(sorted(REDUCERS)))
def test_values_are_those_of_numpy_for_any_type_gaps_and_chunks(
    made: xr.DataArray, rings: list[list[tuple[int, int]]], name: str
) -> None:
    shapes = [polygon(*ring) for ring in rings]
    found = call("aggregate_spatial", data=made, geometries=collection(*shapes), reducer=reducer(name))
    assert found.dims == ("t", "bands", "geometry")
    values = made.transpose("t", "bands", "y", "x").values.astype("float64")
    for at, shape in enumerate(shapes):
        met = witness(made, shape)
        for date in range(2):
            inside = values[date, 0][met]
            known = inside[~np.isnan(inside)]
            nothing = met.sum() == 0 or (known.size == 0 and name != "count")
            expected = math.nan if nothing else float(REDUCERS[name](known))
            assert found.values[date, 0, at] == pytest.approx(expected, rel=1e-6, nan_ok=True)


def test_only_its_own_pixels_are_handed_to_the_reducer() -> None:
    made = sample()
    every = callback("count", data=Parameters("data"), condition=True)
    strict = reducer("mean", ignore_nodata=False)
    areas = collection(square(0, 0, 30, 20), polygon((0, 0), (80, 0), (0, 60)))
    assert call("aggregate_spatial", data=made, geometries=areas, reducer=every).values[0, 0].tolist() == [6, 24]
    assert np.isfinite(call("aggregate_spatial", data=made, geometries=areas, reducer=strict).values).all()


def test_points_lines_and_what_is_empty_or_elsewhere() -> None:
    line = {"type": "LineString", "coordinates": on_ground((5, 55), (75, 55))}
    several = {"type": "MultiPoint", "coordinates": on_ground((1, 1), (2, 2), (79, 59))}
    # A point on the edge of four pixels belongs to one of them.
    shapes = collection(
        point(23, 31), point(20, 20), several, line, None, square(1000, 0, 1020, 20), square(1, 1, 3, 3)
    )
    found = call("aggregate_spatial", data=sample(), geometries=shapes, reducer=reducer("sum"), target_dimension="n")
    value, total, valid = (found.sel(n=name).values[0, 0] for name in ("value", "total_count", "valid_count"))
    assert total[:4].tolist() == [1, 1, 2, 8]
    np.testing.assert_array_equal(total, [1, 1, 2, 8, np.nan, 0, 0])
    np.testing.assert_array_equal(valid, total)
    assert value[0] == 1 + 3 * COLUMNS + 2
    assert value[1] in {1 + row * COLUMNS + column for row in (1, 2) for column in (1, 2)}
    assert value[2] == 1 + 1 + ROWS * COLUMNS - 1
    assert value[3] == sum(range(1 + 5 * COLUMNS, 1 + 6 * COLUMNS))
    assert np.isnan(value[4:]).all()


def test_valid_pixels_are_counted() -> None:
    made = sample()
    found = call("aggregate_spatial", data=made.where(made > 3), geometries=collection(square(0, 0, 40, 10)),
                 reducer=reducer("mean"), target_dimension="n")  # fmt: skip
    assert found.isel(t=0, bands=0, geometry=0).values.tolist() == [4.0, 4.0, 1.0]
    assert found["n"].values.tolist() == ["value", "total_count", "valid_count"]


def test_degrees_and_metres_mean_the_same_and_features_stay_what_they_were() -> None:
    metres = square(12, 3, 61, 57)
    move = Transformer.from_crs(UTM, "EPSG:4326", always_xy=True).transform
    degrees = {"type": "Polygon", "coordinates": [[list(move(*place)) for place in metres["coordinates"][0]]]}
    one, other = (
        call("aggregate_spatial", data=sample(), geometries=collection(shape, crs=crs), reducer=reducer("mean"))
        for shape, crs in ((metres, 32633), (degrees, None))
    )
    np.testing.assert_array_equal(one.values, other.values)
    (feature,) = features_of(other)
    assert (feature.crs, feature.id, feature.known) == ("EPSG:4326", "f0", {"rank": 0.0})
    assert shapely.geometry.mapping(feature.shape)["coordinates"][0][0] == tuple(degrees["coordinates"][0][0])


@pytest.mark.parametrize("first", [0.0, -180.0])
def test_a_globe_is_met_wherever_its_longitudes_begin(first: float) -> None:
    values = np.arange(36.0).reshape(1, 1, 1, 36)
    globe = cube(values, crs="EPSG:4326", step=10.0)
    globe = globe.assign_coords(x=globe["x"] + first)
    ring = [[-30.0, -20.0], [-10.0, -20.0], [-10.0, 20.0], [-30.0, 20.0], [-30.0, -20.0]]
    shapes = collection(
        {"type": "Polygon", "coordinates": [ring]}, {"type": "Point", "coordinates": [-15, -5]}, crs=None
    )
    found = call("aggregate_spatial", data=globe, geometries=shapes, reducer=reducer("mean")).values.ravel()
    assert found.tolist() == ([33.5, 34.0] if first == 0 else [15.5, 16.0])


def test_values_go_on_through_processes_of_cubes() -> None:
    areas = collection(square(0, 0, 30, 20), square(50, 0, 80, 20))
    made = call("aggregate_spatial", data=sample(), geometries=areas, reducer=reducer("mean"))
    doubled = call("apply", data=made, process=callback("multiply", x=Parameters("x"), y=2))
    over_time = call("reduce_dimension", data=doubled, dimension="t", reducer=reducer("max"))
    named = call("rename_labels", data=over_time, dimension="bands", target=["c", "d"])
    both = call(
        "merge_cubes", cube1=named, cube2=call("reduce_dimension", data=made, dimension="t", reducer=reducer("max"))
    )
    assert both["bands"].values.tolist() == ["c", "d", "a", "b"]
    np.testing.assert_array_equal(both.values[:2], 2 * both.values[2:])
    assert features_of(both) == features_of(made)
    wider = call("vector_buffer", geometries=both, distance=10)
    np.testing.assert_array_equal(wider.values, both.values)
    assert [feature.shape.area > 600 for feature in features_of(wider)] == [True, True]
    kept = call("filter_vector", data=both, geometries={**square(0, 0, 10, 10), "crs": 32633})
    np.testing.assert_array_equal(kept.values[:, 0], both.values[:, 0])
    assert kept.sizes["geometry"] == 1


def test_nothing_is_computed_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dask.base.compute", lambda *_, **__: pytest.fail("pixels are read"))
    areas = collection(square(0, 0, 30, 20), point(5, 5), square(1, 1, 2, 2))
    made = aggregate_spatial(sample(), areas, reducer("mean"), "n")
    assert made.chunks is not None
    assert vector_to_raster(made, sample()).chunks is not None
    assert apply_polygon(sample(), collection(square(0, 0, 30, 20)), identity()).chunks is not None


AREA = collection(square(0, 0, 30, 20))


@pytest.mark.parametrize(
    ("process", "arguments", "words"),
    [
        ("aggregate_spatial", {"geometries": AREA, "reducer": reducer("mean"), "target_dimension": "t"},
         "TargetDimensionExists.*'t'"),
        ("aggregate_spatial", {"geometries": AREA, "reducer": reducer("extrema")}, "gives an array"),
        ("aggregate_spatial", {"geometries": collection(), "reducer": reducer("mean")}, "NoDataAvailable"),
        ("aggregate_spatial", {"geometries": sample(), "reducer": reducer("mean")}, "no geometries, only"),
        ("vector_to_raster", {"target": sample()}, "no geometries, only t, bands, y, x"),
        ("apply_polygon", {"geometries": collection(point(1, 1)), "process": identity()}, "a Point is no polygon"),
        ("apply_polygon", {"geometries": collection(square(0, 0, 30, 30), square(20, 20, 50, 50)),
                           "process": identity()}, "GeometriesOverlap.*1 and 2.*1 pixel"),
        ("apply_polygon", {"geometries": AREA, "process": lambda data, context: data.isel(t=[0])},  # noqa: ARG005 - as called
         "DataCubePropertiesImmutable"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(process: str, arguments: Json, words: str) -> None:
    with pytest.raises((ExecutionError, InputError), match=words):
        call(process, data=sample(), **arguments)


def test_places_are_needed() -> None:
    for process, more in (
        ("aggregate_spatial", {"reducer": reducer("mean")}),
        ("apply_polygon", {"process": identity()}),
    ):
        with pytest.raises(ExecutionError, match=r"DimensionMissing.*'x'"):
            call(process, data=sample().isel(x=0, drop=True), geometries=AREA, **more)
    with pytest.raises(InputError, match="no coordinate reference system"):
        call("aggregate_spatial", data=sample().drop_vars("spatial_ref"), geometries=AREA, reducer=reducer("mean"))


def test_hundreds_of_points_are_aggregated_in_one_go() -> None:
    places = np.random.default_rng(4).uniform((0, 0), (80, 60), (400, 2))
    made = with_crs(sample().chunk(-1), UTM)
    shapes = collection(*(point(*map(float, place)) for place in places))
    found = aggregate_spatial(made, shapes, reducer("mean"))
    assert len(dict(found.__dask_graph__())) < 100
    columns, rows = (places // 10).astype(int).T
    np.testing.assert_array_equal(found.values, made.values[:, :, rows, columns])

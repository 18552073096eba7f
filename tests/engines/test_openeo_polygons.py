"""Values of geometries brought back to pixels, processes in polygons, and labels that are trimmed."""

import numpy as np
import pytest
import xarray as xr
from cube_factories import cube
from process_calls import Parameters, call, callback, reducer
from zonal_pieces import COLUMNS, ROWS, collection, identity, point, polygon, sample, square, witness

from earthcode_platform.engines.openeo.along import is_truth, marked_truth
from earthcode_platform.engines.openeo.session import NotYetKnownError, Session
from earthcode_platform.errors import ExecutionError


def test_a_raster_has_the_values_of_the_geometries_that_its_pixels_lie_in() -> None:
    areas = collection(square(0, 0, 40, 40), square(20, 20, 60, 60), point(75, 5))
    made = call("aggregate_spatial", data=sample(), geometries=areas, reducer=reducer("mean"))
    placed = call("vector_to_raster", data=made, target=sample())
    assert placed.dims == ("t", "bands", "y", "x")
    owners = np.full((ROWS, COLUMNS), -1)
    for at, shape in enumerate((square(0, 0, 40, 40), square(20, 20, 60, 60))):
        owners[witness(sample(), shape)] = at
    owners[0, 7] = 2
    expected = np.where(owners < 0, np.nan, made.values[..., np.maximum(owners, 0)])
    np.testing.assert_array_equal(placed.values, expected)
    assert placed.rio.crs.to_epsg() == 32633
    numbers = call("load_geojson", data=areas, properties=["rank"])
    burnt = call("vector_to_raster", data=numbers, target=sample())
    assert burnt["bands"].values.tolist() == ["rank"]
    np.testing.assert_array_equal(burnt.values[0], np.where(owners < 0, np.nan, owners / 2))
    assert is_truth(call("vector_to_raster", data=marked_truth(made > 20), target=sample()))


def test_a_process_is_applied_to_each_polygon_by_itself() -> None:
    areas = [square(0, 0, 30, 20), polygon((40, 0), (80, 0), (80, 60))]
    found = call("apply_polygon", data=sample(), geometries=collection(*areas), process=identity())
    inside = np.logical_or(*(witness(sample(), area) for area in areas))
    np.testing.assert_array_equal(found.values, np.where(inside, sample().values, np.nan))
    filled = call("apply_polygon", data=sample(), geometries=collection(areas[1]), mask_value=-1,
                  process=callback("is_valid", x=Parameters("data")))  # fmt: skip
    np.testing.assert_array_equal(np.isfinite(filled.values[0, 0]), witness(sample(), areas[1]))
    assert is_truth(filled)


def test_the_sub_cube_is_as_small_as_the_polygon_and_masked_by_the_value() -> None:
    seen = []

    def process(data: xr.DataArray, context: object) -> xr.DataArray:
        seen.append((data.compute(), context))
        return data

    call("apply_polygon", data=sample(), geometries=collection(polygon((10, 10), (40, 10), (10, 40))), mask_value=7,
         process=process, context={"a": 1})  # fmt: skip
    ((given_cube, context),) = seen
    assert given_cube.sizes == {"t": 2, "bands": 2, "y": 3, "x": 3}
    assert context == {"a": 1}
    assert given_cube.values[0, 0].tolist() == [[10, 11, 12], [18, 19, 7], [26, 7, 7]]


def test_labels_without_data_are_trimmed() -> None:
    values = np.full((3, 2, 5, 5), np.nan)
    values[0, 0, 1, 1], values[2, 0, 3, 3] = 1, 2
    made = cube(values, ("a", "b"))
    found = call("trim_cube", session=Session({}, None), data=made)
    assert found.sizes == {"t": 2, "bands": 1, "y": 3, "x": 3}
    np.testing.assert_array_equal(found.values[:, 0], made.values[[0, 2], 0, 1:4, 1:4])
    with pytest.raises(ExecutionError, match="NoDataAvailable"):
        call("trim_cube", session=Session({}, None), data=made * np.nan)
    with pytest.raises(NotYetKnownError):
        call("trim_cube", session=Session({}, None, rehearsing=True), data=made)

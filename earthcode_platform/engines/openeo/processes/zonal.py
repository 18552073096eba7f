"""From pixels to geometries and back."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

import dask.array as da
import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.cubes.blocks import rechunked
from earthcode_platform.cubes.dimensions import BANDS, SPATIAL, X, Y, ordered
from earthcode_platform.cubes.features import GEOMETRY, labels
from earthcode_platform.engines.openeo.along import Along, Cube, Value, is_truth, marked_truth
from earthcode_platform.engines.openeo.callbacks import Reducer
from earthcode_platform.engines.openeo.geometries import areas_of, geometries_of
from earthcode_platform.engines.openeo.processes.features import PROPERTIES, Shapes
from earthcode_platform.engines.openeo.processes.reducers import count
from earthcode_platform.engines.openeo.processes.vectors import Areas
from earthcode_platform.engines.openeo.shapes import as_cube, require_cube, typed
from earthcode_platform.engines.openeo.zones import Zone, zones
from earthcode_platform.errors import ExecutionError

__all__ = ["aggregate_spatial", "apply_polygon", "vector_to_raster"]

_PIXEL: Final = "pixel"
"""Dimension of the pixels of a geometry, in no order."""
_COUNTED: Final = ("value", "total_count", "valid_count")
"""Labels of the dimension that counts pixels (aggregate_spatial, parameter target_dimension)."""
_FIRST: Final = Zone(np.zeros(1, dtype="int64"), np.zeros(1, dtype="int64"))
"""Stands in for geometries without pixels, to know what the reducer gives; its value is not used."""


def aggregate_spatial(
    data: Cube, geometries: Shapes, reducer: Reducer, target_dimension: str | None = None, context: Value = None
) -> Cube:
    """Return a vector cube: for each geometry the value that the reducer makes of its pixels.

    Of a polygon these are the pixels whose centres lie in it or on its edge, of a point the one whose centre is next to
    it, of a line those whose centres are next to one of its points. A pixel counts for every geometry that it belongs
    to. Geometries that are empty, or meet no pixel, have no-data. With a target dimension, the numbers of all pixels
    and of valid pixels stand beside the value.

    Raises:
        ExecutionError: The cube has no x or y (DimensionMissing), no pixels or the target dimension already
            (TargetDimensionExists), there are no geometries, or the reducer gives an array.
        InputError: The cube has no reference system.
    """
    cube, shapes = require_cube(data), geometries_of(geometries)
    if target_dimension in (*cube.dims, GEOMETRY):
        raise ExecutionError(
            f"TargetDimensionExists: the cube has a dimension {target_dimension!r}, or gets it.",
            remedy="Choose another name for 'target_dimension'.",
        )
    found = zones(cube, shapes)
    if not found or not cube.sizes[X] * cube.sizes[Y]:
        raise ExecutionError(
            f"NoDataAvailable: there are no {'pixels' if found else 'geometries'} to aggregate.",
            remedy="Look at the filters before it, and at the geometries.",
        )

    def reduced(arrays: Along) -> Cube:
        return _single(reducer(data=arrays, context=context), arrays)

    order = _by_size(found)
    parts = [_aggregated(cube, [found[at] for at in members], reduced, target_dimension) for members in order]
    joined = xr.concat(parts, dim=GEOMETRY, coords="minimal", compat="override", combine_attrs="override")
    made = joined.isel({GEOMETRY: np.argsort(np.concatenate(order))}) if len(order) > 1 else joined
    empty = np.array([feature.shape.is_empty for feature in shapes.features])
    if empty.any():
        made = made.where(xr.DataArray(~empty, dims=GEOMETRY))
    return ordered(made.assign_coords({GEOMETRY: labels(shapes.features)}))


def _by_size(found: Sequence[Zone]) -> list[list[int]]:
    """Return the places of zones, those with equally many pixels together: these are reduced in one go."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for at, zone in enumerate(found):
        groups[zone.size].append(at)
    return list(groups.values())


def _aggregated(
    cube: Cube, chosen: Sequence[Zone], reduced: Callable[[Along], Cube], target_dimension: str | None
) -> Cube:
    """Return the values of zones of equal size, and with a target dimension how many pixels they are made of."""
    size = chosen[0].size
    arrays = Along(_pixels(cube, chosen if size else [_FIRST] * len(chosen)), _PIXEL)
    value = reduced(arrays)
    if not size:
        value = xr.full_like(value, np.nan)
    if target_dimension is None:
        return value
    valid = as_cube(count(arrays), value) if size else xr.zeros_like(value)
    stacked = [one.drop_attrs(deep=False) for one in (value, xr.full_like(value, float(size)), valid)]
    counted = xr.concat(stacked, dim=target_dimension, coords="minimal", compat="override")
    return typed(counted.assign_coords({target_dimension: list(_COUNTED)}), target_dimension, "other")


def _pixels(cube: Cube, chosen: Sequence[Zone]) -> Cube:
    """Return the pixels of zones of equal size along a dimension of their own."""
    rows, columns = (
        xr.DataArray(np.stack(indices), dims=(GEOMETRY, _PIXEL))
        for indices in ([zone.rows for zone in chosen], [zone.columns for zone in chosen])
    )
    spatial = [name for name, coord in cube.coords.items() if set(coord.dims) & set(SPATIAL)]
    return cube.drop_vars([*spatial, "spatial_ref"], errors="ignore").isel({Y: rows, X: columns})


def _single(result: object, arrays: Along) -> Cube:
    if isinstance(result, Along | list):
        raise ExecutionError("the reducer gives an array, not one value.", remedy="Reduce it, or take one element.")
    return as_cube(result, arrays.cube.isel({arrays.dimension: 0}))


def vector_to_raster(data: Cube, target: Cube) -> Cube:
    """Return the values of a vector cube on the pixels of a raster: each pixel has that of the geometry it lies in.

    Other dimensions stay as they are in `data`; properties become bands. Pixels that meet no geometry are no-data; of
    geometries that overlap, the last counts. Which pixels a geometry has is told at `aggregate_spatial`. The process is
    none of the specification yet (proposal 442 of openeo-processes).

    Raises:
        ExecutionError: `target` has no x or y (DimensionMissing).
        InputError: `data` has no geometries, or `target` no reference system.
    """
    cube, grid = require_cube(data), require_cube(target)
    owners = np.full((grid.sizes[Y], grid.sizes[X]) if set(SPATIAL) <= set(grid.dims) else (0, 0), -1, dtype="int32")
    for at, zone in enumerate(zones(grid, geometries_of(cube))):
        owners[zone.rows, zone.columns] = at
    chunks = {name: dict(grid.chunksizes).get(name, -1) for name in SPATIAL}
    places = {name: coord for name, coord in grid.coords.items() if set(coord.dims) <= set(SPATIAL)}
    owner = xr.DataArray(owners, {name: places[name] for name in SPATIAL}, SPATIAL).chunk(chunks)
    made: xr.DataArray = xr.apply_ufunc(
        _burnt,
        rechunked(cube.drop_vars(GEOMETRY), {GEOMETRY: -1}),
        owner,
        input_core_dims=[[GEOMETRY], []],
        dask="parallelized",
        output_dtypes=[np.result_type("float32", cube.dtype)],
    )
    if PROPERTIES in made.dims and BANDS not in made.dims:
        made = made.rename({PROPERTIES: BANDS})
    kept = {name: places[name] for name in ("spatial_ref",) if name in places}
    placed = ordered(made.assign_coords(kept))
    return marked_truth(placed) if is_truth(cube) else placed


def _burnt(values: NDArray[Any], owners: NDArray[Any]) -> NDArray[Any]:
    """Return for each pixel the value of the geometry whose place along the last axis it has; NaN for -1.

    `values` come with two axes of length one in the places of y and x.
    """
    flat = values[..., 0, 0, :]
    return np.where(owners < 0, np.nan, flat[..., np.maximum(owners, 0)]).astype(np.result_type("float32", values))


def apply_polygon(
    data: Cube,
    geometries: Areas,
    process: Reducer,
    mask_value: float | bool | None = None,  # noqa: FBT001 - the specification allows a truth value
    context: Value = None,
) -> Cube:
    """Return the cube with the values in each polygon replaced by those that the process makes of them.

    It gets the pixels around each polygon as a cube; those whose centres lie outside of the polygon have the value
    `mask_value`, or are no-data. What it gives for them is not used: pixels in no polygon are no-data, for no value was
    computed for them. Labels and numbers of pixels must stay.

    Raises:
        ExecutionError: Polygons share a pixel (GeometriesOverlap), one is none, the cube has no x or y
            (DimensionMissing), or the process gives another shape (DataCubePropertiesImmutable).
        InputError: The cube has no reference system.
    """
    cube = ordered(require_cube(data))
    found = [zone for zone in zones(cube, areas_of(geometries)) if zone.size]
    _require_apart(found, cube.sizes[X])
    put = np.nan if mask_value is None else float(mask_value)
    whole = rechunked(cube, {})
    made = xr.full_like(whole, np.nan, dtype=np.result_type("float32", cube.dtype)).data
    truths = []
    for zone in found:
        rows, columns = zone.window()
        mask = xr.DataArray(zone.mask(), dims=SPATIAL)
        part = cube.isel({Y: rows, X: columns}).where(mask, put)
        part.attrs = dict(cube.attrs)
        result = _alike(process(data=part, context=context), part)
        truths.append(is_truth(result))
        window = (..., rows, columns)
        made[window] = da.where(mask.values, rechunked(result, {}).data, made[window])
    placed = cube.copy(data=made)
    placed.attrs = {}
    return marked_truth(placed) if truths and all(truths) else placed


def _require_apart(found: Sequence[Zone], width: int) -> None:
    """Check that no pixel belongs to two zones."""
    taken: dict[int, int] = {}
    places = np.concatenate([zone.rows * width + zone.columns for zone in found]) if found else np.empty(0, "int64")
    if np.unique(places).size == places.size:
        return
    for at, zone in enumerate(found):
        shared = taken.keys() & set((zone.rows * width + zone.columns).tolist())
        if shared:
            raise ExecutionError(
                f"GeometriesOverlap: the polygons {taken[min(shared)] + 1} and {at + 1} that meet data share "
                f"{len(shared)} pixel{'s' if len(shared) > 1 else ''}.",
                remedy="Cut them apart, or use apply_polygon once for each.",
            )
        taken |= dict.fromkeys((zone.rows * width + zone.columns).tolist(), at)


def _alike(result: object, part: Cube) -> Cube:
    """Return what a process made of the pixels of a polygon, in the shape it was given them."""
    made = as_cube(result, part)
    if set(made.dims) != set(part.dims) or any(made.sizes[name] != part.sizes[name] for name in part.dims):
        given, got = (dict(one.sizes) for one in (part, made))
        raise ExecutionError(
            f"DataCubePropertiesImmutable: the process made {got} of a cube of {given}.",
            remedy="Keep dimensions and labels as they are in apply_polygon.",
        )
    return made.transpose(*part.dims)

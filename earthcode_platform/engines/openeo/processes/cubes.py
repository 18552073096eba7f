"""Processes that run a process graph over a cube: pixel by pixel, or along a dimension."""

import xarray as xr

from earthcode_platform.cubes.dimensions import ordered, with_span
from earthcode_platform.engines.openeo.along import Along, Cube, Value, stacked
from earthcode_platform.engines.openeo.callbacks import ArrayMapper, Mapper, Reducer
from earthcode_platform.engines.openeo.shapes import as_cube, dimension_type, require_cube, require_dimension, typed
from earthcode_platform.errors import ExecutionError

__all__ = ["apply", "apply_dimension", "create_data_cube", "reduce_dimension"]


def create_data_cube() -> Cube:
    """Return a cube without dimensions, whose one value is no-data; `add_dimension` gives it some."""
    return xr.DataArray(float("nan")).chunk()


def reduce_dimension(data: Cube, reducer: Reducer, dimension: str, context: Value = None) -> Cube:
    """Return the cube without a dimension: the reducer gives one value for the values along it.

    Raises:
        ExecutionError: There is no such dimension, or the reducer gives an array.
    """
    cube = require_cube(data)
    require_dimension(cube, dimension)
    arrays = Along(cube, dimension).with_element()
    result = reducer(data=arrays, context=context)
    if isinstance(result, Along | list):
        raise ExecutionError(
            "the reducer gives an array, not one value.", remedy="Reduce it, or use apply_dimension in its place."
        )
    reduced = as_cube(result, arrays.cube.isel({dimension: 0}, drop=True))
    if dimension in cube.coords:
        reduced = with_span(reduced, cube[dimension])
    return ordered(reduced)


def apply(data: Cube, process: Mapper, context: Value = None) -> Cube:
    """Return the cube of what the process makes of each value by itself."""
    cube = require_cube(data)
    return ordered(as_cube(process(x=cube, context=context), cube))


def apply_dimension(
    data: Cube, process: ArrayMapper, dimension: str, target_dimension: str | None = None, context: Value = None
) -> Cube:
    """Return the cube with the values along a dimension replaced by those that the process makes of them.

    Labels stay if the dimension and the number of values do; else they count from zero. With a target dimension the
    values lie along that one; a new one is of the type other (apply_dimension, parameter target_dimension). If it is
    there already and has several labels, which the specification leaves open, the values for its first label come
    first, then those for its second, as on other back-ends.

    Raises:
        ExecutionError: There is no such dimension.
    """
    cube = require_cube(data)
    require_dimension(cube, dimension)
    target = target_dimension or dimension
    if target != dimension and target in cube.dims:
        if cube.sizes[target] > 1:
            parts = [
                apply_dimension(cube.isel({target: [at]}), process, dimension, target, context)
                for at in range(cube.sizes[target])
            ]
            joined = xr.concat(parts, dim=target, coords="minimal", compat="override", combine_attrs="drop")
            return ordered(joined.assign_coords({target: range(joined.sizes[target])}))
        cube = cube.isel({target: 0}, drop=True)
    made = _array(process(data=Along(cube, dimension), context=context), cube, dimension)
    result, along = made.cube, made.dimension
    kept = target == dimension and dimension in cube.coords and len(made) == cube.sizes[dimension]
    labels = cube[dimension] if kept else None
    result = result.drop_vars(along, errors="ignore").rename({along: target} if along != target else {})
    if labels is not None:
        return ordered(result.assign_coords({target: labels, **_beside(cube, dimension)}))
    result = result.drop_vars([name for name, coord in result.coords.items() if target in coord.dims], errors="ignore")
    counted = result.assign_coords({target: range(result.sizes[target])})
    return ordered(typed(counted, target, dimension_type(cube, dimension) if target == dimension else "other"))


def _array(result: object, cube: xr.DataArray, dimension: str) -> Along:
    if isinstance(result, Along):
        return result
    template = cube.isel({dimension: 0}, drop=True)
    elements = result if isinstance(result, list) else [result]
    return stacked([as_cube(element, template) for element in elements])


def _beside(cube: xr.DataArray, dimension: str) -> dict[str, xr.DataArray]:
    """Return the coordinates that describe the labels of a dimension, such as units of bands."""
    return {str(name): coord for name, coord in cube.coords.items() if name != dimension and coord.dims == (dimension,)}

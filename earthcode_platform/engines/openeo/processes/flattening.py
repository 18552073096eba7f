"""Several dimensions in one, and one in several. Proposals of the specification, marked experimental there."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import xarray as xr

from earthcode_platform.cubes.dimensions import ordered
from earthcode_platform.engines.openeo.along import Cube, labels_of
from earthcode_platform.engines.openeo.shapes import require_cube, require_dimension, typed
from earthcode_platform.errors import ExecutionError

__all__ = ["flatten_dimensions", "unflatten_dimension"]


def flatten_dimensions(
    data: Cube, dimensions: Sequence[str], target_dimension: str, label_separator: str = "~"
) -> Cube:
    """Return the cube with several dimensions in one of the type other; its labels are theirs, joined as texts.

    The last dimension named changes fastest (flatten_dimensions, example in the description).

    Raises:
        ExecutionError: There is no such dimension, or the new one is there already (DimensionNotAvailable,
            TargetDimensionExists).
    """
    cube = require_cube(data)
    for name in dimensions:
        require_dimension(cube, name)
    _require_new(cube, [target_dimension])
    labels = [list(map(str, labels_of(cube, name))) for name in dimensions]
    bare = cube.drop_vars([key for key, coord in cube.coords.items() if set(coord.dims) & set(dimensions)])
    flat = bare.stack({target_dimension: list(dimensions)}, create_index=False)
    flat.attrs = dict(cube.attrs)
    joined = [label_separator.join(parts) for parts in product(*labels)]
    return ordered(typed(flat.assign_coords({target_dimension: joined}), target_dimension, "other"))


def unflatten_dimension(
    data: Cube, dimension: str, target_dimensions: Sequence[str], label_separator: str = "~"
) -> Cube:
    """Return the cube with one dimension in several of the type other, by the parts of its labels, which become texts.

    Raises:
        ExecutionError: There is no such dimension, a new one is there already (DimensionNotAvailable,
            TargetDimensionExists), or the labels do not have as many parts or not every combination of them.
    """
    cube = require_cube(data)
    require_dimension(cube, dimension)
    _require_new(cube, [name for name in target_dimensions if name != dimension])
    parts = [tuple(str(label).split(label_separator)) for label in labels_of(cube, dimension)]
    wrong = next((found for found in parts if len(found) != len(target_dimensions)), None)
    if wrong is not None:
        raise ExecutionError(
            f"the label {label_separator.join(wrong)!r} has {len(wrong)} parts, not {len(target_dimensions)}.",
            remedy="Name as many dimensions, or another separator.",
        )
    labels = [list(dict.fromkeys(part)) for part in zip(*parts, strict=True)]
    places = {found: at for at, found in enumerate(parts)}
    missing = next((wanted for wanted in product(*labels) if wanted not in places), None)
    if missing is not None or len(places) < len(parts):
        raise ExecutionError(
            f"the labels of {dimension!r} have not each combination once: "
            f"{label_separator.join(missing or parts[0])!r}.",
            remedy="Flatten whole dimensions, or filter to labels that make a grid.",
        )
    order = np.array([places[wanted] for wanted in product(*labels)], dtype="intp")
    return ordered(_split(cube.isel({dimension: order}), dimension, dict(zip(target_dimensions, labels, strict=True))))


def _split(cube: xr.DataArray, dimension: str, labels: dict[str, list[str]]) -> xr.DataArray:
    last = cube.transpose(..., dimension)
    kept = {key: coord for key, coord in last.coords.items() if dimension not in coord.dims}
    sizes = [len(found) for found in labels.values()]
    data = last.data.reshape((*last.shape[:-1], *sizes))
    made = xr.DataArray(data, kept, [*last.dims[:-1], *labels], attrs=cube.attrs).assign_coords(labels)
    for name in labels:
        made = typed(made, name, "other")
    return made


def _require_new(cube: xr.DataArray, names: Sequence[str]) -> None:
    taken = next((name for name in names if name in cube.dims), None)
    if taken is not None:
        raise ExecutionError(
            f"TargetDimensionExists: the cube has a dimension {taken!r} already.", remedy="Choose another name."
        )

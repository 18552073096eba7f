"""Two cubes into one."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.cubes.dimensions import BANDS, COMMON_NAME, SPATIAL, UNITS, WAVELENGTH, ordered
from earthcode_platform.engines.openeo.aligning import on_grid_of
from earthcode_platform.engines.openeo.along import Cube, Value, is_truth, marked_truth
from earthcode_platform.engines.openeo.callbacks import Resolver
from earthcode_platform.engines.openeo.lifting import Kernel, lifted
from earthcode_platform.engines.openeo.shapes import as_cube, require_cube
from earthcode_platform.errors import ExecutionError

__all__ = ["merge_cubes"]


def merge_cubes(cube1: Cube, cube2: Cube, overlap_resolver: Resolver | None = None, context: Value = None) -> Cube:
    """Return one cube with the labels of both, on the pixels of the first.

    Where both have a label in every dimension, the resolver makes one value of the two. A dimension that one of them
    lacks is filled by repeating it along the labels of the other. Elsewhere the one that has the label counts. Without
    a resolver, a cube that has no bands is one band more of the other, named by its place, as on other back-ends.

    Raises:
        ExecutionError: They overlap and there is no resolver (OverlapResolverMissing).
    """
    one = require_cube(cube1)
    other = on_grid_of(require_cube(cube2), one)
    if overlap_resolver is None:
        one, other = _as_band(one, other), _as_band(other, one)
    repeated = set(one.dims) != set(other.dims)
    one, other = _repeated(one, other), _repeated(other, one)
    labels = {str(name): _union(one, other, str(name)) for name in one.dims if name not in SPATIAL}
    overlaps = all(set(_keys(one, name)) & set(_keys(other, name)) for name in labels)
    truths = is_truth(one) and is_truth(other)
    first, second = _widened(one, labels), _widened(other, labels)
    if overlap_resolver is not None:
        both = as_cube(overlap_resolver(x=first, y=second, context=context), first)
        merged = _resolved(both, first, second, _has(one, labels), _has(other, labels))
    elif overlaps:
        raise ExecutionError(
            "OverlapResolverMissing: both cubes have values at the same labels"
            f"{', for a dimension of one is missing in the other' if repeated else ''}.",
            remedy="Give 'overlap_resolver', or rename the labels of one (rename_labels).",
        )
    else:
        merged = _either(first, second, _has(one, labels), _has(other, labels))
    merged = ordered(_described(merged, one, other, labels))
    return marked_truth(merged) if truths and overlap_resolver is None else merged


def _as_band(cube: xr.DataArray, like: xr.DataArray) -> xr.DataArray:
    """Return a cube without the dimension `bands` as one further band of a cube that has it."""
    if BANDS in cube.dims or BANDS not in like.dims:
        return cube
    bare = cube.drop_vars([BANDS, UNITS, COMMON_NAME, WAVELENGTH], errors="ignore")
    label = next(
        name for at in range(like.sizes[BANDS], 2**31) if (name := str(at)) not in map(str, like[BANDS].values)
    )
    return marked_truth(bare.expand_dims({BANDS: [label]})) if is_truth(cube) else bare.expand_dims({BANDS: [label]})


def _repeated(cube: xr.DataArray, like: xr.DataArray) -> xr.DataArray:
    """Return the cube with the dimensions of the other that it lacks, repeated along them."""
    missing = {name: like[name].values for name in like.dims if name not in cube.dims}
    if not missing:
        return cube
    attributes = dict(cube.attrs)
    wider = cube.drop_vars([name for name in missing if name in cube.coords]).expand_dims(missing)
    wider.attrs = attributes
    return wider


def _keys(cube: xr.DataArray, name: str) -> list[Any]:
    values: list[Any] = cube[name].values.tolist()
    return values


def _union(one: xr.DataArray, other: xr.DataArray, name: str) -> NDArray[Any]:
    known = set(_keys(one, name))
    new = np.array([key not in known for key in _keys(other, name)], dtype=bool)
    if not new.any():
        labels: NDArray[Any] = one[name].values
        return labels
    joined = np.concatenate([one[name].values, other[name].values[new]])
    return np.sort(joined) if joined.dtype.kind == "M" else joined


def _widened(cube: xr.DataArray, labels: Mapping[str, NDArray[Any]]) -> xr.DataArray:
    bare = cube.drop_vars([name for name, coord in cube.coords.items() if name not in cube.dims and coord.ndim])
    wanted = {name: values for name, values in labels.items() if not np.array_equal(values, cube[name].values)}
    return bare.reindex(wanted) if wanted else bare


def _has(cube: xr.DataArray, labels: Mapping[str, NDArray[Any]]) -> xr.DataArray:
    """Return where along the merged labels the cube has its own, as 1 and 0."""
    present = xr.DataArray(1.0)
    for name, values in labels.items():
        known = set(_keys(cube, name))
        marks = np.array([float(key in known) for key in values.tolist()])
        present = present * xr.DataArray(marks, dims=(name,), coords={name: values})
    return present


def _either(one: xr.DataArray, other: xr.DataArray, in_one: xr.DataArray, in_other: xr.DataArray) -> xr.DataArray:
    def kernel(
        x: NDArray[np.floating], y: NDArray[np.floating], here: NDArray[np.floating], there: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        return np.where(here > 0, x, np.where(there > 0, y, math.nan))

    return _lifted(kernel, one, other, in_one, in_other)


def _resolved(
    both: xr.DataArray, one: xr.DataArray, other: xr.DataArray, in_one: xr.DataArray, in_other: xr.DataArray
) -> xr.DataArray:
    if bool((in_one > 0).all()) and bool((in_other > 0).all()):
        return both
    alone = _either(one, other, in_one, in_other)

    def kernel(
        resolved: NDArray[np.floating], single: NDArray[np.floating], overlap: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        return np.where(overlap > 0, resolved, single)

    return _lifted(kernel, both, alone, in_one * in_other)


def _lifted(kernel: Kernel, *cubes: xr.DataArray) -> xr.DataArray:
    return require_cube(
        lifted(kernel, *cubes, dtype=str(np.result_type("float32", *(cube.dtype for cube in cubes[:2]))))
    )


def _described(
    merged: xr.DataArray, one: xr.DataArray, other: xr.DataArray, labels: Mapping[str, NDArray[Any]]
) -> xr.DataArray:
    """Carry the descriptions of labels over (units, common names), label by label."""
    for name, values in labels.items():
        beside = [str(key) for key, coord in one.coords.items() if key != name and coord.dims == (name,)]
        for key in (key for key in beside if key in other.coords and other[key].dims == (name,)):
            known = dict(zip(_keys(other, name), other[key].values, strict=True))
            known |= dict(zip(_keys(one, name), one[key].values, strict=True))
            merged = merged.assign_coords(
                {key: (name, np.array([known[label] for label in values.tolist()], dtype=one[key].dtype))}
            )
    return merged

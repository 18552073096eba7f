"""Values of the openEO test suite as values of the engine, and back.

Cubes become lazy: Dask arrays in several chunks along every dimension, in the engine's order of dimensions, with
no-data as NaN, as loading gives them. Labelled arrays become arrays along a lazy cube of one dimension. Lists, numbers
and texts stay what they are, as in a process graph; the suite's `nodata` is null there.

On the way back everything is computed. NaN in a cube is no-data, which the suite writes as null, as NaN or as a number
of the cube's own: the one that stands at the same place of the expected value is taken, for the engine has one only.
"""

from __future__ import annotations

import math
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
import rioxarray  # noqa: F401 - the accessor that writes the CRS
import xarray as xr

from earthcode_platform.cubes.dimensions import X, Y, ordered
from earthcode_platform.engines.openeo.along import Along, is_truth, labels_of, marked_truth
from earthcode_platform.engines.openeo.labelled import Labelled, label_coordinate
from earthcode_platform.engines.openeo.moments import parsed
from earthcode_platform.engines.openeo.shapes import dimension_type, typed
from earthcode_platform.errors import ExecutionError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cube_of", "described", "labelled_of", "plain"]

_CHUNK = 2
_LABELS = "labels"


def cube_of(encoded: dict[str, Any]) -> xr.DataArray:
    """Return a `datacube` of the suite as a lazy cube."""
    names = encoded["order"]
    labels = {name: _labels(encoded["dimensions"][name]) for name in names}
    sizes = [len(labels[name]) for name in names]
    # Null stands for values that do not matter.
    given = np.full(sizes, None) if encoded["data"] is None else np.array(encoded["data"], dtype=object)
    flat = given.reshape(-1).tolist()
    truths = bool(flat) and all(value is None or isinstance(value, bool) for value in flat)
    unknown = _nodata(encoded)
    numbers = [math.nan if value is None or value in unknown else float(value) for value in flat]
    cube = xr.DataArray(np.array(numbers, dtype="float64").reshape(sizes), labels, names)
    systems = [dimension.get("reference_system") for dimension in encoded["dimensions"].values()]
    crs = next((system for system in systems if system), None)
    if crs is not None and {X, Y} <= set(names):
        cube = cube.rio.write_crs(crs)
    for name in names:
        cube = typed(cube, name, encoded["dimensions"][name]["type"])
    lazy = ordered(cube).chunk(dict.fromkeys(names, _CHUNK))
    return marked_truth(lazy) if truths else lazy


def labelled_of(encoded: dict[str, Any]) -> Along:
    """Return a `labeled-array` of the suite as an array along a lazy cube of one dimension."""
    values = [None if isinstance(entry["value"], dict) else entry["value"] for entry in encoded["data"]]
    numbers = [math.nan if value is None else float(value) for value in values]
    keys = [entry["key"] for entry in encoded["data"]]
    cube = xr.DataArray(np.array(numbers), {_LABELS: label_coordinate(keys)}, [_LABELS]).chunk({_LABELS: _CHUNK})
    truths = bool(keys) and all(isinstance(value, bool) for value in values)
    return Along(marked_truth(cube) if truths else cube, _LABELS)


def plain(value: object, expected: object) -> object:
    """Return what the engine gave as the suite writes it, in the order of dimensions that is expected."""
    if isinstance(value, Along):
        return _array(value, expected)
    if isinstance(value, xr.DataArray):
        return _cube(value, expected) if value.dims or _is_cube(expected) else _single(value, expected)
    if isinstance(value, Labelled) and not isinstance(expected, list):
        pairs = zip(value.labels, value, strict=True)
        return {"type": "labeled-array", "data": [{"key": key, "value": plain(one, None)} for key, one in pairs]}
    if isinstance(value, list | tuple):
        wanted = expected if isinstance(expected, list) else []
        return [plain(one, wanted[at] if at < len(wanted) else None) for at, one in enumerate(value)]
    return value


def described(cube: xr.DataArray, expected: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return the dimensions of a cube: the type and the labels of each, and the axis where the expected one has it.

    A moment is written as it is expected, if that is the same moment: the suite has several ways.
    """
    found: dict[str, Any] = {}
    for name in map(str, cube.dims):
        labels = labels_of(cube, name)
        kind = dimension_type(cube, name)
        wanted = expected.get(name, {}) if isinstance(expected, dict) else {}
        if name in cube.coords and cube[name].dtype.kind == "M":
            labels = [_same_moment(label, other) for label, other in zip_longest(labels, wanted.get("values", []))]
            labels = labels[: cube.sizes[name]]
        axis = {"axis": name} if kind == "spatial" and "axis" in wanted else {}
        found[name] = {"type": kind, "values": labels, **axis}
    return found


def _same_moment(label: object, expected: object) -> object:
    if not isinstance(label, str) or not isinstance(expected, str):
        return label
    try:
        return expected if parsed(expected) == parsed(label) else label
    except ExecutionError:
        return label


def _labels(dimension: dict[str, Any]) -> Any:  # noqa: ANN401 - moments, numbers or texts
    values = dimension["values"]
    return [parsed(value) for value in values] if dimension["type"] == "temporal" else values


def _nodata(encoded: dict[str, Any]) -> list[float]:
    """Return the numbers that a cube of the suite writes for no-data, NaN apart."""
    declared = encoded.get("nodata")
    listed = declared if isinstance(declared, list) else [declared]
    return [value for value in listed if _is_number(value) and not math.isnan(value)]


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_cube(expected: object) -> bool:
    return isinstance(expected, dict) and expected.get("type") == "datacube"


def _cube(cube: xr.DataArray, expected: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    order = expected.get("order", []) if isinstance(expected, dict) else []
    arranged = cube.transpose(*order) if set(order) == set(cube.dims) else cube
    wanted = expected.get("data") if isinstance(expected, dict) else None
    if not arranged.dims and wanted == [] and np.isnan(arranged.values):
        # The cube without dimensions holds one value, no-data; the suite writes it as an empty array.
        return {"type": "datacube", "order": [], "dimensions": {}, "data": []}
    unknown = _nodata(expected) if isinstance(expected, dict) else []
    data = _numbers(arranged.values.tolist(), wanted, truths=is_truth(arranged), nodata=unknown)
    dimensions = described(arranged, expected.get("dimensions", {}) if isinstance(expected, dict) else {})
    return {"type": "datacube", "order": list(map(str, arranged.dims)), "dimensions": dimensions, "data": data}


def _array(array: Along, expected: object) -> object:
    wanted = expected.get("data", []) if isinstance(expected, dict) else expected
    values = array.cube.values.tolist()
    if isinstance(expected, dict):
        keyed = [entry.get("value") for entry in wanted]
        told = _numbers(values, keyed, truths=is_truth(array.cube))
        pairs = [{"key": key, "value": value} for key, value in zip(array.labels, told, strict=True)]
        return {"type": "labeled-array", "data": pairs}
    return _numbers(values, wanted, truths=is_truth(array.cube))


def _single(cube: xr.DataArray, expected: object) -> object:
    return _numbers(cube.values.tolist(), expected, truths=is_truth(cube))


def _numbers(value: Any, expected: Any, *, truths: bool, nodata: Sequence[float] = ()) -> Any:  # noqa: ANN401 - lists
    if isinstance(value, list):
        wanted = expected if isinstance(expected, list) else []
        return [
            _numbers(one, wanted[at] if at < len(wanted) else None, truths=truths, nodata=nodata)
            for at, one in enumerate(value)
        ]
    if isinstance(value, float) and math.isnan(value):
        return expected if _is_number(expected) and (math.isnan(expected) or expected in nodata) else None
    return bool(value) if truths else value

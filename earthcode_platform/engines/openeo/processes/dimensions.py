"""Names of dimensions and their labels."""

from typing import Final

import numpy as np
import xarray as xr

from earthcode_platform.cubes.dimensions import BANDS, COMMON_NAME, SPATIAL, UNITS, WAVELENGTH, ordered
from earthcode_platform.engines.openeo.allowed import DimensionType
from earthcode_platform.engines.openeo.along import Array, Cube, elements_of, labels_of
from earthcode_platform.engines.openeo.moments import parsed
from earthcode_platform.engines.openeo.shapes import dimension_type, require_cube, require_dimension, typed
from earthcode_platform.errors import ExecutionError, UnknownNameError, nearest

__all__ = ["add_dimension", "dimension_labels", "drop_dimension", "rename_dimension", "rename_labels"]

_TYPES: Final = ("spatial", "temporal", "bands", "geometry", "other")


def add_dimension(data: Cube, name: str, label: str | float, type_: DimensionType = "other") -> Cube:
    """Return the cube with a further dimension that has one label.

    Raises:
        ExecutionError: It exists (DimensionExists), or its type is unknown.
    """
    cube = require_cube(data)
    if name in cube.dims:
        raise ExecutionError(f"DimensionExists: the cube has a dimension {name!r} already.", remedy="Choose another.")
    if type_ not in _TYPES:
        raise UnknownNameError.among("type of dimension", type_, _TYPES)
    value = parsed(label) if type_ == "temporal" and isinstance(label, str) else label
    unit = cube.coords.get(UNITS) if type_ == "bands" else None
    plain = cube.drop_vars([name, *((UNITS, COMMON_NAME, WAVELENGTH) if type_ == "bands" else ())], errors="ignore")
    wider = plain.expand_dims({name: [value]})
    if unit is not None and not unit.ndim:
        wider = wider.assign_coords({UNITS: (name, np.array([unit.item()], dtype=object))})
    return ordered(typed(wider, name, type_))


def drop_dimension(data: Cube, name: str) -> Cube:
    """Return the cube without a dimension that has a single label left.

    Raises:
        ExecutionError: There is no such dimension, or it has several labels (DimensionLabelCountMismatch).
    """
    cube = require_cube(data)
    require_dimension(cube, name)
    if cube.sizes[name] != 1:
        raise ExecutionError(
            f"DimensionLabelCountMismatch: {name!r} has {cube.sizes[name]} labels, not one.",
            remedy="Filter it to one label, or reduce it.",
        )
    return cube.isel({name: 0}).drop_vars([name, COMMON_NAME, WAVELENGTH], errors="ignore")


def rename_dimension(data: Cube, source: str, target: str) -> Cube:
    """Return the cube with a dimension renamed.

    Raises:
        ExecutionError: There is no such dimension, or the new name is taken (DimensionExists).
    """
    cube = require_cube(data)
    require_dimension(cube, source)
    if target in cube.dims:
        raise ExecutionError(f"DimensionExists: the cube has a dimension {target!r} already.", remedy="Choose another.")
    kind = dimension_type(cube, source)
    return ordered(typed(cube.drop_vars(target, errors="ignore").rename({source: target}), target, kind))


def dimension_labels(data: Cube, dimension: str) -> Array:
    """Return the labels of a dimension, moments as RFC 3339 texts.

    Raises:
        ExecutionError: There is no such dimension.
    """
    cube = require_cube(data)
    require_dimension(cube, dimension)
    return labels_of(cube, dimension)


def rename_labels(data: Cube, dimension: str, target: Array, source: Array = ()) -> Cube:
    """Return the cube with labels of a dimension renamed; without `source`, labels are renamed by place.

    The specification wants labels to be enumerated for that. As other back-ends do, and as published graphs expect, a
    new name for every label will do, too.

    Raises:
        ExecutionError: The dimension or a label is not there, numbers of labels differ, or a new label exists already
            (LabelsNotEnumerated, LabelMismatch, LabelNotAvailable, LabelExists).
    """
    cube = require_cube(data)
    require_dimension(cube, dimension)
    old = labels_of(cube, dimension)
    wanted, named = elements_of(target), elements_of(source)
    if not named:
        if old != list(range(len(old))) and len(wanted) != len(old):
            raise ExecutionError(
                f"LabelsNotEnumerated: the labels of {dimension!r} are {old[:5]}, and {len(wanted)} are given.",
                remedy="Name the labels to rename in 'source', or give a new name for each of them.",
            )
        named = old[: len(wanted)]
    if len(named) != len(wanted):
        raise ExecutionError(f"LabelMismatch: {len(named)} labels cannot become {len(wanted)}.")
    missing = next((label for label in named if label not in old), None)
    if missing is not None:
        close = nearest(str(missing), map(str, old))
        raise ExecutionError(
            f"LabelNotAvailable: {dimension!r} has no label {missing!r}, only {old[:8]}.",
            remedy=f"Did you mean {close!r}?" if close else "Take one of these.",
        )
    taken = next((label for label in wanted if label in old and label not in named), None)
    if taken is not None or len(set(map(str, wanted))) < len(wanted):
        raise ExecutionError(f"LabelExists: {dimension!r} would have a label twice ({taken or wanted}).")
    renamed = dict(zip(map(str, named), wanted, strict=True))
    relabelled = _relabelled(cube, dimension, [renamed.get(str(label), label) for label in old])
    return typed(relabelled, dimension, dimension_type(cube, dimension))


def _relabelled(cube: xr.DataArray, dimension: str, labels: list[object]) -> xr.DataArray:
    if dimension in SPATIAL:
        raise ExecutionError(f"the coordinates of {dimension!r} are places, not names.", remedy="Use resample_spatial.")
    if dimension in cube.coords and cube[dimension].dtype.kind == "M":
        labels = [parsed(str(label)) for label in labels]
    if dimension == BANDS:
        cube = cube.drop_vars([COMMON_NAME, WAVELENGTH], errors="ignore")
    return cube.assign_coords({dimension: labels})

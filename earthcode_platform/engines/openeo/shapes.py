"""Dimensions and labels of cubes, as processes ask for them."""

from __future__ import annotations

from typing import Final

import xarray as xr

from earthcode_platform.cubes.dimensions import BANDS, COMMON_NAME, SPATIAL, TIME, X, Y
from earthcode_platform.cubes.features import GEOMETRY, is_vector
from earthcode_platform.engines.openeo.along import Along, filled_like, is_truth, marked_truth
from earthcode_platform.engines.openeo.periods import PERIOD_START
from earthcode_platform.errors import ExecutionError, UnknownNameError, nearest

__all__ = [
    "as_cube",
    "band_places",
    "dimension_type",
    "require_cube",
    "require_dimension",
    "temporal_dimension",
    "temporal_dimensions",
    "typed",
]

_MEANT: Final = {
    "time": TIME,
    "temporal": TIME,
    "date": TIME,
    "datetime": TIME,
    "spectral": BANDS,
    "variable": BANDS,
    "lat": Y,
    "latitude": Y,
    "northing": Y,
    "lon": X,
    "longitude": X,
    "easting": X,
}
"""How other data and platforms call dimensions, and how cubes call them here."""
_TYPE: Final = "dimension_type"
"""Attribute of the labels of a dimension: its type, where its name and labels do not tell."""


def require_cube(data: object) -> xr.DataArray:
    """Return `data` if it is a cube.

    Raises:
        ExecutionError: It is something else.
    """
    if isinstance(data, xr.DataArray):
        return data
    shown = f"an array along {data.dimension!r}" if isinstance(data, Along) else repr(data)
    raise ExecutionError(f"{shown} is no data cube.", remedy="Hand over the result of load_stac or of a cube process.")


def require_dimension(cube: xr.DataArray, name: str) -> None:
    """Check that the cube has the dimension `name`.

    Raises:
        ExecutionError: It has not (DimensionNotAvailable).
    """
    if name not in cube.dims:
        known = [str(dim) for dim in cube.dims]
        meant = _MEANT.get(name.lower(), "")
        close = meant if meant in known else nearest(name, known)
        raise ExecutionError(
            f"DimensionNotAvailable: there is no dimension {name!r}; the cube has {', '.join(known) or 'none'}.",
            remedy=f"Did you mean {close!r}?" if close else "Take one of these.",
        )


def dimension_type(cube: xr.DataArray, name: str) -> str:
    """Return the type of a dimension: spatial, temporal, bands, or what a process said of it, else other."""
    known = cube.coords.get(name)
    told = known.attrs.get(_TYPE) if known is not None else None
    if told:
        return str(told)
    if name in SPATIAL or name == BANDS:
        return "bands" if name == BANDS else "spatial"
    if name == GEOMETRY and is_vector(cube):
        return "geometry"
    moments = known is not None and known.dtype.kind == "M"
    periods = PERIOD_START in cube.coords and cube[PERIOD_START].dims == (name,)
    return "temporal" if moments or periods or name == TIME else "other"


def typed(cube: xr.DataArray, name: str, kind: str) -> xr.DataArray:
    """Return the cube with the type of a dimension noted, where its name and labels do not tell it."""
    labels = cube[name].copy(deep=False)
    labels.attrs = {key: value for key, value in labels.attrs.items() if key != _TYPE}
    plain = cube.assign_coords({name: labels})
    if dimension_type(plain, name) == kind:
        return plain
    return cube.assign_coords({name: labels.assign_attrs({_TYPE: kind})})


def temporal_dimensions(cube: xr.DataArray) -> list[str]:
    """Return the dimensions whose labels are moments; if there is none, those of the type temporal.

    Raises:
        ExecutionError: There is none (DimensionNotAvailable).
    """
    moments = [str(dim) for dim in cube.dims if dim in cube.coords and cube[dim].dtype.kind == "M"]
    found = moments or [str(dim) for dim in cube.dims if dimension_type(cube, str(dim)) == "temporal"]
    if not found:
        raise ExecutionError(
            f"DimensionNotAvailable: the cube has no temporal dimension, only {', '.join(map(str, cube.dims))}.",
            remedy="Use data that have dates.",
        )
    return found


def temporal_dimension(cube: xr.DataArray, name: str | None = None) -> str:
    """Return the temporal dimension: `name` if given, else the only one there is.

    Raises:
        ExecutionError: There is none, or there are several and none was named.
    """
    if name is not None:
        require_dimension(cube, name)
        return name
    found = temporal_dimensions(cube)
    if len(found) > 1:
        raise ExecutionError(
            f"TooManyDimensions: the cube has {len(found)} temporal dimensions ({', '.join(found)}).",
            remedy="Name it with 'dimension'.",
        )
    return found[0]


def as_cube(result: object, like: xr.DataArray) -> xr.DataArray:
    """Return what a callback gave as a cube: a single value stands for every pixel of `like`.

    Raises:
        ExecutionError: It is no number, truth value or cube.
    """
    if isinstance(result, xr.DataArray):
        missing = [str(name) for name in like.dims if name not in result.dims]
        if not missing:
            return result
        full = result.broadcast_like(like)
        return marked_truth(full) if is_truth(result) else full
    if isinstance(result, bool):
        return marked_truth(xr.full_like(like, float(result), dtype="float32"))
    if result is None or isinstance(result, int | float):
        return filled_like(like, result)
    raise ExecutionError(f"the process returned {type(result).__name__}, no single value for each pixel.")


def band_places(cube: xr.DataArray, name: str) -> list[int]:
    """Return where the bands of a name, or else of a common name, lie.

    Raises:
        UnknownNameError: There is none.
    """
    names = [str(label) for label in cube[BANDS].values]
    common = [str(label) for label in cube[COMMON_NAME].values] if COMMON_NAME in cube.coords else []
    for known in (names, common):
        found = [at for at, label in enumerate(known) if label == name]
        if found:
            return found
    raise UnknownNameError.among("band", name, {*names, *common} - {""})

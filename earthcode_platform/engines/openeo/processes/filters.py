"""Parts of a cube: by band, time, place or label."""

from collections.abc import Sequence

import numpy as np

from earthcode_platform.cubes.dimensions import BANDS, WAVELENGTH
from earthcode_platform.cubes.window import within_box
from earthcode_platform.engines.openeo.allowed import Box, Interval, Wavelength
from earthcode_platform.engines.openeo.along import Cube, Value, labels_of
from earthcode_platform.engines.openeo.callbacks import LabelCondition
from earthcode_platform.engines.openeo.extents import box_of, interval
from earthcode_platform.engines.openeo.shapes import (
    band_places,
    require_cube,
    require_dimension,
    temporal_dimensions,
)
from earthcode_platform.errors import ExecutionError, UnknownNameError

__all__ = ["filter_bands", "filter_bbox", "filter_labels", "filter_temporal"]


def filter_bands(data: Cube, bands: Sequence[str] = (), wavelengths: Sequence[Wavelength] = ()) -> Cube:
    """Return the bands named, in the order named: by name, else by common name, or by their wavelength in micrometres.

    The specification drops the bands that meet no criterion (filter_bands, description): a name that no band has finds
    none. The check tells of such names before anything runs.

    Raises:
        ExecutionError: Nothing is asked for, or the cube has no bands (BandFilterParameterMissing, DimensionMissing).
    """
    cube = require_cube(data)
    if BANDS not in cube.dims:
        raise ExecutionError("DimensionMissing: the cube has no dimension 'bands'.")
    if not bands and not wavelengths:
        raise ExecutionError("BandFilterParameterMissing: no band is asked for.", remedy="Give 'bands'.")
    places = [place for name in bands for place in _places(cube, name)]
    for low, high in wavelengths:
        centres = cube.coords[WAVELENGTH].values if WAVELENGTH in cube.coords else np.full(cube.sizes[BANDS], np.nan)
        places += np.flatnonzero((centres >= low) & (centres <= high)).tolist()
    return cube.isel({BANDS: np.array(list(dict.fromkeys(places)), dtype="intp")})


def _places(cube: Cube, name: str) -> list[int]:
    try:
        return band_places(cube, name)
    except UnknownNameError:
        return []


def filter_temporal(data: Cube, extent: Interval, dimension: str | None = None) -> Cube:
    """Return the dates of a left-closed interval: from its start up to, not including, its end.

    Without `dimension` the filter applies to all temporal dimensions (filter_temporal, parameter dimension). No date
    may be left; the check tells of that before anything runs.

    Raises:
        ExecutionError: The interval is empty (TemporalExtentEmpty), there is no such dimension
            (DimensionNotAvailable), or its labels are no moments.
    """
    cube = require_cube(data)
    if dimension is not None:
        require_dimension(cube, dimension)
    for name in [dimension] if dimension is not None else temporal_dimensions(cube):
        cube = _within(cube, name, extent)
    return cube


def _within(cube: Cube, name: str, extent: Interval) -> Cube:
    labels = cube[name].values
    if labels.dtype.kind != "M":
        raise ExecutionError(f"the labels of {name!r} are no moments: {labels[:3].tolist()}.")
    start, end = interval(extent)
    inside = np.ones(labels.size, dtype=bool)
    if start is not None:
        inside &= labels >= start
    if end is not None:
        inside &= labels < end
    return cube.isel({name: np.flatnonzero(inside)})


def filter_bbox(data: Cube, extent: Box) -> Cube:
    """Return the pixels whose centres lie in a box, given as west, south, east, north and, if not degrees, crs.

    A pixel stays if the point at its centre meets the box, which is brought to the reference system of the cube
    (filter_bbox, description). None may be left; the check tells of that before anything runs.

    Raises:
        ExecutionError: The box is incomplete.
        InputError: It crosses the antimeridian on a projected grid.
    """
    cube = require_cube(data)
    box, crs = box_of(extent)
    return within_box(cube, box, crs)


def filter_labels(data: Cube, condition: LabelCondition, dimension: str, context: Value = None) -> Cube:
    """Return the labels of a dimension that meet the condition, with their data; none may be left.

    Raises:
        ExecutionError: There is no such dimension (DimensionNotAvailable).
    """
    cube = require_cube(data)
    require_dimension(cube, dimension)
    kept = [
        at for at, label in enumerate(labels_of(cube, dimension)) if condition(value=label, context=context) is True
    ]
    return cube.isel({dimension: np.array(kept, dtype="intp")})

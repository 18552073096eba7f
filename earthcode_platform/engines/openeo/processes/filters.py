"""Parts of a cube: by band, time, place or label."""

from collections.abc import Sequence

import numpy as np

from earthcode_platform.cubes.dimensions import BANDS, WAVELENGTH
from earthcode_platform.cubes.window import in_box
from earthcode_platform.engines.openeo.allowed import Box, Interval, Wavelength
from earthcode_platform.engines.openeo.along import Cube, Value, labels_of
from earthcode_platform.engines.openeo.callbacks import LabelCondition
from earthcode_platform.engines.openeo.extents import box_of, interval
from earthcode_platform.engines.openeo.shapes import band_places, require_cube, require_dimension, temporal_dimension
from earthcode_platform.errors import ExecutionError

__all__ = ["filter_bands", "filter_bbox", "filter_labels", "filter_temporal"]


def filter_bands(data: Cube, bands: Sequence[str] = (), wavelengths: Sequence[Wavelength] = ()) -> Cube:
    """Return the bands named, in the order named: by name, else by common name, or by their wavelength in micrometres.

    Raises:
        ExecutionError: Nothing is asked for, or the cube has no bands (BandFilterParameterMissing, DimensionMissing).
        UnknownNameError: There is no such band.
    """
    cube = require_cube(data)
    if BANDS not in cube.dims:
        raise ExecutionError("DimensionMissing: the cube has no dimension 'bands'.")
    if not bands and not wavelengths:
        raise ExecutionError("BandFilterParameterMissing: no band is asked for.", remedy="Give 'bands'.")
    places = [place for name in bands for place in band_places(cube, name)]
    for low, high in wavelengths:
        centres = cube.coords[WAVELENGTH].values if WAVELENGTH in cube.coords else np.full(cube.sizes[BANDS], np.nan)
        places += np.flatnonzero((centres >= low) & (centres <= high)).tolist()
    if not places:
        raise ExecutionError(f"no band lies in the wavelengths {list(wavelengths)}.")
    return cube.isel({BANDS: list(dict.fromkeys(places))})


def filter_temporal(data: Cube, extent: Interval, dimension: str | None = None) -> Cube:
    """Return the dates of a left-closed interval: from its start up to, not including, its end.

    Raises:
        ExecutionError: The interval is empty, or no date lies in it (NoDataAvailable).
    """
    cube = require_cube(data)
    name = temporal_dimension(cube, dimension)
    labels = cube[name].values
    if labels.dtype.kind != "M":
        raise ExecutionError(f"the labels of {name!r} are no moments: {labels[:3].tolist()}.")
    start, end = interval(extent)
    inside = np.ones(labels.size, dtype=bool)
    if start is not None:
        inside &= labels >= start
    if end is not None:
        inside &= labels < end
    if not inside.any():
        raise ExecutionError(
            f"NoDataAvailable: no date lies in {list(extent)}; the cube reaches from "
            f"{str(labels.min())[:10]} to {str(labels.max())[:10]}."
            if labels.size
            else "NoDataAvailable: the cube has no dates.",
            remedy="Widen the interval.",
        )
    return cube.isel({name: np.flatnonzero(inside)})


def filter_bbox(data: Cube, extent: Box) -> Cube:
    """Return the pixels whose centres lie in a box, given as west, south, east, north and, if not degrees, crs.

    Raises:
        ExecutionError: The box is incomplete.
        InputError: No pixel lies in it.
    """
    cube = require_cube(data)
    box, crs = box_of(extent)
    return in_box(cube, box, crs)


def filter_labels(data: Cube, condition: LabelCondition, dimension: str, context: Value = None) -> Cube:
    """Return the labels of a dimension that meet the condition, with their data.

    Raises:
        ExecutionError: There is no such dimension, or no label is left.
    """
    cube = require_cube(data)
    require_dimension(cube, dimension)
    kept = [
        at for at, label in enumerate(labels_of(cube, dimension)) if condition(value=label, context=context) is True
    ]
    if not kept:
        raise ExecutionError(f"NoDataAvailable: no label of {dimension!r} meets the condition.")
    return cube.isel({dimension: kept})

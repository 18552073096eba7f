"""Vector cubes as what can be drawn: a map of their polygons, or a series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from earthcode_platform.cubes.crs import with_crs
from earthcode_platform.cubes.dimensions import BANDS, TIME, X, Y
from earthcode_platform.cubes.features import GEOMETRY, features_of, is_vector

if TYPE_CHECKING:
    import xarray as xr
    from shapely import Geometry

__all__ = ["drawable"]

_WIDTH: Final = 800
"""Pixels along the longer side of a map."""
_MARGIN: Final = 0.02
"""Share of the longer side that is left free around the polygons."""


def drawable(cube: xr.DataArray) -> xr.DataArray:
    """Return a cube in memory as one that can be drawn; what has no geometries is returned as it is.

    Values of polygons at one moment become a map of their first band. With several moments, and for points and lines,
    the geometries are numbered from 1: the chart shows the mean over them, or one after another.
    """
    if not is_vector(cube):
        return cube
    shapes = [feature.shape for feature in features_of(cube)]
    areas = [shape for shape in shapes if shape.geom_type.endswith("Polygon") and not shape.is_empty]
    if areas and cube.sizes.get(TIME, 1) == 1:
        return _map(cube, shapes, features_of(cube)[0].crs)
    return cube.assign_coords({GEOMETRY: np.arange(1, len(shapes) + 1)})


def _map(cube: xr.DataArray, shapes: list[Geometry], crs: str) -> xr.DataArray:
    import xarray as xr
    from affine import Affine
    from rasterio.features import rasterize

    others = [name for name in cube.dims if name not in (GEOMETRY, BANDS)]
    banded = cube.isel(dict.fromkeys(others, 0), drop=True)
    first = banded.isel({BANDS: [0]}) if BANDS in banded.dims else banded.expand_dims(BANDS)
    drawn = [(shape, at) for at, shape in enumerate(shapes) if not shape.is_empty]
    boxes = np.array([shape.bounds for shape, _ in drawn])
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    step = max(east - west, north - south) * (1 + 2 * _MARGIN) / _WIDTH
    columns, rows = (
        max(1, int(np.ceil(length / step + 2 * _MARGIN * _WIDTH))) for length in (east - west, north - south)
    )
    left, top = (west + east - columns * step) / 2, (south + north + rows * step) / 2
    owners = rasterize(drawn, (rows, columns), fill=-1, transform=Affine(step, 0, left, 0, -step, top), dtype="int32")
    values = first.transpose(BANDS, GEOMETRY).values
    coords = {
        **{name: coord for name, coord in first.coords.items() if coord.dims in ((), (BANDS,))},
        Y: top - step * (np.arange(rows) + 0.5),
        X: left + step * (np.arange(columns) + 0.5),
    }
    layer = np.where(owners < 0, np.nan, values[:, np.maximum(owners, 0)])
    return with_crs(xr.DataArray(layer, coords, (BANDS, Y, X)), crs)

"""Geometries with their properties, as labels of the dimension `geometry` of a vector cube.

A vector cube is an `xarray.DataArray` like any other cube, with the dimension `geometry` in the place of y and x. Its
labels are features, so geometries, properties and reference system travel with the values through every process.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.dimensions import X, Y
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray
    from shapely import Geometry

__all__ = ["GEOMETRY", "LONLAT", "Feature", "features_of", "is_table", "is_vector", "labels", "moved"]

GEOMETRY: Final = "geometry"
"""Name of the dimension whose labels are features."""
LONLAT: Final = "EPSG:4326"
"""The reference system of GeoJSON: longitudes and latitudes in WGS 84 (RFC 7946, section 4)."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A geometry and what is known of it."""

    shape: Geometry
    """A point, line or polygon, single or multiple; it may be empty."""
    crs: str = LONLAT
    """Its reference system: `EPSG:<code>` or WKT2; x is the longitude or easting, always."""
    properties: str = "{}"
    """Its properties as a JSON object; a text, so that equal features are equal labels."""
    id: str | int | float | None = None
    """Its id, if it has one (RFC 7946, section 3.2)."""

    @property
    def known(self) -> dict[str, Any]:
        """Its properties by name."""
        found: dict[str, Any] = json.loads(self.properties)
        return found


def labels(features: Sequence[Feature]) -> NDArray[np.object_]:
    """Return features as labels of a dimension."""
    made = np.empty(len(features), dtype=object)
    made[:] = features
    return made


def is_vector(cube: xr.DataArray) -> bool:
    """Tell whether a cube has geometries for labels."""
    return GEOMETRY in cube.dims and (
        GEOMETRY in cube.coords and all(isinstance(label, Feature) for label in cube[GEOMETRY].values)
    )


def is_table(cube: xr.DataArray) -> bool:
    """Tell whether a cube can be written as a table: it has no rows and columns of pixels."""
    return not {X, Y} & set(cube.dims)


def features_of(cube: xr.DataArray) -> tuple[Feature, ...]:
    """Return the labels of the dimension `geometry`.

    Raises:
        InputError: The cube has none, or they were renamed.
    """
    if not is_vector(cube):
        held = ", ".join(map(str, cube.dims)) or "no dimension"
        raise InputError(
            f"the cube has no geometries, only {held}.", remedy="Make them with aggregate_spatial, or load_geojson."
        )
    return tuple(cube[GEOMETRY].values)


def moved(features: Sequence[Feature], crs: str) -> tuple[Feature, ...]:
    """Return features with their corners in another reference system; a corner without a place there is infinite."""
    import shapely
    from pyproj import Transformer

    found = []
    for feature in features:
        if feature.crs == crs:
            found.append(feature)
            continue
        move = Transformer.from_crs(feature.crs, crs, always_xy=True).transform
        found.append(replace(feature, shape=shapely.transform(feature.shape, move, interleaved=False), crs=crs))
    return tuple(found)

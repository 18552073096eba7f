"""A vector cube as NetCDF-4: geometries by the CF conventions, section 7.5, and a variable for each band."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.crs import is_geographic
from earthcode_platform.cubes.dimensions import BANDS, TIME, band_values
from earthcode_platform.cubes.features import GEOMETRY, features_of
from earthcode_platform.cubes.tables import Cell, property_columns
from earthcode_platform.cubes.write_arrays import band_variables, header_attributes, time_coordinate
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr
    from numpy.typing import NDArray
    from shapely import Geometry

    from earthcode_platform.cubes.features import Feature

__all__ = ["CONTAINER", "require_geometries", "vector_dataset"]

CONTAINER: Final = "geometry_container"
"""The variable that tells where the coordinates of the geometries are."""
_KINDS: Final = {"Point": "point", "LineString": "line", "Polygon": "polygon"}
_NODE: Final = "node"
_PART: Final = "part"
_RESERVED: Final = (CONTAINER, "node_count", "part_node_count", "interior_ring", "x", "y", "spatial_ref", _NODE, _PART)


def require_geometries(cube: xr.DataArray, names: Mapping[str, str], where: str) -> None:
    """Check that NetCDF can hold a vector cube; its values are not computed for that.

    Args:
        cube: A vector cube.
        names: Names of variables by band, where they differ.
        where: What the error names.

    Raises:
        InputError: Its geometries are of several kinds, or names meet.
    """
    features = features_of(cube)
    kinds = {_kind(feature.shape) for feature in features if not feature.shape.is_empty}
    if len(kinds) != 1:
        raise InputError(
            f"its geometries are {' and '.join(sorted(kinds)) or 'all empty'}, and NetCDF holds those of one kind.",
            where=where,
            remedy="Choose GeoJSON or Parquet, or save each kind by itself (filter_vector).",
        )
    dims = [str(name) for name in cube.dims]
    used = [*_RESERVED, *dims, *property_columns(features), *(names.get(band, band) for band in band_values(cube))]
    twice = next((name for at, name in enumerate(used) if name in used[:at] or "/" in name or not name.strip()), None)
    if twice is not None:
        raise InputError(
            f"{twice!r} cannot be the name of a variable beside the others.",
            where=where,
            remedy="Rename bands (rename_labels), dimensions (rename_dimension), or properties of the geometries.",
        )


def vector_dataset(cube: xr.DataArray, title: str, names: Mapping[str, str]) -> xr.Dataset:
    """Lay a vector cube out by CF: one variable for each band, geometries as nodes, properties as variables.

    Args:
        cube: A vector cube as `as_written` lays it out.
        title: Title of the file.
        names: Names of variables by band, where they differ.
    """
    import xarray as xr

    features = features_of(cube)
    told = {name: (GEOMETRY, _stored(cells)) for name, cells in property_columns(features).items()}
    attributes = {"grid_mapping": "spatial_ref", "geometry": CONTAINER}
    variables = band_variables(cube, names, attributes)
    coords: dict[str, Any] = {**told, **_nodes(features), "spatial_ref": ((), np.int32(0), _grid_mapping(features))}
    for name in (str(dim) for dim in cube.dims if dim not in (GEOMETRY, BANDS)):
        coords[name] = time_coordinate(cube) if name == TIME else (name, cube[name].values)
    made = xr.Dataset(variables, coords, header_attributes(cube, title, names))
    for name in variables:
        made[name].encoding["coordinates"] = " ".join(told) or None
    return made


def _kind(shape: Geometry) -> str:
    return _KINDS[shape.geom_type.removeprefix("Multi")]


def _grid_mapping(features: Sequence[Feature]) -> dict[str, Any]:
    from pyproj import CRS

    return dict(CRS.from_user_input(features[0].crs).to_cf())


def _nodes(features: Sequence[Feature]) -> dict[str, Any]:
    """Return the variables of a geometry container; rings are closed, exteriors run anticlockwise."""
    import shapely

    kind = next(_kind(feature.shape) for feature in features if not feature.shape.is_empty)
    shapes = [shapely.orient_polygons(feature.shape) if kind == "polygon" else feature.shape for feature in features]
    parts = [_parts(shape) for shape in shapes]
    flat = [part for found in parts for part in found]
    nodes = np.concatenate([shapely.get_coordinates(part) for part, _ in flat])
    counts = [sum(shapely.count_coordinates(part) for part, _ in found) for found in parts]
    container = {"geometry_type": kind, "node_count": "node_count", "node_coordinates": "x y",
                 "grid_mapping": "spatial_ref"}  # fmt: skip
    made: dict[str, Any] = {"node_count": (GEOMETRY, np.array(counts, dtype="int32"))}
    if kind != "point":
        container["part_node_count"] = "part_node_count"
        lengths = [int(shapely.count_coordinates(part)) for part, _ in flat]
        made["part_node_count"] = (_PART, np.array(lengths, dtype="int32"))
    if kind == "polygon":
        container["interior_ring"] = "interior_ring"
        made["interior_ring"] = (_PART, np.array([hole for _, hole in flat], dtype="int32"))
    return made | {CONTAINER: ((), np.int32(0), container)} | _places(nodes, features[0].crs)


def _parts(shape: Geometry) -> list[tuple[Geometry, int]]:
    """Return the points, lines or rings of a geometry, each with 1 if it is the edge of a hole."""
    import shapely

    found = []
    for part in (one for one in shapely.get_parts(shape) if not one.is_empty):
        if part.geom_type == "Polygon":
            found += [(part.exterior, 0), *((ring, 1) for ring in part.interiors)]
        else:
            found.append((part, 0))
    return found


def _places(nodes: NDArray[np.float64], crs: str) -> dict[str, Any]:
    from pyproj import CRS

    degrees = is_geographic(crs)
    named = ("longitude", "latitude") if degrees else ("projection_x_coordinate", "projection_y_coordinate")
    unit = CRS.from_user_input(crs).axis_info[0].unit_name.replace("metre", "m")
    units = ("degrees_east", "degrees_north") if degrees else (unit, unit)
    return {
        axis: (_NODE, nodes[:, at], {"standard_name": named[at], "units": units[at], "axis": axis.upper()})
        for at, axis in enumerate("xy")
    }


def _stored(cells: Sequence[Cell]) -> NDArray[Any]:
    """Return a property as numbers, where all are, with NaN for those that are missing; else as texts."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float} and kinds:
        whole = kinds == {int} and None not in cells
        return np.array([np.nan if cell is None else cell for cell in cells], dtype="int64" if whole else "float64")
    return np.array(["" if cell is None else cell if isinstance(cell, str) else json.dumps(cell) for cell in cells],
                    dtype=object)  # fmt: skip

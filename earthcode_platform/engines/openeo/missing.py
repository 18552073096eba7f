"""What the specification lets pass and a scientist would not: bands that are not there, filters that leave nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import xarray as xr

from earthcode_platform.cubes.window import in_box
from earthcode_platform.engines.openeo.extents import box_of
from earthcode_platform.engines.openeo.geometries import boxes_of, geometries_of, lies_near
from earthcode_platform.engines.openeo.shapes import band_places, temporal_dimensions
from earthcode_platform.errors import EarthCodeError, ExecutionError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["missed", "require_dates"]

_ZONES: Final = {"aggregate_spatial": "geometries", "apply_polygon": "geometries", "mask_polygon": "mask"}
"""Processes of pixels in geometries, and the argument that gives these."""


def require_dates(cube: xr.DataArray, kept: xr.DataArray, extent: object) -> None:
    """Check that a filter left at least one date of every temporal dimension.

    Args:
        cube: The cube before.
        kept: The cube after.
        extent: What it was filtered by.

    Raises:
        ExecutionError: None is left (NoDataAvailable).
    """
    for name in temporal_dimensions(cube):
        if kept.sizes[name]:
            continue
        labels = cube[name].values
        raise ExecutionError(
            f"NoDataAvailable: no date lies in {extent}; the cube reaches from "
            f"{str(labels.min())[:10]} to {str(labels.max())[:10]}."
            if labels.size
            else "NoDataAvailable: the cube has no dates.",
            remedy="Widen the interval.",
        )


def missed(process: str, given: Mapping[str, object], result: object) -> EarthCodeError | None:
    """Return what a process asked for in vain; None if it found everything.

    Args:
        process: The name of the process.
        given: Its arguments, by name.
        result: What it gave.
    """
    data = given.get("data")
    if not isinstance(data, xr.DataArray) or not isinstance(result, xr.DataArray):
        return None
    try:
        _require_met(process, data, given)
        _require_found(process, data, given, result)
    except (ExecutionError, InputError) as error:
        return error
    return None


def _require_met(process: str, data: xr.DataArray, given: Mapping[str, object]) -> None:
    """Check that geometries lie where the pixels are: one of them at least."""
    if process == "vector_to_raster":
        target = given.get("target")
        grid, shapes = target if isinstance(target, xr.DataArray) else data, geometries_of(data)
    elif process in _ZONES and not given.get("inside"):
        grid, shapes = data, geometries_of(given.get(_ZONES[process]))
    else:
        return
    if shapes.shapes and not lies_near(grid, shapes):
        there, here = boxes_of(grid, shapes)
        raise ExecutionError(
            f"NoDataAvailable: no geometry meets the data: {there}; {here}.",
            remedy="Choose geometries that meet the data; GeoJSON is in longitudes and latitudes.",
        )


def _require_found(process: str, data: xr.DataArray, given: Mapping[str, object], result: xr.DataArray) -> None:
    names = given.get("bands")
    if process == "filter_bands" and isinstance(names, list):
        for name in names:
            band_places(data, str(name))
    if process == "filter_temporal" and isinstance(extent := given.get("extent"), list):
        require_dates(data, result, extent)
    lost = [str(name) for name in result.dims if not result.sizes[name] and data.sizes.get(name, 0)]
    if lost and process == "filter_bbox":
        in_box(data, *box_of(given.get("extent")))
    if lost:
        raise ExecutionError(
            f"NoDataAvailable: nothing is left of {lost[0]!r}, which had {data.sizes[lost[0]]} labels.",
            remedy="Loosen what it is filtered by.",
        )

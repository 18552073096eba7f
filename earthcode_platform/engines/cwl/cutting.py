"""A raster cut to the box that an experiment asks for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.produced import format_of
from earthcode_platform.models.experiment import ProductFormat

if TYPE_CHECKING:
    from pathlib import Path

    from earthcode_platform.models.window import BBox

__all__ = ["cut"]

_SAMPLES: Final = 21
"""Points along each edge of the box when it is projected, so that bent edges are caught."""
_SLACK: Final = 1e-6
"""Part of a pixel within which an edge lies between two."""


def cut(path: Path, box: BBox) -> bool:
    """Cut a GeoTIFF to the whole pixels that a box touches; tell whether it became smaller.

    Other files, and rasters that the box does not touch or covers, stay as they are. Values, no-data, scales, names and
    the grid are kept.

    Args:
        path: The file.
        box: West, south, east, north in degrees, EPSG:4326; one that crosses the antimeridian cuts nothing.
    """
    if format_of(path) is not ProductFormat.COG or not path.is_file() or box[0] > box[2]:
        return False
    import rasterio
    from rasterio.warp import transform_bounds
    from rasterio.windows import Window

    with rasterio.open(path) as opened:
        if opened.crs is None or opened.transform.b or opened.transform.d:
            return False
        west, south, east, north = transform_bounds("EPSG:4326", opened.crs, *box, densify_pts=_SAMPLES)
        columns, rows = zip(*(~opened.transform * corner for corner in ((west, north), (east, south))), strict=True)
        window = Window.from_slices(_pixels(rows, opened.height), _pixels(columns, opened.width))
        whole = Window(0, 0, opened.width, opened.height)
        if window == whole or min(window.width, window.height) < 1:
            return False
        values = opened.read(window=window)
        profile = {**opened.profile, "width": window.width, "height": window.height}
        profile |= {"transform": opened.window_transform(window), "driver": "GTiff"}
        notes = (opened.descriptions, opened.units, opened.scales, opened.offsets, opened.tags())
    part = path.with_suffix(".part.tif")
    with rasterio.open(part, "w", **profile) as target:
        target.write(values)
        target.descriptions, target.units, target.scales, target.offsets = notes[:4]
        target.update_tags(**notes[4])
    part.replace(path)
    return True


def _pixels(edges: tuple[float, ...], size: int) -> tuple[int, int]:
    """Return the first pixel between two edges and the one after the last, whole and inside the raster."""
    first = max(0, math.floor(min(edges) + _SLACK))
    return min(first, size), min(size, max(first, math.ceil(max(edges) - _SLACK)))

"""A raster cut to the box that an experiment asks for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.produced import format_of
from earthcode_platform.models.experiment import ProductFormat

if TYPE_CHECKING:
    from pathlib import Path

    from rasterio.io import DatasetReader, DatasetWriter
    from rasterio.windows import Window

    from earthcode_platform.models.window import BBox

__all__ = ["cut"]

_SAMPLES: Final = 21
"""Points along each edge of the box when it is projected, so that bent edges are caught."""
_SLACK: Final = 1e-6
"""Part of a pixel within which an edge lies between two."""


def cut(path: Path, box: BBox) -> bool:
    """Cut a GeoTIFF to the whole pixels that a box touches; tell whether it became smaller.

    Other files, and rasters that the box does not touch or covers, stay as they are. Values, no-data, mask, scales,
    names, colours and the grid are kept.

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
        profile = {**opened.profile, "width": window.width, "height": window.height}
        profile |= {"transform": opened.window_transform(window), "driver": "GTiff"}
        part = path.with_suffix(".part.tif")
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(part, "w", **profile) as target:
            _describe(opened, target)
            _copy(opened, window, target)
    part.replace(path)
    return True


def _describe(source: DatasetReader, target: DatasetWriter) -> None:
    """Give `target` what `source` says of its bands; colours come before any pixel, as TIFF wants it."""
    from rasterio.enums import ColorInterp

    for band, colour in zip(source.indexes, source.colorinterp, strict=True):
        if colour is ColorInterp.palette:
            target.write_colormap(band, source.colormap(band))
        target.update_tags(band, **source.tags(band))
    target.colorinterp = source.colorinterp
    target.descriptions, target.units = source.descriptions, source.units
    target.scales, target.offsets = source.scales, source.offsets
    target.update_tags(**source.tags())


def _copy(source: DatasetReader, window: Window, target: DatasetWriter) -> None:
    """Copy the pixels of a window, block by block, and which of them are valid where a mask beside them says so."""
    from rasterio.enums import MaskFlags
    from rasterio.windows import Window

    flags = source.mask_flag_enums[0]
    masked = MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
    for _, there in target.block_windows(1):
        here = Window(window.col_off + there.col_off, window.row_off + there.row_off, there.width, there.height)
        target.write(source.read(window=here), window=there)
        if masked:
            target.write_mask(source.read_masks(1, window=here), window=there)


def _pixels(edges: tuple[float, ...], size: int) -> tuple[int, int]:
    """Return the first pixel between two edges and the one after the last, whole and inside the raster."""
    first = max(0, math.floor(min(edges) + _SLACK))
    return min(first, size), min(size, max(first, math.ceil(max(edges) - _SLACK)))

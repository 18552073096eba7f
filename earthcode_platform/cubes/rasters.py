"""GeoTIFF assets as one lazy cube of values.

What the stored numbers mean is decided here, once: no-data becomes NaN, then scale and offset are applied. Both are
taken for each date by itself, because producers change them over time (Sentinel-2 did with baseline 04.00).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.dimensions import BANDS, TIME, described_bands
from earthcode_platform.cubes.mosaic import mosaic, stacked
from earthcode_platform.cubes.wanted import wanted_bands
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.cubes.assets import BandSource
    from earthcode_platform.cubes.resolved import ResolvedItem
    from earthcode_platform.cubes.wanted import WantedItem

__all__ = ["load_rasters"]


def load_rasters(
    items: Sequence[ResolvedItem], labels: Sequence[str], moments: Sequence[datetime] | None = None
) -> xr.DataArray:
    """Return bands of the items as a lazy cube (t, bands, y, x), float32 where that holds every stored number.

    Bands of classes keep their class numbers, with no-data as NaN. A band that an item lacks is no-data on its date.

    Args:
        items: Items in the order of time.
        labels: Names of bands: an asset's key, a band's name or a common name. The cube calls them the same.
        moments: The date of each item, in the order of time; the item's own moment if None. Items of one date are one
            mosaic, of which the first with data counts.

    Raises:
        UnknownNameError: No item has a band of that name.
        InputError: A name is ambiguous, a file is no raster, or items of one moment differ in scale or offset.
        UnavailableError: A remote file did not answer.
    """
    wanted = wanted_bands(items, labels)
    if moments is not None:
        wanted = [replace(item, moment=moment) for item, moment in zip(wanted, moments, strict=True)]
    meant = _dates(wanted)
    dates = list(meant.values())
    known = [next(source for source in column if source) for column in zip(*dates, strict=True)]
    meanings = {moment: [_numbers(source) for source in row] for moment, row in meant.items()}
    cube = stacked(wanted, meanings, labels)
    if cube is None:
        cube = _values(mosaic(wanted), dates)
    return described_bands(
        cube.assign_coords({BANDS: list(labels)}),
        [source.unit for source in known],
        [source.common_name for source in known],
        [source.wavelength for source in known],
    )


def _dates(items: Sequence[WantedItem]) -> dict[datetime, list[BandSource | None]]:
    """Return the sources of each date; items of one moment are one date, as in the mosaic."""
    dates: dict[datetime, list[BandSource | None]] = {}
    for item in items:
        row = [band.source if band else None for band in item.bands]
        known = dates.setdefault(item.moment, row)
        for at, (one, other) in enumerate(zip(known, row, strict=True)):
            if one and other and _meaning(one) != _meaning(other):
                raise InputError(
                    f"items of {item.moment.isoformat()} store band {one.label!r} differently.",
                    where=item.id,
                    remedy="Leave one of the items out.",
                )
            known[at] = one or other
    return dates


def _meaning(source: BandSource) -> tuple[str, float, float]:
    return str(source.nodata), source.scale, source.offset


def _numbers(source: BandSource | None) -> tuple[float, float, float]:
    """Return no-data, scale and offset; NaN for what is not there."""
    if source is None:
        return np.nan, np.nan, np.nan
    return np.nan if source.nodata is None else source.nodata, source.scale, source.offset


def _values(cube: xr.DataArray, dates: Sequence[Sequence[BandSource | None]]) -> xr.DataArray:
    import xarray as xr

    described = [[_numbers(source) for source in row] for row in dates]
    nodata, scale, offset = np.moveaxis(np.array(described, dtype="float64"), -1, 0)
    as_stored = np.isnan(nodata) & ((scale == 1) | np.isnan(scale)) & ((offset == 0) | np.isnan(offset))
    if as_stored.all():
        return cube
    parameters = [xr.DataArray(array, dims=(TIME, BANDS)) for array in (nodata, scale, offset)]
    return blockwise(_decode, cube, *parameters, dtype=str(cube.dtype))


def _decode(
    stored: NDArray[np.floating],
    nodata: NDArray[np.float64],
    scale: NDArray[np.float64],
    offset: NDArray[np.float64],
) -> NDArray[np.floating]:
    kind = stored.dtype
    masked = np.where(stored == nodata.astype(kind), np.asarray(np.nan, kind), stored)
    scaled: NDArray[np.floating] = masked * scale.astype(kind) + offset.astype(kind)
    return scaled

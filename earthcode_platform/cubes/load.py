"""A pinned input as one lazy cube."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.cubes.dimensions import TIME
from earthcode_platform.cubes.gridded import gridded_names, load_gridded
from earthcode_platform.cubes.rasters import load_rasters
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.solar_days import solar_days
from earthcode_platform.cubes.wanted import bands_meant, raster_names
from earthcode_platform.cubes.window import in_box, in_window
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.experiment import Grouping

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr

    from earthcode_platform.cubes.resolved import ResolvedItem
    from earthcode_platform.cubes.stac import Item
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["load"]


def load(
    pinned: PinnedInput,
    bands: Sequence[str] | None = None,
    *,
    keep: Callable[[Item], bool] | None = None,
) -> xr.DataArray:
    """Return the input as a lazy cube (t, bands, y, x) on Dask, inside its window in time and space.

    No pixel is read before the cube is computed. `dimensions` tells what a cube carries; `rasters` and `gridded` tell
    how files become values.

    Args:
        pinned: The input.
        bands: Names of bands, in the order wanted; all bands if None.
        keep: Which items to use; all if None.

    Raises:
        UnknownNameError: A band is not there.
        InputError: The files do not make one cube, or nothing of it lies in the window.
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A remote file did not answer.
    """
    items = [found for found in resolved_items(pinned) if keep is None or keep(found.item)]
    if not items:
        raise InputError(f"no item of the input {pinned.name!r} is left.", remedy="Loosen the filter on its items.")
    cube, dated_by_items = _cube(items, bands, pinned)
    if pinned.datetime is not None and not dated_by_items:
        cube = in_window(cube, pinned.datetime)
    return cube if pinned.bbox is None else in_box(cube, pinned.bbox)


def _cube(items: Sequence[ResolvedItem], bands: Sequence[str] | None, pinned: PinnedInput) -> tuple[xr.DataArray, bool]:
    """Return the cube, and whether its dates are those of the items, which the pinning has chosen already."""
    rasters, name = raster_names(items), pinned.name
    by_sun = pinned.group is Grouping.SOLAR_DAY
    if rasters and (bands is None or _all_rasters(items, bands)):
        meant = bands_meant(items, bands) if bands else rasters
        return load_rasters(items, meant, solar_days(items, pinned.bbox) if by_sun else None), True
    if by_sun:
        raise InputError(
            "its files hold dates of their own, which are not grouped by solar day.",
            where=f"input {name}",
            remedy="Leave `group` out, and bring dates together in the workflow (aggregate_temporal_period).",
        )
    variables = gridded_names(items)
    wanted = list(bands or variables)
    if any(band in rasters for band in wanted) and any(band in variables for band in wanted):
        raise InputError(
            f"the bands {', '.join(wanted)} lie partly in GeoTIFF and partly in NetCDF, Zarr or GRIB.",
            where=f"input {name}",
            remedy="Load them as two cubes.",
        )
    unknown = [band for band in wanted if band not in variables]
    if unknown or not wanted:
        missing = unknown[0] if unknown else "any"
        raise UnknownNameError.among("band", missing, {*rasters, *variables}, where=f"input {name}")
    cube = load_gridded(items, wanted)
    return cube, cube.sizes[TIME] == len(items)


def _all_rasters(items: Sequence[ResolvedItem], bands: Sequence[str]) -> bool:
    known = {
        name
        for found in items
        for band in found.raster_bands()
        for name in (band.label, band.asset, band.name, band.common_name)
    }
    return set(bands) <= known

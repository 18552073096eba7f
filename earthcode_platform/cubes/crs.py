"""Names of coordinate reference systems, and the one of a cube."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import xarray as xr

__all__ = ["axis_units", "crs_from_grid_mapping", "crs_name", "crs_of", "is_geographic", "with_crs"]


def crs_name(crs: object) -> str:
    """Return the CRS as `EPSG:<code>`, or as WKT2 where EPSG has no such system.

    Raises:
        InputError: It is no CRS.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        known = CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError(f"{crs!r} is no coordinate reference system: {error}.", remedy="Give EPSG or WKT2.") from None
    code = known.to_epsg()
    return f"EPSG:{code}" if code is not None else known.to_wkt()


def is_geographic(crs: str) -> bool:
    """Tell whether the CRS counts in degrees of longitude and latitude."""
    from pyproj import CRS

    return bool(CRS.from_user_input(crs).is_geographic)


def axis_units(crs: str) -> str:
    """Return what coordinates of a projected CRS count in, as UDUNITS has it: `m`, or so many of them."""
    from pyproj import CRS

    factor = CRS.from_user_input(crs).axis_info[0].unit_conversion_factor
    return "m" if factor == 1 else f"{factor!r} m"


def crs_from_grid_mapping(attributes: Mapping[str, Any]) -> str:
    """Return the CRS of a CF grid mapping variable (CF conventions, section 5.6).

    Latitude and longitude on a bare sphere, as weather models write them, are taken for EPSG:4326: a sphere names no
    datum from which they could be transformed, and the producers' grids are used that way.

    Raises:
        InputError: Its attributes describe no CRS.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_cf(dict(attributes))
    except (CRSError, KeyError) as error:
        raise InputError(f"its grid mapping describes no CRS: {error}.", remedy="Give it crs_wkt.") from None
    sphere = crs.ellipsoid is not None and crs.ellipsoid.semi_major_metre == crs.ellipsoid.semi_minor_metre
    return "EPSG:4326" if crs.is_geographic and sphere else crs_name(crs)


def crs_of(cube: xr.DataArray) -> str:
    """Return the CRS of a cube as `EPSG:<code>` or WKT2.

    Raises:
        InputError: The cube has none.
    """
    import rioxarray  # noqa: F401 - registers the accessor `rio`

    crs = cube.rio.crs
    if crs is None:
        raise InputError("the cube has no coordinate reference system.", remedy="Load it from data that have one.")
    return crs_name(crs)


def with_crs(cube: xr.DataArray, crs: str) -> xr.DataArray:
    """Return the cube with the CRS in its coordinate `spatial_ref`."""
    import rioxarray  # noqa: F401 - registers the accessor `rio`

    kept = cube.drop_vars("spatial_ref", errors="ignore")
    written: xr.DataArray = kept.rio.write_crs(crs)
    return written

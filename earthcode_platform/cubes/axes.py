"""Which dimension of a NetCDF or Zarr variable is time, latitude or longitude (CF conventions, chapter 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.dimensions import TIME, X, Y

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["axis_of"]

_STANDARD_NAMES: Final = {
    "time": TIME,
    "latitude": Y,
    "projection_y_coordinate": Y,
    "longitude": X,
    "projection_x_coordinate": X,
}
_AXES: Final = {"T": TIME, "Y": Y, "X": X}
_NAMES: Final = {
    "time": TIME,
    "t": TIME,
    "lat": Y,
    "latitude": Y,
    "y": Y,
    "lon": X,
    "longitude": X,
    "x": X,
}
_UNITS: Final = {"degrees_north": Y, "degree_north": Y, "degrees_n": Y, "degrees_east": X, "degree_east": X}


def axis_of(name: str, coordinate: xr.DataArray | None) -> str | None:
    """Return t, y or x if the dimension plays that part, by its attributes first and by its name last.

    Args:
        name: Name of the dimension.
        coordinate: Its coordinate variable; None if it has none, and then it plays no part.
    """
    if coordinate is None or coordinate.ndim != 1:
        return None
    attributes = coordinate.attrs
    for table, key in ((_STANDARD_NAMES, "standard_name"), (_AXES, "axis"), (_UNITS, "units")):
        value = str(attributes.get(key, ""))
        found = table.get(value) or table.get(value.lower())
        if found is not None:
            return found
    if coordinate.dtype.kind == "M":
        return TIME
    return _NAMES.get(name.lower())

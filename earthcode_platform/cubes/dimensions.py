"""What every cube here looks like: the names of its dimensions and of the coordinates that describe its bands.

A cube is an `xarray.DataArray` with the dimensions t, bands, y and x, in that order, as far as it has them; others
come in front of y and x. `t` holds moments in UTC, `y` and `x` the centres of pixels in the units of the CRS, rows from
north to south. No-data is NaN. The CRS is the coordinate `spatial_ref` (rioxarray). Along `bands` lie `units`,
`common_name` and `center_wavelength`; a cube of a single band without the dimension may carry `units` as a scalar. A
cube that was reduced over time remembers the span it stands for in the scalars `time_start` and `time_end`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

__all__ = [
    "BANDS",
    "COMMON_NAME",
    "SPATIAL",
    "TIME",
    "TIME_END",
    "TIME_START",
    "UNITS",
    "UNNAMED",
    "WAVELENGTH",
    "X",
    "Y",
    "band_units",
    "band_values",
    "described_bands",
    "float_dtype",
    "ordered",
    "with_span",
]

TIME: Final = "t"
BANDS: Final = "bands"
Y: Final = "y"
X: Final = "x"
SPATIAL: Final = (Y, X)
UNITS: Final = "units"
COMMON_NAME: Final = "common_name"
WAVELENGTH: Final = "center_wavelength"
TIME_START: Final = "time_start"
TIME_END: Final = "time_end"
UNNAMED: Final = "value"
"""Name of the single band of a cube without the dimension `bands`."""
_HALF_EXACT: Final = ("int8", "uint8", "int16", "uint16", "float16", "float32", "bool")
"""Types of which every number is exact in float32."""


def ordered(cube: xr.DataArray) -> xr.DataArray:
    """Return the cube with its dimensions in the order t, bands, others, y, x."""
    leading = [name for name in (TIME, BANDS) if name in cube.dims]
    trailing = [name for name in SPATIAL if name in cube.dims]
    others = [name for name in cube.dims if name not in leading and name not in trailing]
    return cube.transpose(*leading, *others, *trailing)


def band_values(cube: xr.DataArray) -> tuple[str, ...]:
    """Return the names of the bands of a cube, in order."""
    return tuple(map(str, cube[BANDS].values)) if BANDS in cube.dims else (UNNAMED,)


def band_units(cube: xr.DataArray) -> tuple[str, ...]:
    """Return the unit of each band of a cube; an empty text where none is known."""
    count = cube.sizes.get(BANDS, 1)
    if UNITS not in cube.coords:
        return ("",) * count
    return tuple("" if unit is None else str(unit) for unit in np.broadcast_to(cube[UNITS].values, count))


def described_bands(
    cube: xr.DataArray, units: Sequence[str], common_names: Sequence[str], wavelengths: Sequence[float]
) -> xr.DataArray:
    """Return the cube with what is known of each band as coordinates along `bands`; an empty text is unknown."""
    return cube.assign_coords(
        {
            UNITS: (BANDS, np.array(units, dtype=object)),
            COMMON_NAME: (BANDS, np.array(common_names, dtype=object)),
            WAVELENGTH: (BANDS, np.array(wavelengths, dtype="float64")),
        }
    )


def float_dtype(stored: str) -> str:
    """Return the float type that holds every number of the stored type: float32 up to 16 bits, else float64.

    Raises:
        InputError: It is no type of real numbers.
    """
    try:
        real = not stored or np.dtype(stored).kind in "biuf"
    except TypeError:
        real = False
    if not real:
        raise InputError(
            f"the stored type {stored!r} is none of real numbers.",
            remedy="Take a part of complex numbers first, and name the type as NumPy does.",
        )
    return "float32" if stored in _HALF_EXACT else "float64"


def with_span(cube: xr.DataArray, moments: xr.DataArray) -> xr.DataArray:
    """Return the cube with the first and last of `moments` as the span it stands for, if those are moments at all."""
    if moments.dtype.kind != "M" or not moments.size:
        return cube
    return cube.assign_coords({TIME_START: moments.values.min(), TIME_END: moments.values.max()})

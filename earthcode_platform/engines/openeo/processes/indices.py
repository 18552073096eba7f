"""Spectral indices."""

import numpy as np
import xarray as xr

from earthcode_platform.cubes.dimensions import BANDS, COMMON_NAME, UNITS, WAVELENGTH, ordered
from earthcode_platform.engines.openeo.along import Along, Cube
from earthcode_platform.engines.openeo.processes.arithmetic import normalized_difference
from earthcode_platform.engines.openeo.shapes import band_places, require_cube
from earthcode_platform.errors import ExecutionError, UnknownNameError

__all__ = ["ndvi"]


def ndvi(data: Cube, nir: str = "nir", red: str = "red", target_band: str | None = None) -> Cube:
    """Return (nir - red) / (nir + red): in place of the bands, or with a target band, beside them.

    Bands are found by name, else by common name.

    Raises:
        ExecutionError: The cube has no bands, a band is ambiguous, or the target exists (DimensionAmbiguous,
            NirBandAmbiguous, RedBandAmbiguous, BandExists).
    """
    cube = require_cube(data)
    if BANDS not in cube.dims:
        raise ExecutionError("DimensionAmbiguous: the cube has no dimension 'bands'.")
    near, visible = (_single(cube, name, kind) for name, kind in ((nir, "Nir"), (red, "Red")))
    along = Along(cube, BANDS)
    index = require_cube(normalized_difference(along.element(near), along.element(visible)))
    if target_band is None:
        return ordered(index)
    if target_band in cube[BANDS].values.tolist():
        raise ExecutionError(f"BandExists: the cube has a band {target_band!r} already.", remedy="Choose another name.")
    described = {UNITS: "", COMMON_NAME: "", WAVELENGTH: float("nan")}
    beside = {
        name: (BANDS, np.array([value], dtype=cube[name].dtype))
        for name, value in described.items()
        if name in cube.coords
    }
    layer = index.expand_dims({BANDS: [target_band]}).assign_coords(beside)
    plain = cube.copy(deep=False)
    plain.attrs = {}
    return ordered(xr.concat([plain, layer], dim=BANDS, coords="minimal", compat="override", join="exact"))


def _single(cube: xr.DataArray, name: str, kind: str) -> int:
    try:
        places = band_places(cube, name)
    except UnknownNameError as error:
        raise ExecutionError(f"{kind}BandAmbiguous: {error.message}", remedy=error.remedy) from None
    if len(places) > 1:
        raise ExecutionError(f"{kind}BandAmbiguous: {len(places)} bands are called {name!r}.", remedy="Name one.")
    return places[0]

"""Places in arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.cubes.dimensions import UNITS

if TYPE_CHECKING:
    import xarray as xr

    from earthcode_platform.engines.openeo.along import Along
    from earthcode_platform.engines.openeo.kernels import Floats

__all__ = ["first_match"]


def first_match(matched: Along, *, reverse: bool) -> xr.DataArray:
    """Return the index of the first (or last) true element of each array; NaN where none is true."""

    def kernel(values: Floats) -> Floats:
        true = np.equal(values, 1)
        place = true[..., ::-1].argmax(axis=-1) if reverse else true.argmax(axis=-1)
        index = true.shape[-1] - 1 - place if reverse else place
        return np.where(true.any(axis=-1), index, np.nan).astype("float64")

    found = blockwise(kernel, matched.cube, dtype="float64", over=matched.dimension)
    return found.drop_vars(UNITS, errors="ignore")

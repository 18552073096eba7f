"""What a graph saves, as files hold it, and whether they can: seen before it is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.cubes.dimensions import TIME
from earthcode_platform.cubes.write import require_writable
from earthcode_platform.engines.openeo.periods import PERIOD_START
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.engines.openeo.verdicts import Verdict
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    import xarray as xr

    from earthcode_platform.models.experiment import ProductFormat

__all__ = ["dated", "unwritable"]


def unwritable(result: object, form: ProductFormat | None, place: str) -> list[Verdict]:
    """Return why a result cannot be written: it is no cube, or none that the format holds.

    Args:
        result: What the graph saves.
        form: The format wanted; None if it is not known.
        place: The node that saves it.
    """
    try:
        cube = require_cube(result)
        if form is not None:
            require_writable(dated(cube), form, place)
    except (ExecutionError, InputError) as error:
        return [Verdict("workflow-unwritable", place, f"the result: {error.message}", error.remedy)]
    return []


def dated(cube: xr.DataArray) -> xr.DataArray:
    """Return the cube with moments along `t` where aggregation left names of periods there."""
    if TIME in cube.dims and PERIOD_START in cube.coords and cube[TIME].dtype.kind != "M":
        return cube.assign_coords({TIME: cube[PERIOD_START].values}).drop_vars(PERIOD_START)
    return cube

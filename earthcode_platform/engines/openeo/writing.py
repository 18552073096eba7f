"""What a graph saves, as files hold it, and whether they can: seen before it is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.cubes.dimensions import TIME
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.write import require_writable
from earthcode_platform.engines.openeo.periods import PERIOD_START
from earthcode_platform.engines.openeo.verdicts import Verdict
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from earthcode_platform.cubes.saved import SavedResult
    from earthcode_platform.engines.openeo.session import Session
    from earthcode_platform.models.experiment import ProductFormat

__all__ = ["dated", "unwritable"]


def unwritable(saved: Sequence[tuple[str, object]], session: Session) -> tuple[list[Verdict], list[SavedResult]]:
    """Return why results cannot be written, and those results that are cubes.

    Args:
        saved: The places of nodes that save, and what they save; the product first.
        session: What the run shares: how each was saved, and the format of the product.
    """
    verdicts, results = [], []
    for number, (place, result) in enumerate(saved):
        try:
            kept = session.saved(result)
            results.append(kept)
            if number == 0:
                _require_product(kept, session.format)
            form = kept.format or session.format
            if form is not None:
                require_writable(dated(kept.cube), form, place, read_options(kept.options, form))
        except ExecutionError as error:
            unsuitable = error.message.startswith("FormatUnsuitable")
            code = "workflow-format-unsuitable" if unsuitable else "workflow-unwritable"
            verdicts.append(Verdict(code, place, f"the result: {error.message}", error.remedy))
        except InputError as error:
            verdicts.append(Verdict("workflow-unwritable", place, f"the result: {error.message}", error.remedy))
    return verdicts, results


def _require_product(kept: SavedResult, form: ProductFormat | None) -> None:
    if form is not None and kept.format not in (None, form):
        raise ExecutionError(
            f"FormatUnsuitable: the graph saves its result as {kept.format}, but the product is wanted as {form}.",
            remedy="Leave 'format' out, or make product.format in experiment.yaml agree.",
        )


def dated(cube: xr.DataArray) -> xr.DataArray:
    """Return the cube with moments along `t` where aggregation left names of periods there."""
    if TIME in cube.dims and PERIOD_START in cube.coords and cube[TIME].dtype.kind != "M":
        return cube.assign_coords({TIME: cube[PERIOD_START].values}).drop_vars(PERIOD_START)
    return cube

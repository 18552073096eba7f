"""What a graph saves, as files hold it, and whether they can: seen before it is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.cubes.dimensions import TIME
from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.tables import TABLES
from earthcode_platform.cubes.write import require_writable
from earthcode_platform.engines.openeo.format_names import form_of
from earthcode_platform.engines.openeo.idle import other_format
from earthcode_platform.engines.openeo.periods import PERIOD_START
from earthcode_platform.engines.openeo.verdicts import Verdict
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import xarray as xr

    from earthcode_platform.cubes.saved import SavedResult
    from earthcode_platform.engines.openeo.session import Session
    from earthcode_platform.models.experiment import ProductFormat
    from earthcode_platform.process_graphs.graph import Graph

__all__ = ["dated", "kept_otherwise", "unwritable"]


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


def kept_otherwise(
    graph: Graph, saved: Sequence[tuple[str, object]], session: Session
) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield the places of nodes whose table is kept in the format of the product, with what is said of it.

    Args:
        graph: The graph.
        saved: The places of nodes that save, and what they save.
        session: What the run shares.
    """
    results = dict(saved)
    for node in graph.nodes.values():
        place, name = f"node {node.id!r}", node.arguments.get("format")
        result = results.get(place)
        if node.process == "save_result" and isinstance(name, str) and result is not None:
            kept = session.saved(result)
            if kept.format is None and form_of(name) in TABLES:
                yield place, other_format(name)


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

"""Results, and what graphs say on the way to them."""

import logging
from typing import Final, Literal

from earthcode_platform.engines.openeo.along import Along, Cube, Value
from earthcode_platform.engines.openeo.formats import Format, form_of
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import ExecutionError
from earthcode_platform.redaction import public

__all__ = ["export_workspace", "inspect", "save_result"]

_LOG: Final = logging.getLogger(__name__)


def save_result(
    session: Session, data: Cube, format_: Format | None = None, options: dict[str, Value] | None = None
) -> Cube:
    """Keep the cube as a result, to be written in the format of the product, and return it.

    Products are COG, NetCDF or Zarr, and `experiment.yaml` says which. A graph that names one of these must name the
    same; a picture or a table (PNG, CSV and their like) is kept in the format of the product, with the same values.
    `options` are for files of other back-ends: the platform sets names and layout itself.

    Raises:
        ExecutionError: It is no cube, or the format is another than the product's (FormatUnsuitable).
        UnknownNameError: There is no such format.
    """
    _ = options
    cube = require_cube(data)
    wanted = None if format_ is None else form_of(format_)
    if wanted is not None and session.format not in (None, wanted):
        raise ExecutionError(
            f"FormatUnsuitable: the graph saves as {format_}, but the product is wanted as {session.format}.",
            remedy="Leave 'format' out, or make product.format in experiment.yaml agree.",
        )
    session.results.append(cube)
    return cube


def export_workspace(data: Cube, workspace: str, merge: str | None = None) -> Cube:
    """Return the result unchanged: the platform archives what was saved, where its provider keeps products.

    A graph cannot choose the place, and so `workspace` and `merge` name nothing here.

    Raises:
        ExecutionError: It is no result.
    """
    _LOG.info("what is exported to the workspace %s is archived with the product (%s)", workspace, merge)
    return require_cube(data)


def inspect(
    data: Value,
    message: str = "",
    code: str = "User",
    level: Literal["error", "warning", "info", "debug"] = "info",
) -> Value:
    """Return the data unchanged, after a line in the log: the message, and what the data are, not their values."""
    _LOG.log(_LEVELS[level], "%s: %s (%s)", public(code), public(message), _described(data))
    return data


_LEVELS: Final = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO, "debug": logging.DEBUG}


def _described(data: Value) -> str:
    cube = data.cube if isinstance(data, Along) else data
    sizes = getattr(cube, "sizes", None)
    if sizes is None:
        return type(data).__name__
    kind = "an array for each pixel of " if isinstance(data, Along) else ""
    return f"{kind}a cube of {', '.join(f'{size} {name}' for name, size in sizes.items())}"

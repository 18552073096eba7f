"""Results, and what graphs say on the way to them."""

import logging
from collections.abc import Mapping
from typing import Annotated, Final, Literal

from earthcode_platform.cubes.file_options import read_options, require_known
from earthcode_platform.cubes.saved import SavedResult
from earthcode_platform.engines.openeo.along import Along, Cube, Value
from earthcode_platform.engines.openeo.format_names import Format, form_in
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.redaction import public

__all__ = ["export_workspace", "inspect", "save_result"]

_LOG: Final = logging.getLogger(__name__)


Options = Annotated[dict[str, Value], require_known]
"""Options of the format by name, in upper or lower case."""


def save_result(session: Session, data: Cube, format_: Format | None = None, options: Options | None = None) -> Cube:
    """Keep the cube as a result, to be written as a file, and return it.

    Without a format it is written in that of the product. The result of the whole graph is the product itself and must
    be in its format; others stand beside it in formats of their own. A picture (PNG and its like), or a table of a cube
    that has pixels, is kept in the format of the product, with the same values, and its options are not read.

    Raises:
        ExecutionError: It is no cube.
        InputError: The format has no such option, or not with such a value.
        UnknownNameError: There is no such format.
    """
    # Saved twice, in two formats, a cube is two results.
    cube = require_cube(data).copy(deep=False)
    form = None if format_ is None else form_in(format_, cube, session.format)
    elsewhere = format_ is not None and form is None
    given: Mapping[str, object] = {} if elsewhere else options or {}
    wanted = form or session.format
    if wanted is None:
        require_known(given)
    else:
        read_options(given, wanted)
    session.results.append(SavedResult(cube, form, given))
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

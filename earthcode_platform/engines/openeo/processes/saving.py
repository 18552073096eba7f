"""Results."""

from collections.abc import Mapping
from typing import Annotated, Final

from earthcode_platform.cubes.file_options import read_options, require_known
from earthcode_platform.cubes.saved import SavedResult
from earthcode_platform.engines.openeo.along import Cube, Value
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.experiment import ProductFormat

__all__ = ["save_result"]

_FORMATS: Final = {
    "cog": ProductFormat.COG,
    "gtiff": ProductFormat.COG,
    "geotiff": ProductFormat.COG,
    "netcdf": ProductFormat.NETCDF,
    "zarr": ProductFormat.ZARR,
}
"""openEO and GDAL names of formats, in lower case."""


def _form(name: str) -> ProductFormat:
    known = _FORMATS.get(name.lower())
    if known is None:
        raise UnknownNameError.among("format", name.lower(), _FORMATS)
    return known


Format = Annotated[str, _form]
"""The name of a format, in upper or lower case."""
Options = Annotated[dict[str, Value], require_known]
"""Options of the format by name, in upper or lower case."""


def save_result(session: Session, data: Cube, format_: Format | None = None, options: Options | None = None) -> Cube:
    """Keep the cube as a result, to be written as a file, and return it.

    Without a format it is written in that of the product. The result of the whole graph is the product itself and must
    be in its format; others stand beside it in formats of their own.

    Raises:
        ExecutionError: It is no cube.
        InputError: The format has no such option, or not with such a value.
        UnknownNameError: There is no such format.
    """
    # Saved twice, in two formats, a cube is two results.
    cube = require_cube(data).copy(deep=False)
    form = None if format_ is None else _form(format_)
    given: Mapping[str, object] = options or {}
    wanted = form or session.format
    if wanted is None:
        require_known(given)
    else:
        read_options(given, wanted)
    session.results.append(SavedResult(cube, form, given))
    return cube

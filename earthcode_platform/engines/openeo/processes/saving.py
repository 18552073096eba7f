"""Results."""

from typing import Annotated, Final

from earthcode_platform.engines.openeo.along import Cube, Value
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import ExecutionError, UnknownNameError
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


def _none(options: dict[str, Value]) -> None:
    if options:
        raise ExecutionError(
            f"the options {', '.join(options)} are not supported.", remedy="Leave them out: the platform sets them."
        )


Format = Annotated[str, _form]
"""The name of a format, in upper or lower case."""
Options = Annotated[dict[str, Value], _none]
"""Nothing: what can be set in files of results is set by the platform."""


def save_result(session: Session, data: Cube, format_: Format | None = None, options: Options | None = None) -> Cube:
    """Keep the cube as a result, to be written in the format of the product, and return it.

    Raises:
        ExecutionError: It is no cube, options are given, or the format is another than the product's.
        UnknownNameError: There is no such format.
    """
    cube = require_cube(data)
    _none(options or {})
    if format_ is not None and session.format not in (None, _form(format_)):
        raise ExecutionError(
            f"FormatUnsuitable: the graph saves as {format_}, but the product is wanted as {session.format}.",
            remedy="Leave 'format' out, or make product.format in experiment.yaml agree.",
        )
    session.results.append(cube)
    return cube

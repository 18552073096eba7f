"""Results."""

from typing import Final

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


def save_result(
    session: Session, data: Cube, format_: str | None = None, options: dict[str, Value] | None = None
) -> Cube:
    """Keep the cube as a result, to be written in the format of the product, and return it.

    Raises:
        ExecutionError: It is no cube, options are given, or the format is another than the product's.
        UnknownNameError: There is no such format.
    """
    cube = require_cube(data)
    if options:
        raise ExecutionError(
            f"the options {', '.join(options)} are not supported.", remedy="Leave them out: the platform sets them."
        )
    if format_ is not None:
        known = _FORMATS.get(format_.lower())
        if known is None:
            raise UnknownNameError.among("format", format_, _FORMATS)
        if known is not session.format:
            raise ExecutionError(
                f"the graph saves as {format_}, but the product is wanted as {session.format.value}.",
                remedy="Leave 'format' out, or make product.format in experiment.yaml agree.",
            )
    session.results.append(cube)
    return cube

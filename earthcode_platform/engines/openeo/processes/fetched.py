"""Files that graphs name by address: the workflow keeps a copy of each."""

from typing import Annotated

from earthcode_platform.engines.openeo.along import Value
from earthcode_platform.engines.openeo.geofiles import FORMATS, geojson_in
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.errors import UnknownNameError

__all__ = ["load_url"]


def _format(name: str) -> None:
    if name.lower() not in map(str.lower, FORMATS):
        raise UnknownNameError.among("format", name, FORMATS)


Format = Annotated[str, _format]
"""The name of a format of geometries, in upper or lower case."""


def load_url(session: Session, url: str, format_: Format, options: dict[str, Value] | None = None) -> dict[str, object]:
    """Return the geometries in a file, as GeoJSON: the copy that the workflow keeps for an address.

    Nothing is fetched in a run: what stands behind an address may be something else tomorrow.

    Raises:
        UnknownNameError: The workflow keeps no copy for the address, or there is no such format.
        ExecutionError: It is neither GeoJSON nor GeoParquet.
        MissingExtraError: It is Parquet, and the extra `parquet` is not installed.
    """
    _ = options
    _format(format_)
    return geojson_in(session.file(url))

"""Names of file formats in graphs, and the formats of products."""

from __future__ import annotations

from typing import Annotated, Final

from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.experiment import ProductFormat

__all__ = ["Format", "form_of"]

_FORMATS: Final = {
    "cog": ProductFormat.COG,
    "gtiff": ProductFormat.COG,
    "geotiff": ProductFormat.COG,
    "netcdf": ProductFormat.NETCDF,
    "zarr": ProductFormat.ZARR,
}
"""openEO and GDAL names of formats, in lower case."""
_NOT_WRITTEN: Final = frozenset({"csv", "geojson", "gpkg", "jpeg", "jpg", "json", "covjson", "parquet", "png"})
"""Pictures and tables: names of formats in which no product is written; the values are kept in that of the product."""


def form_of(name: str) -> ProductFormat | None:
    """Return the format that a graph names; None for one of pictures and tables, which no product has.

    Raises:
        UnknownNameError: There is no such format.
    """
    known = name.lower()
    if known not in _FORMATS and known not in _NOT_WRITTEN:
        raise UnknownNameError.among("format", known, {*_FORMATS, *_NOT_WRITTEN})
    return _FORMATS.get(known)


def _known(name: str) -> None:
    form_of(name)


Format = Annotated[str, _known]
"""The name of a format, in upper or lower case."""

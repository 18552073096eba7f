"""Names of file formats in graphs, and the formats of products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from earthcode_platform.cubes.features import is_table, is_vector
from earthcode_platform.cubes.tables import TABLES
from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.experiment import ProductFormat

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Format", "form_in", "form_of"]

_FORMATS: Final = {
    "cog": ProductFormat.COG,
    "gtiff": ProductFormat.COG,
    "geotiff": ProductFormat.COG,
    "netcdf": ProductFormat.NETCDF,
    "zarr": ProductFormat.ZARR,
    "csv": ProductFormat.CSV,
    "geojson": ProductFormat.GEOJSON,
    "parquet": ProductFormat.PARQUET,
    "geoparquet": ProductFormat.PARQUET,
}
"""openEO and GDAL names of formats, in lower case."""
_NOT_WRITTEN: Final = frozenset({"gpkg", "jpeg", "jpg", "json", "covjson", "png"})
"""Pictures and others in which no product is written; the values are kept in the format of the product."""


def form_of(name: str) -> ProductFormat | None:
    """Return the format that a graph names; None for one of pictures, which no product has.

    Raises:
        UnknownNameError: There is no such format.
    """
    known = name.lower()
    if known not in _FORMATS and known not in _NOT_WRITTEN:
        raise UnknownNameError.among("format", known, {*_FORMATS, *_NOT_WRITTEN})
    return _FORMATS.get(known)


def form_in(name: str, cube: xr.DataArray, wanted: ProductFormat | None) -> ProductFormat | None:
    """Return the format in which a cube is saved that a graph saves under a name; None for that of the product.

    Published graphs ask for tables of cubes that have pixels, and for CSV of series: what a table cannot hold, and a
    series that is wanted as something else, keeps the format of the product.

    Args:
        name: The name that the graph gives.
        cube: What it saves.
        wanted: The format of the product; None if it is not known.

    Raises:
        UnknownNameError: There is no such format.
    """
    form = form_of(name)
    kept = form in TABLES and (not is_table(cube) or (not is_vector(cube) and wanted not in (None, form)))
    return None if kept else form


def _known(name: str) -> None:
    form_of(name)


Format = Annotated[str, _known]
"""The name of a format, in upper or lower case."""

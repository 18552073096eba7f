"""Files that graphs name by address: the workflow keeps a copy of each."""

from typing import Annotated, Final

from earthcode_platform.cubes.assets import Container
from earthcode_platform.cubes.local_files import load_file
from earthcode_platform.engines.openeo.along import Cube, Value
from earthcode_platform.engines.openeo.geofiles import FORMATS, geojson_in
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.errors import UnknownNameError

__all__ = ["load_url"]

_RASTERS: Final = {
    "gtiff": Container.RASTER,
    "geotiff": Container.RASTER,
    "cog": Container.RASTER,
    "netcdf": Container.NETCDF,
    "grib": Container.GRIB,
}
"""Names of formats of cubes, in lower case."""


def _format(name: str) -> None:
    if name.lower() not in {*map(str.lower, FORMATS), *_RASTERS}:
        raise UnknownNameError.among("format", name, (*FORMATS, "GTiff", "netCDF", "GRIB"))


Format = Annotated[str, _format]
"""The name of a format of geometries or rasters, in upper or lower case."""


def load_url(
    session: Session, url: str, format_: Format, options: dict[str, Value] | None = None
) -> dict[str, object] | Cube:
    """Return what is in a file: geometries as GeoJSON, a raster as a cube. It is the copy that the workflow keeps.

    Nothing is fetched in a run: what stands behind an address may be something else tomorrow. A cube has the dates that
    its file has, and no others.

    Raises:
        UnknownNameError: The workflow keeps no copy for the address, or there is no such format.
        ExecutionError: It is no GeoJSON and no GeoParquet.
        InputError: It is no GeoTIFF, NetCDF or GRIB, or lies on no grid with a CRS.
        MissingExtraError: It is Parquet, and the extra `parquet` is not installed.
    """
    _ = options
    _format(format_)
    path = session.file(url)
    form = _RASTERS.get(format_.lower())
    return geojson_in(path) if form is None else load_file(path, form)

"""GRIB files as lazy data sets: a variable for each parameter and level, a date for each message of it.

GDAL reads them (driver GRIB, in rasterio's own library), editions 1 and 2. Values are in the units of the file: unless
told not to, GDAL turns kelvins into degrees Celsius.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import rasterio
import xarray as xr
from rasterio.errors import RasterioError
from rasterio.windows import Window
from xarray.backends import BackendArray
from xarray.core.indexing import IndexingSupport, LazilyIndexedArray, explicit_indexing_adapter

from earthcode_platform.cubes.access import readable
from earthcode_platform.cubes.dimensions import TIME, X, Y
from earthcode_platform.cubes.opened import READ_OPTIONS, opened_raster
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader
    from xarray.core.indexing import ExplicitIndexer

__all__ = ["open_grib"]

_OPTIONS: Final = {**READ_OPTIONS, "GRIB_NORMALIZE_UNITS": "NO"}
_UNKNOWN: Final = "unknown"
_NOBODY: Final = 0
"""Stands for the message of a date that a variable lacks; GDAL counts from 1."""


class _Message(NamedTuple):
    """What is told of one message."""

    name: str
    """Parameter and level, such as `TMP_2-HTGL`: temperature two metres above the ground."""
    moment: np.datetime64
    """When it is valid, UTC."""
    number: int
    """Its place in the file, from 1."""
    attributes: dict[str, str]
    """Long name and units of its values."""


def open_grib(href: str) -> xr.Dataset:
    """Return a GRIB file as a data set (t, y, x) with its CRS in `spatial_ref`; no value is read.

    Parameters are called as GDAL calls them (WMO and NCEP tables), with the level behind: `TMP_2-HTGL`. One that the
    tables do not know is called by discipline, category and number. Dates are those for which a message is valid.
    Values are float32; a date that a variable lacks is no-data.

    Args:
        href: A local file, an address, or an object in storage.

    Raises:
        InputError: It is missing, no GRIB file, or holds two messages of one variable for one moment.
        UnavailableError: A remote file did not answer.
    """
    source = readable(href)
    try:
        with rasterio.Env(**_OPTIONS), rasterio.open(source, driver="GRIB") as opened:
            messages = [_message(opened, number) for number in opened.indexes]
            rows, columns = opened.shape
            transform, wkt = opened.transform, opened.crs.to_wkt() if opened.crs else ""
    except RasterioError as error:
        if is_remote(href):
            raise UnavailableError(f"it cannot be opened: {error}.", where=href, remedy="Try again.") from None
        raise InputError(f"it cannot be opened as grib: {error}.", where=href) from None
    moments = np.unique(np.array([message.moment for message in messages]))
    variables = {}
    for name in dict.fromkeys(message.name for message in messages):
        own = [message for message in messages if message.name == name]
        array = _Messages(source, (len(moments), rows, columns), _numbers(own, moments, href))
        variables[name] = (
            (TIME, Y, X),
            LazilyIndexedArray(array),
            {**own[0].attributes, "grid_mapping": "spatial_ref"},
        )
    coords = {
        TIME: (TIME, moments),
        Y: (Y, transform.f + transform.e * (np.arange(rows) + 0.5), {"axis": "Y"}),
        X: (X, transform.c + transform.a * (np.arange(columns) + 0.5), {"axis": "X"}),
        **({"spatial_ref": ((), np.int32(0), {"crs_wkt": wkt})} if wkt else {}),
    }
    return xr.Dataset(variables, coords)


def _message(opened: DatasetReader, number: int) -> _Message:
    told = opened.tags(number)
    element, level = told.get("GRIB_ELEMENT", _UNKNOWN), told.get("GRIB_SHORT_NAME", "")
    if element == _UNKNOWN:
        numbers = told.get("GRIB_PDS_TEMPLATE_ASSEMBLED_VALUES", "").split()[:2]
        element = ".".join([told.get("GRIB_DISCIPLINE", _UNKNOWN).partition("(")[0], *numbers])
    units = told.get("GRIB_UNIT", "").strip("[] ")
    comment = told.get("GRIB_COMMENT", "").partition(" [")[0]
    return _Message(
        name=f"{element}_{level}" if level else element,
        moment=np.datetime64(int(told["GRIB_VALID_TIME"].split()[0]), "s").astype("datetime64[ns]"),
        number=number,
        attributes={"long_name": comment or element, **({"units": units} if units not in ("", "-") else {})},
    )


def _numbers(own: Sequence[_Message], moments: NDArray[np.datetime64], href: str) -> list[int]:
    """Return which message holds each moment."""
    found = [_NOBODY] * len(moments)
    for message in own:
        at = int(np.searchsorted(moments, message.moment))
        if found[at] != _NOBODY:
            raise InputError(
                f"two messages hold {message.name!r} at {np.datetime_as_string(message.moment, unit='s')}Z.",
                where=href,
                remedy="Split runs of a forecast and members of an ensemble into files of their own (grib_copy).",
            )
        found[at] = message.number
    return found


class _Messages(BackendArray):
    """The messages of a variable as an array (t, rows, columns) that reads the window that is asked for."""

    def __init__(self, href: str, shape: tuple[int, int, int], numbers: Sequence[int]) -> None:
        self.shape = shape
        self.dtype = np.dtype("float32")
        self._href = href
        self._numbers = tuple(numbers)

    def __getitem__(self, key: ExplicitIndexer) -> Any:  # noqa: ANN401 - as in xarray
        return explicit_indexing_adapter(key, self.shape, IndexingSupport.BASIC, self._read)

    def _read(self, key: tuple[int | slice, ...]) -> NDArray[np.float32]:
        dates, rows, columns = (_range(one, length) for one, length in zip(key, self.shape, strict=True))
        top, left = min(rows, default=0), min(columns, default=0)
        window = Window(left, top, max(columns, default=-1) + 1 - left, max(rows, default=-1) + 1 - top)
        values = np.full((len(dates), len(rows), len(columns)), np.nan, "float32")
        with rasterio.Env(**_OPTIONS), opened_raster(self._href) as opened:
            for at, date in enumerate(dates):
                if self._numbers[date] != _NOBODY and values.size:
                    read = opened.read(self._numbers[date], window=window, masked=True).astype("float32")
                    values[at] = read.filled(np.nan)[:: rows.step, :: columns.step]
        return values[tuple(slice(None) if isinstance(one, slice) else 0 for one in key)]


def _range(key: int | slice, length: int) -> range:
    return range(length)[key] if isinstance(key, slice) else range(int(key), int(key) + 1)

"""Checksums of what a file means, whatever its bytes: equal for equal data."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.checksums import MULTIHASH_SHA256
from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.crs import crs_from_grid_mapping, crs_name
from earthcode_platform.cubes.gridded import open_gridded
from earthcode_platform.cubes.read_tables import READERS, canonical, read_table
from earthcode_platform.cubes.reopen import decoded
from earthcode_platform.cubes.write_arrays import BAND_ORDER, PROJECTED
from earthcode_platform.cubes.write_vectors import CONTAINER
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

__all__ = ["data_checksum"]

_SLAB_BYTES: Final = 16 * 1024 * 1024
"""Bytes that are read at once."""


def data_checksum(path: Path) -> str:
    """Return a SHA-256 multihash over the decoded values of a raster, NetCDF file, Zarr store or table.

    Names, units, dimensions, the coordinates of dimensions and the CRS count; compression, chunks, byte order, stored
    type, order of variables, history and moments of writing do not. Numbers count as float64 or int64, every NaN is
    the same, and so are 0 and -0. Units of projected x and y do not count in files of this platform: the CRS tells
    them, and earlier files, whose checksums are published, do not say them again.

    Raises:
        InputError: The file is none of these, or cannot be read.
    """
    form = container(str(path), None)
    digest = hashlib.sha256()
    if path.suffix in READERS:
        digest.update(_canonical(canonical(read_table(path))))
        return MULTIHASH_SHA256 + digest.hexdigest()
    if form is None:
        raise InputError("its name does not tell its format.", where=str(path), remedy="Name it .tif, .nc or .zarr.")
    for piece in _raster(path) if form is Container.RASTER else _arrays(path, form):
        digest.update(piece)
    return MULTIHASH_SHA256 + digest.hexdigest()


def _raster(path: Path) -> Iterator[bytes | memoryview]:
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.windows import Window

    try:
        with rasterio.open(path) as opened:
            rows, columns = opened.shape
            yield _canonical(
                {
                    "form": "raster",
                    "crs": crs_name(opened.crs.to_wkt()) if opened.crs else None,
                    "transform": [number + 0.0 for number in tuple(opened.transform)[:6]],
                    "shape": [rows, columns],
                    "bands": [[name, unit] for name, unit in zip(opened.descriptions, opened.units, strict=True)],
                }
            )
            step = max(1, _SLAB_BYTES // (8 * columns))
            for number, scale, offset in zip(opened.indexes, opened.scales, opened.offsets, strict=True):
                for start in range(0, rows, step):
                    window = Window(0, start, columns, min(step, rows - start))
                    (block,) = decoded(opened, [number], window, np.dtype("float64"))
                    yield _bytes(block if (scale, offset) == (1.0, 0.0) else block * scale + offset)
    except RasterioError as error:
        raise InputError(f"it cannot be read as a raster: {error}.", where=str(path)) from None


def _arrays(path: Path, form: Container) -> Iterator[bytes | memoryview]:
    with open_gridded(str(path), form) as opened:
        # Geometries and what is known of them are coordinates, but not of a dimension.
        told = opened.variables if CONTAINER in opened.variables else opened.data_vars
        variables = {name: opened[name] for name in sorted(map(str, told)) if name not in opened.dims}
        coordinates = {name: opened[name] for name in sorted(map(str, opened.dims)) if name in opened.coords}
        ours = BAND_ORDER in opened.attrs
        yield _canonical(
            {
                "form": "arrays",
                "crs": _crs_names(opened, variables),
                "variables": [_described(name, variable) for name, variable in variables.items()],
                "coordinates": [
                    _described(name, variable) | ({"units": None} if ours and _is_projected(name, variable) else {})
                    for name, variable in coordinates.items()
                ],
            }
        )
        for variable in (*coordinates.values(), *variables.values()):
            for slab in _slabs(variable):
                yield _bytes(slab)


def _crs_names(opened: xr.Dataset, variables: dict[str, xr.DataArray]) -> list[str]:
    names = {str(variable.encoding.get("grid_mapping", "")) for variable in variables.values()} & set(
        map(str, opened.coords)
    )
    return sorted(crs_from_grid_mapping(opened[name].attrs) for name in names)


def _described(name: str, variable: xr.DataArray) -> dict[str, Any]:
    return {
        "name": name,
        "dims": list(map(str, variable.dims)),
        "shape": list(variable.shape),
        "units": variable.attrs.get("units"),
    }


def _is_projected(name: str, variable: xr.DataArray) -> bool:
    return name in PROJECTED and variable.attrs.get("standard_name") == PROJECTED[name]


def _slabs(variable: xr.DataArray) -> Iterator[NDArray[Any]]:
    if not variable.dims or not variable.size:
        yield variable.values
        return
    first = variable.dims[0]
    each = max(1, variable.nbytes // variable.sizes[first])
    if each > _SLAB_BYTES and variable.ndim > 1:
        for at in range(variable.sizes[first]):
            yield from _slabs(variable.isel({first: at}))
        return
    step = max(1, _SLAB_BYTES // each)
    for start in range(0, variable.sizes[first], step):
        yield variable.isel({first: slice(start, start + step)}).values


def _canonical(header: dict[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode() + b"\n"


def _bytes(values: NDArray[Any]) -> bytes | memoryview:
    kind = values.dtype.kind
    if kind in "fc":
        # A sum of a single number is a scalar of NumPy, into which nothing can be written.
        numbers = np.ascontiguousarray(values.astype("<c16" if kind == "c" else "<f8") + 0.0)
        numbers[np.isnan(numbers)] = np.nan
        return numbers.data
    if kind == "M":
        return values.astype("datetime64[ns]").astype("<i8").tobytes()
    if kind == "m":
        return values.astype("timedelta64[ns]").astype("<i8").tobytes()
    if kind in "iub":
        return values.astype("<u8" if values.dtype == np.uint64 else "<i8").tobytes()
    return json.dumps(list(map(str, values.ravel()))).encode()

"""A cube as NetCDF-4 or Zarr version 3, laid out by the CF conventions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.crs import axis_units, is_geographic
from earthcode_platform.cubes.dimensions import (
    BANDS,
    TIME,
    TIME_END,
    TIME_START,
    X,
    Y,
    band_units,
    band_values,
)
from earthcode_platform.cubes.grid import grid_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.models.file_options import FileOptions, NetCDFOptions, ZarrOptions

__all__ = [
    "BAND_ORDER",
    "PROJECTED",
    "RESERVED",
    "band_order",
    "band_variables",
    "dataset",
    "header_attributes",
    "time_coordinate",
    "write_netcdf",
    "write_zarr",
    "zarr_layout",
]

BAND_ORDER: Final = "band_order"
"""Attribute of NetCDF and Zarr: the names of the bands in order, as JSON; the containers do not keep an order."""
RESERVED: Final = (TIME, Y, X, "spatial_ref")
"""Names that coordinates of NetCDF and Zarr have."""
_CHUNK: Final = 512
_SHARD: Final = 2048
"""Rows and columns of a shard."""
_SHARD_BYTES: Final = 64 * 1024 * 1024
"""Largest shard, before compression; above it the sides are halved."""
_CONVENTIONS: Final = "CF-1.11"
_DEGREES: Final = {
    X: {"standard_name": "longitude", "long_name": "longitude", "units": "degrees_east", "axis": "X"},
    Y: {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north", "axis": "Y"},
}
PROJECTED: Final = {X: "projection_x_coordinate", Y: "projection_y_coordinate"}
"""Standard names of the axes of a projected CRS."""


def dataset(cube: xr.DataArray, title: str, names: Mapping[str, str]) -> xr.Dataset:
    """Lay the cube out by CF: one variable for each band, coordinates with standard names, a grid mapping.

    A cube without x and y, a series or a single value, has no grid mapping; its place is not told in the file.

    Args:
        cube: A cube as `as_written` lays it out; values of a lazy one stay lazy.
        title: Title of the file.
        names: Names of variables by band, where they differ.
    """
    import xarray as xr

    placed = X in cube.dims and Y in cube.dims
    variables = band_variables(cube, names, {"grid_mapping": "spatial_ref"} if placed else {})
    return xr.Dataset(variables, _coordinates(cube), header_attributes(cube, title, names))


def band_variables(cube: xr.DataArray, names: Mapping[str, str], attributes: Mapping[str, str]) -> dict[str, Any]:
    """Return a variable for each band, with its name, its unit and further attributes."""
    dims = tuple(str(name) for name in cube.dims if name != BANDS)
    variables = {}
    for at, (band, unit) in enumerate(zip(band_values(cube), band_units(cube), strict=True)):
        values = (cube.isel({BANDS: at}) if BANDS in cube.dims else cube).data
        name = names.get(band, band)
        variables[name] = (dims, values, {"long_name": name, **({"units": unit} if unit else {}), **attributes})
    return variables


def header_attributes(cube: xr.DataArray, title: str, names: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a file: conventions, title, the order of the bands, and the time it stands for."""
    called = [names.get(name, name) for name in band_values(cube)]
    attributes = {"Conventions": _CONVENTIONS, "title": title, BAND_ORDER: json.dumps(called, ensure_ascii=False)}
    for name, key in ((TIME_START, "time_coverage_start"), (TIME_END, "time_coverage_end")):
        if name in cube.coords and cube[name].ndim == 0:
            attributes[key] = f"{cube[name].values.astype('datetime64[s]')}Z"
    return attributes


def band_order(data: xr.Dataset) -> list[str]:
    """Return the names of the bands of a file in their order; none if the file does not tell it."""
    try:
        told = json.loads(data.attrs.get(BAND_ORDER, "[]"))
    except (TypeError, ValueError):
        return []
    return [str(name) for name in told] if isinstance(told, list) else []


def _coordinates(cube: xr.DataArray) -> dict[str, Any]:
    coords: dict[str, Any] = {}
    if X in cube.dims and Y in cube.dims:
        coords["spatial_ref"] = ((), np.int32(0), dict(cube["spatial_ref"].attrs))
        crs = grid_of(cube).crs
        described = _DEGREES if is_geographic(crs) else _projected(crs)
    else:
        described = {X: {"long_name": X, "axis": "X"}, Y: {"long_name": Y, "axis": "Y"}}
    coords |= {name: (name, cube[name].values, dict(described[name])) for name in (Y, X) if name in cube.dims}
    if TIME in cube.dims:
        coords[TIME] = time_coordinate(cube)
    return coords


def _projected(crs: str) -> dict[str, dict[str, str]]:
    units = axis_units(crs)
    return {
        axis: {"standard_name": name, "long_name": axis, "units": units, "axis": axis.upper()}
        for axis, name in PROJECTED.items()
    }


def time_coordinate(cube: xr.DataArray) -> tuple[str, NDArray[Any], dict[str, str]]:
    """Return the labels of `t`, moments or names of periods, as a coordinate."""
    return TIME, cube[TIME].values, _time_attributes(cube)


def _time_attributes(cube: xr.DataArray) -> dict[str, str]:
    if cube[TIME].dtype.kind == "M":
        return {"standard_name": "time", "long_name": "time", "axis": "T"}
    return {"long_name": "period"}


def write_netcdf(data: xr.Dataset, path: Path, options: NetCDFOptions) -> None:
    """Write what `dataset` laid out as NetCDF-4."""
    compressed = {"zlib": True, "complevel": options.complevel, "shuffle": options.shuffle}
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in data.data_vars.items():
        encoding[str(name)] = {**(compressed if options.compression == "zlib" else {}), **_stored(variable, options)}
        if options.chunksizes and variable.ndim:
            sizes = zip(variable.dims, variable.shape, strict=True)
            lengths = tuple(min(options.chunksizes.get(str(dim), length), length) for dim, length in sizes)
            encoding[str(name)]["chunksizes"] = lengths
    encoding |= {name: {"_FillValue": None} for name in (Y, X) if name in data.coords}
    encoding |= _time_encoding(data)
    data.to_netcdf(path, engine="netcdf4", format="NETCDF4", encoding=encoding)


def write_zarr(data: xr.Dataset, path: Path, options: ZarrOptions) -> None:
    """Write what `dataset` laid out as Zarr version 3; of lazy variables everything but their values."""
    encoding: dict[str, dict[str, Any]] = {}
    for name, variable in data.data_vars.items():
        stored = _stored(variable, options)
        dtype = np.dtype(stored["dtype"])
        sizes = {str(dim): length for dim, length in variable.sizes.items()}
        chunks, shards = zarr_layout(sizes, dtype.itemsize, options)
        encoding[str(name)] = {
            "chunks": tuple(chunks.values()),
            "compressors": _codecs(dtype, options),
            **stored,
            **({"shards": tuple(shards.values())} if shards != chunks or options.shards else {}),
        }
    encoding |= _time_encoding(data)
    data.to_zarr(path, mode="w-", zarr_format=3, consolidated=False, encoding=encoding, compute=False)


def zarr_layout(sizes: Mapping[str, int], itemsize: int, options: ZarrOptions) -> tuple[dict[str, int], dict[str, int]]:
    """Return the lengths of a chunk and of a shard of an array along each dimension.

    A shard is a file of whole chunks, no more of them than the array needs. Unless the options say otherwise it has
    2048 rows and columns, or as many as make 64 MiB: few enough files for object storage, small enough for memory.

    Args:
        sizes: Lengths of the array by dimension.
        itemsize: Bytes of a stored number.
        options: What is asked for.
    """
    chunks = {name: min(options.chunks.get(name, _CHUNK), length) for name, length in sizes.items()}
    wanted = {name: -(-options.shards.get(name, chunk) // chunk) for name, chunk in chunks.items()}
    if not options.shards and {X, Y} <= chunks.keys():
        along = [name for name in sizes if name not in (X, Y)]
        pixel = itemsize * int(np.prod([chunks[name] for name in along], dtype="int64"))
        side = _SHARD
        while side > _CHUNK and pixel * side * side > _SHARD_BYTES:
            side //= 2
        wanted |= {name: max(1, side // chunks[name]) for name in (Y, X)}
    shards = {name: chunk * min(wanted[name], -(-sizes[name] // chunk)) for name, chunk in chunks.items()}
    return chunks, shards


def _codecs(dtype: np.dtype[Any], options: ZarrOptions) -> tuple[Any, ...]:
    from zarr.codecs import BloscCodec, GzipCodec, ZstdCodec

    if options.compressor == "blosc-lz4":
        return (BloscCodec(cname="lz4", clevel=options.level, shuffle="bitshuffle", typesize=dtype.itemsize),)
    if options.compressor == "blosc-zstd":
        return (BloscCodec(cname="zstd", clevel=options.level, shuffle="bitshuffle", typesize=dtype.itemsize),)
    if options.compressor == "zstd":
        return (ZstdCodec(level=options.level),)
    return (GzipCodec(level=options.level),) if options.compressor == "gzip" else ()


def _stored(variable: xr.DataArray, options: FileOptions) -> dict[str, Any]:
    """Return stored type, fill value, scale and offset (CF conventions, sections 2.5.1 and 8.1)."""
    dtype = np.dtype(options.dtype or variable.dtype)
    stored: dict[str, Any] = {"dtype": dtype, "_FillValue": dtype.type(options.stored_nodata)}
    if options.bounds is not None and (options.scale, options.offset) != (1.0, 0.0):
        stored |= {"scale_factor": options.scale, "add_offset": options.offset}
    return stored


def _time_encoding(data: xr.Dataset) -> dict[str, dict[str, Any]]:
    if TIME not in data.dims or data[TIME].dtype.kind != "M":
        return {}
    units = "microseconds since 1970-01-01 00:00:00"
    return {TIME: {"units": units, "calendar": "standard", "dtype": "int64"}}

"""A computed cube as COG, NetCDF or Zarr. Equal cubes give equal files: no moment of writing is recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.cubes.crs import is_geographic
from earthcode_platform.cubes.dimensions import BANDS, TIME, TIME_END, TIME_START, UNITS, X, Y, ordered
from earthcode_platform.cubes.grid import grid_of, upright
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import ProductFormat

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray

__all__ = [
    "BAND_ORDER",
    "MEDIA_TYPES",
    "SUFFIXES",
    "UNNAMED",
    "as_written",
    "band_units",
    "band_values",
    "require_writable",
    "write",
]

SUFFIXES: Final = {ProductFormat.COG: ".tif", ProductFormat.NETCDF: ".nc", ProductFormat.ZARR: ".zarr"}
"""How the file of each format ends."""
MEDIA_TYPES: Final = {
    ProductFormat.COG: "image/tiff; application=geotiff; profile=cloud-optimized",
    ProductFormat.NETCDF: "application/x-netcdf",
    ProductFormat.ZARR: "application/vnd.zarr; version=3",
}
"""Media type of each format (STAC best practices, common media types)."""
UNNAMED: Final = "value"
"""Name of the single band of a cube without the dimension `bands`."""
BAND_ORDER: Final = "band_order"
"""Attribute of NetCDF and Zarr: the names of the bands in order, as JSON; the containers do not keep an order."""
_BLOCK: Final = 512
_CONVENTIONS: Final = "CF-1.11"
_RESERVED: Final = (TIME, Y, X, "spatial_ref")
"""Names that coordinates of NetCDF and Zarr have."""
_ALL_EXACT: Final = 2**24
"""Every whole number up to here is exact in float32."""
_DEGREES: Final = {
    X: {"standard_name": "longitude", "long_name": "longitude", "units": "degrees_east", "axis": "X"},
    Y: {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north", "axis": "Y"},
}
_PROJECTED: Final = {
    X: {"standard_name": "projection_x_coordinate", "long_name": "x", "axis": "X"},
    Y: {"standard_name": "projection_y_coordinate", "long_name": "y", "axis": "Y"},
}


def band_values(cube: xr.DataArray) -> tuple[str, ...]:
    """Return the names of the bands of a cube, in order."""
    return tuple(map(str, cube[BANDS].values)) if BANDS in cube.dims else (UNNAMED,)


def band_units(cube: xr.DataArray) -> tuple[str, ...]:
    """Return the unit of each band of a cube; an empty text where none is known."""
    count = cube.sizes.get(BANDS, 1)
    if UNITS not in cube.coords:
        return ("",) * count
    return tuple("" if unit is None else str(unit) for unit in np.broadcast_to(cube[UNITS].values, count))


def write(cube: xr.DataArray, path: Path, form: ProductFormat, title: str) -> None:
    """Write a cube in memory to `path`, as `as_written` lays it out; `path` appears when it is complete.

    Args:
        cube: A cube with x, y and a CRS, and with t and bands as far as it has them.
        path: The file, or for Zarr the folder, to make or replace.
        form: COG, NetCDF or Zarr.
        title: Title noted in NetCDF and Zarr.

    Raises:
        InputError: The format cannot hold the cube; the message says what to do.
        OSError: It cannot be written.
    """
    require_writable(cube, form, path.name)
    laid_out = as_written(cube, path.name)
    with replacing(path) as temporary:
        if form is ProductFormat.COG:
            _write_cog(laid_out, temporary)
        elif form is ProductFormat.NETCDF:
            _write_netcdf(_dataset(laid_out, title), temporary)
        else:
            _write_zarr(_dataset(laid_out, title), temporary)


def require_writable(cube: xr.DataArray, form: ProductFormat, where: str) -> None:
    """Check that a format can hold the cube; its values are not computed for that.

    Args:
        cube: A lazy cube, or one in memory.
        form: COG, NetCDF or Zarr.
        where: What the error names.

    Raises:
        InputError: It cannot; the message says what to do.
    """
    unknown = [str(name) for name in cube.dims if name not in (TIME, BANDS, Y, X)]
    if unknown:
        message = f"the cube has the dimension {unknown[0]!r}, which {form.value} is not written with."
        raise InputError(message, where=where, remedy="Reduce it, or drop it with drop_dimension.")
    empty = next((str(name) for name, size in cube.sizes.items() if not size), None)
    if empty is not None:
        raise InputError(f"the cube has nothing along {empty!r}.", where=where, remedy="Widen the filters before it.")
    grid_of(cube)
    if form is ProductFormat.COG:
        _require_one_date(cube, where)
    else:
        _require_names(cube, form, where)


def _require_one_date(cube: xr.DataArray, where: str) -> None:
    if cube.sizes.get(TIME, 1) > 1:
        raise InputError(
            f"the cube has {cube.sizes[TIME]} dates, and a COG holds none.",
            where=where,
            remedy="Reduce the dimension 't' (reduce_dimension), or choose the format NetCDF.",
        )


def _require_names(cube: xr.DataArray, form: ProductFormat, where: str) -> None:
    names = band_values(cube)
    wrong = any("/" in name or not name.strip() or name in _RESERVED for name in names)
    if wrong or len(set(names)) < len(names):
        raise InputError(
            f"the bands {', '.join(map(repr, names))} cannot all be names of variables.",
            where=where,
            remedy=f"Rename them with rename_labels: each different, without '/', and none {', '.join(_RESERVED)}.",
        )
    if form is ProductFormat.ZARR and TIME in cube.dims and cube[TIME].dtype.kind != "M":
        raise InputError(
            f"the labels of 't' are names ({cube[TIME].values[0]} …), and Zarr is written with moments.",
            where=where,
            remedy="Choose NetCDF, which holds names.",
        )


def as_written(cube: xr.DataArray, where: str = "") -> xr.DataArray:
    """Return the cube in memory as files hold it: dimensions in order, north up, no-data as NaN.

    Values are float32, which rounds to 7 digits; if that would change a whole number (identifiers, counts and sums
    above 2^24), all are float64.

    Raises:
        InputError: A value is beyond float32.
    """
    exact = upright(ordered(cube)).compute()
    with np.errstate(over="ignore"):
        narrow = exact.astype("float32")
    if bool((np.isinf(narrow.values) & np.isfinite(exact.values)).any()):
        largest = float(np.nanmax(np.abs(exact.values)))
        raise InputError(
            f"values up to {largest:.3g} do not fit into float32, whose largest is 3.4e38.",
            where=where,
            remedy="Scale them in the workflow (linear_scale_range, or log).",
        )
    return exact.astype("float64") if _changes_whole(exact.values, narrow.values) else narrow


def _changes_whole(exact: NDArray[Any], narrow: NDArray[Any]) -> bool:
    """Tell whether a whole number became another one as float32."""
    if max(np.fmax.reduce(narrow, axis=None, initial=0), -np.fmin.reduce(narrow, axis=None, initial=0)) <= _ALL_EXACT:
        return False
    changed = np.isfinite(exact) & (narrow != exact)
    whole = exact[changed]
    return bool((whole == np.rint(whole)).any())


def _write_cog(cube: xr.DataArray, path: Path) -> None:
    import rasterio
    from affine import Affine

    layers = (cube.isel({TIME: 0}) if TIME in cube.dims else cube).values
    layers = layers if layers.ndim == 3 else layers[np.newaxis]  # noqa: PLR2004 - bands, rows, columns
    grid = grid_of(cube)
    profile: dict[str, Any] = {
        "driver": "COG",
        "count": layers.shape[0],
        "height": grid.shape[0],
        "width": grid.shape[1],
        "dtype": str(cube.dtype),
        "nodata": float("nan"),
        "crs": grid.crs,
        "transform": Affine(*grid.transform),
        "compress": "DEFLATE",
        "predictor": "FLOATING_POINT",
        "blocksize": _BLOCK,
        "overviews": "AUTO",
        "overview_resampling": "AVERAGE",
        "bigtiff": "IF_SAFER",
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(layers)
        for number, (name, unit) in enumerate(zip(band_values(cube), band_units(cube), strict=True), start=1):
            target.set_band_description(number, name)
            if unit:
                target.set_band_unit(number, unit)


def _dataset(cube: xr.DataArray, title: str) -> xr.Dataset:
    """Lay the cube out by CF: one variable for each band, coordinates with standard names, a grid mapping."""
    import xarray as xr

    names, units, grid = band_values(cube), band_units(cube), grid_of(cube)
    described = _DEGREES if is_geographic(grid.crs) else _PROJECTED
    dims = tuple(str(name) for name in cube.dims if name != BANDS)
    coords: dict[str, Any] = {name: (name, cube[name].values, dict(described[name])) for name in (Y, X)}
    coords["spatial_ref"] = ((), np.int32(0), dict(cube["spatial_ref"].attrs))
    if TIME in dims:
        coords[TIME] = (TIME, cube[TIME].values, _time_attributes(cube))
    variables = {}
    for at, (name, unit) in enumerate(zip(names, units, strict=True)):
        values = cube.isel({BANDS: at}).values if BANDS in cube.dims else cube.values
        attributes = {"long_name": name, **({"units": unit} if unit else {}), "grid_mapping": "spatial_ref"}
        variables[name] = (dims, values, attributes)
    attributes = {"Conventions": _CONVENTIONS, "title": title, BAND_ORDER: json.dumps(names, ensure_ascii=False)}
    for name, key in ((TIME_START, "time_coverage_start"), (TIME_END, "time_coverage_end")):
        if name in cube.coords and cube[name].ndim == 0:
            attributes[key] = f"{cube[name].values.astype('datetime64[s]')}Z"
    return xr.Dataset(variables, coords, attributes)


def _time_attributes(cube: xr.DataArray) -> dict[str, str]:
    if cube[TIME].dtype.kind == "M":
        return {"standard_name": "time", "long_name": "time", "axis": "T"}
    return {"long_name": "period"}


def _write_netcdf(data: xr.Dataset, path: Path) -> None:
    encoding: dict[str, dict[str, Any]] = {
        str(name): {
            "zlib": True,
            "complevel": 4,
            "shuffle": True,
            "dtype": variable.dtype,
            "_FillValue": variable.dtype.type("nan"),
        }
        for name, variable in data.data_vars.items()
    }
    encoding |= {name: {"_FillValue": None} for name in (Y, X)}
    encoding |= _time_encoding(data)
    data.to_netcdf(path, engine="netcdf4", format="NETCDF4", encoding=encoding)


def _write_zarr(data: xr.Dataset, path: Path) -> None:
    from zarr.codecs import BloscCodec

    encoding: dict[str, dict[str, Any]] = {
        str(name): {
            "chunks": tuple(min(_BLOCK, length) for length in variable.shape),
            "compressors": (BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle", typesize=variable.dtype.itemsize),),
            "_FillValue": variable.dtype.type("nan"),
        }
        for name, variable in data.data_vars.items()
    }
    encoding |= _time_encoding(data)
    data.to_zarr(path, mode="w-", zarr_format=3, consolidated=False, encoding=encoding)


def _time_encoding(data: xr.Dataset) -> dict[str, dict[str, Any]]:
    if TIME not in data.dims or data[TIME].dtype.kind != "M":
        return {}
    units = "microseconds since 1970-01-01 00:00:00"
    return {TIME: {"units": units, "calendar": "standard", "dtype": "int64"}}

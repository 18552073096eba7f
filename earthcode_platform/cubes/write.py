"""A computed cube as a file of any format. Equal cubes give equal files: no moment of writing is recorded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes import zarr_zip
from earthcode_platform.cubes.atomic import replacing
from earthcode_platform.cubes.dimensions import BANDS, TIME, X, Y, band_values, ordered
from earthcode_platform.cubes.features import is_vector
from earthcode_platform.cubes.grid import grid_of, upright
from earthcode_platform.cubes.packing import read_back
from earthcode_platform.cubes.tables import TABLES, require_table, table_of
from earthcode_platform.cubes.write_arrays import RESERVED, dataset, write_netcdf, write_zarr
from earthcode_platform.cubes.write_cog import write_cog
from earthcode_platform.cubes.write_tables import write_table
from earthcode_platform.cubes.write_vectors import require_geometries, vector_dataset
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.experiment import ProductFormat
from earthcode_platform.models.file_options import OPTIONS, CogOptions, NetCDFOptions, TableOptions, ZarrOptions

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr

    from earthcode_platform.models.file_options import AnyOptions

__all__ = ["MEDIA_TYPES", "SUFFIXES", "as_written", "media_type_of", "require_writable", "suffix_of", "write"]

SUFFIXES: Final = {
    ProductFormat.COG: ".tif",
    ProductFormat.NETCDF: ".nc",
    ProductFormat.ZARR: ".zarr",
    ProductFormat.CSV: ".csv",
    ProductFormat.GEOJSON: ".geojson",
    ProductFormat.PARQUET: ".parquet",
}
"""How the file of each format ends, unless its options say otherwise."""
MEDIA_TYPES: Final = {
    ProductFormat.COG: "image/tiff; application=geotiff; profile=cloud-optimized",
    ProductFormat.NETCDF: "application/x-netcdf",
    ProductFormat.ZARR: "application/vnd.zarr; version=3",
    ProductFormat.CSV: "text/csv",
    ProductFormat.GEOJSON: "application/geo+json",
    ProductFormat.PARQUET: "application/vnd.apache.parquet",
}
"""Media type of each format (STAC best practices, common media types)."""
_PACKED: Final = "application/vnd.zarr+zip; version=3"
"""A Zarr store in one zip file; nobody has registered one, and `+zip` is how such types end (RFC 6839, section 3.6)."""


def suffix_of(form: ProductFormat, options: AnyOptions | None = None) -> str:
    """Return how the name of a file ends.

    Args:
        form: Its format.
        options: Options of that format; its defaults if None.
    """
    zipped = isinstance(options, ZarrOptions) and options.store == "zip"
    return SUFFIXES[form] + (zarr_zip.SUFFIX if zipped else "")


def media_type_of(form: ProductFormat, path: Path) -> str:
    """Return the media type of a file of a format."""
    return _PACKED if form is ProductFormat.ZARR and path.suffix == zarr_zip.SUFFIX else MEDIA_TYPES[form]


def write(cube: xr.DataArray, path: Path, form: ProductFormat, title: str, options: AnyOptions | None = None) -> None:
    """Write a cube in memory to `path`, as `as_written` lays it out; `path` appears when it is complete.

    Args:
        cube: A cube with t, bands, y and x as far as it has them; for a COG with x, y and a CRS.
        path: The file, or for Zarr that is not packed the folder, to make or replace.
        form: The format.
        title: Title noted in NetCDF and Zarr.
        options: Options of that format; its defaults if None.

    Raises:
        InputError: The format cannot hold the cube, or its values; the message says what to do.
        OSError: It cannot be written.
    """
    chosen = options or OPTIONS[form]()
    require_writable(cube, form, path.name, chosen)
    laid_out = as_written(cube, path.name, chosen)
    with replacing(path) as temporary:
        if isinstance(chosen, TableOptions):
            write_table(table_of(laid_out, whole=chosen.numbers.bounds is not None), temporary, chosen)
        elif isinstance(chosen, CogOptions):
            write_cog(laid_out, temporary, chosen)
        elif isinstance(chosen, NetCDFOptions):
            lay_out = vector_dataset if is_vector(cube) else dataset
            write_netcdf(lay_out(laid_out, title, chosen.names), temporary, chosen)
        else:
            _write_zarr(dataset(laid_out, title, chosen.names), temporary, chosen)


def _write_zarr(data: xr.Dataset, path: Path, options: ZarrOptions) -> None:
    if options.store == "directory":
        write_zarr(data, path, options)
        return
    # Beside the file, not in the folder of temporary files, which may be small.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".zarr-") as folder:
        write_zarr(data, Path(folder) / "store", options)
        zarr_zip.pack(Path(folder) / "store", path)


def require_writable(cube: xr.DataArray, form: ProductFormat, where: str, options: AnyOptions | None = None) -> None:
    """Check that a format can hold the cube; its values are not computed for that.

    Args:
        cube: A lazy cube, or one in memory.
        form: The format.
        where: What the error names.
        options: Options of that format; its defaults if None.

    Raises:
        InputError: It cannot; the message says what to do.
    """
    if form in TABLES:
        require_table(cube, form, where)
        return
    if is_vector(cube):
        _require_vector(cube, form, where, options)
        return
    unknown = [str(name) for name in cube.dims if name not in (TIME, BANDS, Y, X)]
    if unknown:
        message = f"the cube has the dimension {unknown[0]!r}, which {form.value} is not written with."
        raise InputError(message, where=where, remedy="Reduce it, or drop it with drop_dimension.")
    _require_something(cube, where)
    if form is ProductFormat.COG:
        _require_map(cube, where)
        return
    if X in cube.dims and Y in cube.dims:
        grid_of(cube)
    if isinstance(options, NetCDFOptions):
        _require_known(options.chunksizes, map(str, cube.dims), "dimension", where)
    if isinstance(options, ZarrOptions):
        _require_known({**options.chunks, **options.shards}, map(str, cube.dims), "dimension", where)
    _require_names(cube, form, where, options)


def _require_vector(cube: xr.DataArray, form: ProductFormat, where: str, options: AnyOptions | None) -> None:
    if form is not ProductFormat.NETCDF:
        raise InputError(
            f"the cube has geometries, and {form.value} holds none.",
            where=where,
            remedy="Choose CSV, GeoJSON, Parquet or NetCDF, or bring it to pixels with vector_to_raster.",
        )
    _require_something(cube, where)
    chosen = options if isinstance(options, NetCDFOptions) else NetCDFOptions()
    _require_known(chosen.names, band_values(cube), "band", where)
    _require_known(chosen.chunksizes, map(str, cube.dims), "dimension", where)
    require_geometries(cube, chosen.names, where)


def _require_something(cube: xr.DataArray, where: str) -> None:
    empty = next((str(name) for name, size in cube.sizes.items() if not size), None)
    if empty is not None:
        raise InputError(f"the cube has nothing along {empty!r}.", where=where, remedy="Widen the filters before it.")


def _require_map(cube: xr.DataArray, where: str) -> None:
    missing = [name for name in (Y, X) if name not in cube.dims]
    if missing:
        held = ", ".join(map(str, cube.dims)) or "a single value"
        raise InputError(
            f"the cube has no {' and '.join(missing[::-1])}, only {held}, and a COG holds maps.",
            where=where,
            remedy="Choose the format NetCDF, which holds series and single values, or keep x and y.",
        )
    grid_of(cube)
    if cube.sizes.get(TIME, 1) > 1:
        raise InputError(
            f"the cube has {cube.sizes[TIME]} dates, and a COG holds none.",
            where=where,
            remedy="Reduce the dimension 't' (reduce_dimension), or choose the format NetCDF.",
        )


def _require_known(named: Iterable[str], known: Iterable[str], kind: str, where: str) -> None:
    there = list(known)
    for name in named:
        if name not in there:
            raise UnknownNameError.among(kind, name, there, where=where)


def _require_names(cube: xr.DataArray, form: ProductFormat, where: str, options: AnyOptions | None) -> None:
    chosen = options.names if isinstance(options, NetCDFOptions | ZarrOptions) else {}
    _require_known(chosen, band_values(cube), "band", where)
    names = [chosen.get(name, name) for name in band_values(cube)]
    wrong = any("/" in name or not name.strip() or name in RESERVED for name in names)
    if wrong or len(set(names)) < len(names):
        raise InputError(
            f"the bands {', '.join(map(repr, names))} cannot all be names of variables.",
            where=where,
            remedy=f"Rename them with rename_labels: each different, without '/', and none {', '.join(RESERVED)}.",
        )
    if form is ProductFormat.ZARR and TIME in cube.dims and cube[TIME].dtype.kind != "M":
        raise InputError(
            f"the labels of 't' are names ({cube[TIME].values[0]} …), and Zarr is written with moments.",
            where=where,
            remedy="Choose NetCDF, which holds names.",
        )


def as_written(cube: xr.DataArray, where: str = "", options: AnyOptions | None = None) -> xr.DataArray:
    """Return the cube in memory as files hold it: dimensions in order, north up, no-data as NaN.

    Its values are those that are read back from the stored type (`packing.read_back`).

    Raises:
        InputError: A value does not fit into that type.
    """
    exact = upright(ordered(cube)).compute()
    return exact.copy(data=read_back(exact.values, (options or CogOptions()).numbers, where))

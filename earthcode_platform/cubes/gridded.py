"""NetCDF, Zarr and GRIB assets as lazy cubes, decoded by the CF conventions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.cubes.assets import GRIDDED, Container
from earthcode_platform.cubes.axes import axis_of
from earthcode_platform.cubes.blocks import rechunked
from earthcode_platform.cubes.crs import crs_from_grid_mapping, crs_name, is_geographic, with_crs
from earthcode_platform.cubes.dimensions import BANDS, TIME, X, Y, described_bands, float_dtype, ordered
from earthcode_platform.cubes.grid import regular, with_resolution
from earthcode_platform.cubes.stac import is_remote, mapping, text
from earthcode_platform.cubes.write_arrays import band_order
from earthcode_platform.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from earthcode_platform.cubes.resolved import ResolvedItem

__all__ = ["gridded_names", "load_gridded", "open_gridded", "variable_names"]

_CHUNK: Final = 1024
_ENGINES: Final = {Container.NETCDF: "netcdf4", Container.ZARR: "zarr"}
_TURN: Final = 360.0


def open_gridded(href: str, form: Container) -> xr.Dataset:
    """Open a local NetCDF file, Zarr store or GRIB file lazily, with bounds and grid mappings among the coordinates.

    Raises:
        InputError: It is missing, not of this form, or a remote NetCDF file.
        UnavailableError: A remote file did not answer.
    """
    if form is Container.GRIB:
        from earthcode_platform.cubes.grib import open_grib

        return open_grib(href)
    if is_remote(href) and form is Container.ZARR:
        from earthcode_platform.cubes.remote_zarr import remote_zarr

        return _opened(remote_zarr(href), form, href)
    if is_remote(href):
        raise InputError(
            f"{form.value} assets are read from local files only.", where=href, remedy="Download it, and name the copy."
        )
    if not Path(href).exists():
        raise InputError("there is no such file.", where=href, remedy="Restore it, or mend the item's href.")
    if form is Container.ZARR and Path(href).is_file():
        from earthcode_platform.cubes.stored_zip import zip_store

        return _opened(zip_store(Path(href)), form, href)
    return _opened(href, form, href)


def _opened(source: Any, form: Container, href: str) -> xr.Dataset:  # noqa: ANN401 - xarray does not say that it takes stores
    import xarray as xr

    options: dict[str, Any] = {"consolidated": False} if form is Container.ZARR else {}
    try:
        return xr.open_dataset(source, engine=_ENGINES[form], chunks=None, decode_coords="all", **options)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"it cannot be opened as {form.value}: {error}.", where=href) from error


def variable_names(href: str, form: Container) -> list[str]:
    """Return the names of the variables that lie on a grid.

    Raises:
        InputError: The file cannot be opened.
    """
    with open_gridded(href, form) as opened:
        return _on_a_grid(opened)


def _on_a_grid(opened: xr.Dataset) -> list[str]:
    names = [str(name) for name, variable in opened.data_vars.items() if {X, Y} <= _axes(opened, variable).keys()]
    order = band_order(opened)
    return sorted(names, key=order.index) if set(names) <= set(order) else names


def _axes(opened: xr.Dataset, variable: xr.DataArray) -> dict[str, str]:
    """Return the dimension of the variable that plays each part: t, y and x."""
    found: dict[str, str] = {}
    for name in map(str, variable.dims):
        part = axis_of(name, opened.coords.get(name))
        if part is not None:
            found.setdefault(part, name)
    return found


def gridded_names(items: Sequence[ResolvedItem]) -> list[str]:
    """Return the names of the variables of all NetCDF, Zarr and GRIB assets, each once, in the order of the items."""
    return list(dict.fromkeys(name for found in items for name in _variables(found)))


def _variables(found: ResolvedItem) -> dict[str, tuple[str, Container]]:
    """Return where each variable lies. An item that offers one variable in two containers is read from the first."""
    places: dict[str, tuple[str, Container]] = {}
    for form in GRIDDED:
        for asset in found.containing(form).values():
            for name in variable_names(asset.href, form):
                places.setdefault(name, (asset.href, form))
    return places


def load_gridded(items: Sequence[ResolvedItem], labels: Sequence[str]) -> xr.DataArray:
    """Return variables of the items' NetCDF, Zarr and GRIB assets as one lazy cube (t, bands, y, x).

    Packed values are unpacked and fill values become NaN (CF conventions, sections 2.5.1 and 8.1). Rows run from north
    to south. Longitudes lie between -180 and 180, except where a regional grid crosses the antimeridian. Longitudes
    and latitudes stored with little precision are put back on the regular grid they stand for. A variable
    without time gets the moment of its item.

    Raises:
        UnknownNameError: An item has no variable of that name.
        InputError: A file cannot be read, a grid is irregular, or grids and dates of the items do not fit together.
    """
    import xarray as xr

    dated = [_item_cube(found, labels) for found in items]
    try:
        cube = xr.concat(dated, dim=TIME, join="exact", coords="minimal", compat="override") if dated[1:] else dated[0]
    except ValueError as error:
        raise InputError(
            f"the items lie on different grids: {error}.", where=items[0].item.id, remedy="Take them as two inputs."
        ) from None
    cube = cube.sortby(TIME)
    if cube.indexes[TIME].has_duplicates:
        raise InputError("two items hold the same date.", where=items[0].item.id, remedy="Leave one of them out.")
    return rechunked(cube.rename(None), {TIME: -1, BANDS: 1, Y: _CHUNK, X: _CHUNK})


def _item_cube(found: ResolvedItem, labels: Sequence[str]) -> xr.DataArray:
    import xarray as xr

    places = _variables(found)
    layers = []
    for label in labels:
        if label not in places:
            raise UnknownNameError.among("band", label, places, where=f"item {found.item.id}")
        layers.append(_layer(found, label, *places[label]))
    units = [str(layer.attrs.get("units", "")) for layer in layers]
    try:
        cube = xr.concat(
            [layer.drop_attrs(deep=False) for layer in layers],
            dim=xr.Variable(BANDS, list(labels)),
            join="exact",
            coords="minimal",
            compat="override",
        )
    except ValueError as error:
        raise InputError(f"its variables lie on different grids: {error}.", where=f"item {found.item.id}") from None
    blank = [""] * len(labels)
    return described_bands(ordered(cube), units, blank, [float("nan")] * len(labels))


def _layer(found: ResolvedItem, name: str, href: str, form: Container) -> xr.DataArray:
    """Return one variable with the dimensions t, y and x, on a regular grid, north up."""
    opened = open_gridded(href, form)
    variable = opened[name]
    axes = _axes(opened, variable)
    extra = [str(dim) for dim in variable.dims if str(dim) not in axes.values()]
    if any(variable.sizes[dim] > 1 for dim in extra):
        raise InputError(
            f"the variable {name!r} has the further dimensions {', '.join(extra)}.",
            where=href,
            remedy="Select one level of each, and save it as a variable of its own.",
        )
    crs = _crs(opened, variable, found, href)
    plain = variable.isel(dict.fromkeys(extra, 0), drop=True).reset_coords(drop=True)
    layer = plain.rename({dim: part for part, dim in axes.items() if dim != part})
    if TIME not in layer.dims:
        layer = layer.expand_dims({TIME: [np.datetime64(found.item.moment.replace(tzinfo=None), "ns")]})
    if layer[TIME].dtype.kind != "M":
        raise InputError(
            f"its dates cannot be placed in the Gregorian calendar ({layer[TIME].dtype}).",
            where=href,
            remedy="Convert them to the standard calendar (CF conventions, section 4.4.1).",
        )
    layer = layer.astype(float_dtype(str(layer.dtype)), copy=False)
    return with_crs(with_resolution(_north_up(layer, crs, href)), crs)


def _crs(opened: xr.Dataset, variable: xr.DataArray, found: ResolvedItem, href: str) -> str:
    named = variable.encoding.get("grid_mapping", variable.attrs.get("grid_mapping"))
    if named in opened.coords:
        return crs_from_grid_mapping(opened.coords[named].attrs)
    declared = text(mapping(found.item.content, "properties"), "proj:code")
    if declared:
        return crs_name(declared)
    units = [str(opened.coords[dim].attrs.get("units", "")) for dim in variable.dims if dim in opened.coords]
    names = {str(dim).lower() for dim in variable.dims}
    if any(unit.startswith("degree") for unit in units) or {"lat", "latitude"} & names:
        return "EPSG:4326"
    raise InputError(
        f"the variable {variable.name!r} has no CRS.",
        where=href,
        remedy="Give it a grid mapping (CF conventions, section 5.6), or the item proj:code.",
    )


def _north_up(layer: xr.DataArray, crs: str, href: str) -> xr.DataArray:
    rows = regular(layer[Y].values, Y, href)
    layer = layer.assign_coords({Y: (Y, rows)})
    if rows.size > 1 and rows[0] < rows[-1]:
        layer = layer.isel({Y: slice(None, None, -1)})
    columns = layer[X].values.astype("float64")
    if is_geographic(crs):
        order, columns = _eastward(columns, href)
        if (np.diff(order) != 1).any():
            layer = layer.isel({X: order})
    elif columns.size > 1 and columns[0] > columns[-1]:
        layer, columns = layer.isel({X: slice(None, None, -1)}), columns[::-1]
    return layer.assign_coords({X: (X, regular(columns, X, href))})


def _eastward(longitudes: NDArray[np.float64], href: str) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the order of the columns from west to east, and their longitudes between -180 and 180.

    A regional grid across the antimeridian would fall apart there: it keeps longitudes that run on beyond 180.
    """
    slack = _TURN / 1e6
    wrapped = (longitudes + _TURN / 2 + slack) % _TURN - _TURN / 2 - slack
    order = np.argsort(wrapped, kind="stable")
    try:
        return order, regular(wrapped[order], X, href)
    except InputError:
        order = np.argsort(longitudes, kind="stable")
        return order, regular(longitudes[order], X, href)

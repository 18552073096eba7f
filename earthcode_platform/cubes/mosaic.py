"""Raster files on one grid, date by date, as lazy arrays: read as they lie, or by odc-stac where they lie otherwise."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import numpy as np

from earthcode_platform.cubes.crs import crs_name, with_crs
from earthcode_platform.cubes.dimensions import BANDS, TIME, X, Y, float_dtype, ordered
from earthcode_platform.cubes.grid import RESOLUTION, upright, with_resolution
from earthcode_platform.cubes.opened import REMOTE_OPTIONS
from earthcode_platform.cubes.placing import Lattice, declared_lattice, place_of, shared_lattice
from earthcode_platform.cubes.stack import Band, Layer, RasterStack
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import pystac
    import xarray as xr
    from odc.geo import XY
    from odc.geo.geobox import GeoBox

    from earthcode_platform.cubes.wanted import WantedBand, WantedItem

__all__ = ["mosaic", "stacked"]

_CHUNK: Final = 1024
"""Pixels along each side of a chunk: two blocks of 512, the best size that was measured."""
_CHUNK_BYTES: Final = 256 * 1024 * 1024
"""Largest chunk of one band over all dates; above it the sides are halved."""
_SMALLEST: Final = 256
_EXTENSIONS: Final = (
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
)


def stacked(
    items: Sequence[WantedItem],
    meanings: Mapping[datetime, Sequence[tuple[float, float, float]]],
    labels: Sequence[str],
) -> xr.DataArray | None:
    """Return the values of the bands as a lazy cube like that of `mosaic`; None if files have to be interpolated.

    One task reads a block of one band on all dates, or the part of it that is asked for.

    Args:
        items: Items in the order of time.
        meanings: For each moment no-data, scale and offset of each band.
        labels: What the cube calls the bands.

    Raises:
        InputError: The grid cannot be used.
    """
    lattice = shared_lattice(items) or _joint(items)
    if lattice is None or not all(_lies_on(band, lattice) for item in items for band in item.bands if band is not None):
        return None
    columns = [_column([item.bands[at] for item in items]) for at in range(len(items[0].bands))]
    dtype = np.dtype(max((float_dtype(band.source.data_type) for band in columns), key=_bytes))
    layers = {
        moment: tuple(
            Layer(tuple(_bands(items, moment, at)), nodata, scale, offset, _bytes(columns[at].source.data_type or "f8"))
            for at, (nodata, scale, offset) in enumerate(numbers)
        )
        for moment, numbers in meanings.items()
    }
    moments = tuple(np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "ns") for moment in layers)
    return _lazy(RasterStack(lattice, tuple(layers.values()), moments, tuple(labels), dtype))


def _bands(items: Sequence[WantedItem], moment: datetime, at: int) -> Iterator[Band]:
    for item in items:
        band = item.bands[at]
        if item.moment == moment and band is not None:
            yield Band(band.asset.href, band.source.index)


def _joint(items: Sequence[WantedItem]) -> Lattice | None:
    """Return the grid that odc-stac lays over items on different ones; None if it has none to lay."""
    geobox = _geobox(items)
    if geobox is None or geobox.crs is None or geobox.transform.b or geobox.transform.d:
        return None
    rows, columns = geobox.shape
    return Lattice(crs_name(geobox.crs.to_wkt()), (int(rows), int(columns)), tuple(geobox.transform)[:6])


def _geobox(items: Sequence[WantedItem]) -> GeoBox | None:
    import odc.stac

    columns = [_column([item.bands[at] for item in items]) for at in range(len(items[0].bands))]
    names = [_name(at, band.source.index) for at, band in enumerate(columns)]
    parsed = list(odc.stac.parse_items([_synthetic(item) for item in items]))
    found: GeoBox | None = odc.stac.output_geobox(parsed, bands=names)
    anchor = None if found is None else _anchor(items, found)
    if anchor is not None:
        found = odc.stac.output_geobox(parsed, bands=names, anchor=anchor)
    return found


def _lies_on(band: WantedBand, lattice: Lattice) -> bool:
    own = declared_lattice(band.projection)
    return own is not None and own.crs == lattice.crs and place_of(own.transform, own.shape, lattice) is not None


def _lazy(stack: RasterStack) -> xr.DataArray:
    import dask.array as da
    import xarray as xr

    dates, bands, rows, columns = stack.shape
    side = _side(dates, stack.dtype.itemsize)
    _require_usable(stack.lattice.transform, (rows, columns), bands, side)
    data = da.from_array(  # type: ignore[no-untyped-call]  # dask annotates no arrays
        stack, chunks=(dates, 1, side, side), name=f"rasters-{uuid4().hex}", asarray=False,
        meta=np.empty((0, 0, 0, 0), stack.dtype),
    )  # fmt: skip
    coords = {
        TIME: list(stack.moments),
        BANDS: list(stack.labels),
        Y: stack.y,
        X: stack.x,
    }
    cube = xr.DataArray(data, dims=(TIME, BANDS, Y, X), coords=coords)
    cube[Y].attrs[RESOLUTION], cube[X].attrs[RESOLUTION] = stack.lattice.transform[4], stack.lattice.transform[0]
    return with_crs(upright(cube), stack.lattice.crs)


def mosaic(items: Sequence[WantedItem]) -> xr.DataArray:
    """Return the stored numbers of the bands as a lazy cube (t, bands, y, x) of floats, with its CRS.

    Items of the same moment become one date; where they overlap, the first with data counts. Everything is read on the
    grid of the finest asset, from the edge of its pixels on; assets on other grids are resampled to the nearest pixel.
    What the *file* marks as no data is NaN; bands are numbered from 0.

    Raises:
        InputError: The assets have no common grid.
    """
    import odc.stac
    import rasterio

    columns = [_column([item.bands[at] for item in items]) for at in range(len(items[0].bands))]
    names = [_name(at, band.source.index) for at, band in enumerate(columns)]
    dtype = max((float_dtype(band.source.data_type) for band in columns), key=_bytes)
    side = _side(len(items), _bytes(dtype))
    geobox = _geobox(items)
    if geobox is None or geobox.crs is None:
        raise InputError(
            "the assets have no common grid.", remedy="Give the items proj:code, proj:shape and proj:transform."
        )
    _require_usable(tuple(geobox.transform)[:6], (geobox.shape.y, geobox.shape.x), len(names), side)
    with rasterio.Env(**REMOTE_OPTIONS):
        data = odc.stac.load(
            [_synthetic(item) for item in items],
            bands=names,
            groupby="time",
            preserve_original_order=True,
            chunks={"time": -1, "y": side, "x": side},
            dtype=dtype,
            nodata=float("nan"),
            geobox=geobox,
        )
    layers = data.to_dataarray(dim=BANDS)
    names_here = {"time": TIME, "latitude": Y, "longitude": X}
    cube = ordered(layers.rename({old: new for old, new in names_here.items() if old in layers.dims}))
    moments = cube[TIME].values.astype("datetime64[ns]")
    cube = with_resolution(cube.assign_coords({TIME: moments, BANDS: range(len(names))}))
    return with_crs(upright(cube), crs_name(geobox.crs.to_wkt()))


def _anchor(items: Sequence[WantedItem], geobox: GeoBox) -> XY[float] | None:
    """Return the part of a pixel at which the files of a grid begin; None if they lie on none, or it is rotated.

    Left alone, odc-stac lays the common grid of several files on whole multiples of the pixel, which moves the pixels
    of files that begin elsewhere, as those of Landsat do.
    """
    from odc.geo import xy_

    if geobox.transform.b or geobox.transform.d:
        return None
    width, height = abs(geobox.transform.a), abs(geobox.transform.e)
    starts = {
        tuple(round(edge / size % 1 % 1, _PLACES) % 1 for edge, size in ((place[2], width), (place[5], height)))
        for item in items
        for band in item.bands
        if band is not None and isinstance(place := band.projection.get("proj:transform"), list)
        if (abs(place[0]), abs(place[4])) == (width, height)
    }
    return xy_(*starts.pop()) if len(starts) == 1 else None


def _require_usable(transform: tuple[float, ...], shape: tuple[int, int], bands: int, side: int) -> None:
    """Refuse grids that a cube of rows and columns would misplace, and grids too large to be planned block by block."""
    if transform[1] or transform[3]:
        raise InputError(
            f"the grid is rotated or sheared ({transform}).",
            remedy="Warp the files to a grid whose rows run from west to east.",
        )
    rows, columns = shape
    blocks = -(-rows // side) * -(-columns // side) * bands
    if blocks > _MOST_BLOCKS:
        raise InputError(
            f"the grid of {rows:,} rows and {columns:,} columns makes {blocks:,} blocks; the most is {_MOST_BLOCKS:,}.",
            remedy="Choose a smaller window (bbox), and check proj:shape and proj:transform in the items.",
        )


_PLACES: Final = 3
"""Decimals of a pixel that tell grids apart."""
_MOST_BLOCKS: Final = 200_000
"""Planning a block costs about 0.6 ms: two minutes."""


def _column(bands: Sequence[WantedBand | None]) -> WantedBand:
    """Return one band to stand for a column, after checking that all lie at the same place of their files."""
    present = [band for band in bands if band is not None]
    first = present[0]
    other = next((band for band in present if band.source.index != first.source.index), None)
    if other is not None:
        raise InputError(
            f"the band {first.source.label!r} is number {first.source.index} in one file and "
            f"{other.source.index} in another.",
            where=other.asset.href,
            remedy="Describe the bands of all items in the same order.",
        )
    return max(present, key=lambda band: _bytes(float_dtype(band.source.data_type)))


def _bytes(dtype: str) -> int:
    return np.dtype(dtype).itemsize


def _side(dates: int, itemsize: int) -> int:
    side = _CHUNK
    while side > _SMALLEST and dates * side * side * itemsize > _CHUNK_BYTES:
        side //= 2
    return side


def _key(at: int) -> str:
    return f"band{at}"


def _name(at: int, index: int) -> str:
    """Return how odc-stac calls the band: by its asset alone, or with its number in a file of several."""
    return _key(at) if index == 1 else f"{_key(at)}.{index}"


def _synthetic(item: WantedItem) -> pystac.Item:
    """Write the item as odc-stac reads it best: one asset for each band, each with its grid and stored type."""
    import pystac

    assets: dict[str, dict[str, Any]] = {
        _key(at): {
            "href": band.asset.href,
            "type": "image/tiff; application=geotiff",
            "roles": ["data"],
            "raster:bands": [{"data_type": band.source.data_type} for _ in range(band.source.index)],
            **band.projection,
        }
        for at, band in enumerate(item.bands)
        if band is not None
    }
    return pystac.Item.from_dict(
        {
            "type": "Feature",
            "stac_version": "1.0.0",
            "stac_extensions": list(_EXTENSIONS),
            "id": item.id,
            **item.footprint,
            "properties": {"datetime": item.moment.isoformat()},
            "links": [],
            "assets": assets,
        }
    )

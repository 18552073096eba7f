"""A produced file as a stranger reads it: stored numbers from the plain library of the format, decoded here.

What wrote the file, and what described it, are not used. Stored numbers become values by the rules of the formats: GDAL
raster data model (no-data, scale, offset); CF conventions 1.11, sections 2.5.1 and 8.1 (`_FillValue`, `scale_factor`,
`add_offset`); Zarr core specification 3.0, fill value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from earthcode_platform.cubes.assets import Container, container
from earthcode_platform.cubes.running import RunningMoments
from earthcode_platform.errors import InputError

__all__ = ["ReadArray", "read_arrays"]

_VALUES: Final = 1 << 20
"""Numbers that are read at a time, unless one chunk holds more."""

_REFERRED: Final = (
    *("coordinates", "bounds", "grid_mapping"),
    *("geometry", "node_coordinates", "node_count", "part_node_count"),
)
"""Attributes that name variables which are no data (CF 1.11, chapters 5 and 7)."""


@dataclass(frozen=True)
class ReadArray:
    """One band or variable, as its file holds it."""

    name: str
    """Its name."""
    dtype: str
    """NumPy name of the stored type."""
    nodata: float | None
    """Stored number that stands for no data; None if the file declares none."""
    dimensions: tuple[str, ...]
    """Names of its dimensions; empty for a band of a raster."""
    shape: tuple[int, ...]
    """Their lengths."""
    statistics: RunningMoments
    """Figures over its values."""


def read_arrays(path: Path) -> list[ReadArray]:
    """Return the bands of a GeoTIFF, or the variables of a NetCDF file or Zarr store that are no coordinates.

    Values are read by block; memory does not grow with the file.

    Raises:
        InputError: It cannot be read to its end.
    """
    form = container(path.name, None)
    try:
        if form is Container.RASTER:
            return list(_bands(path))
        return list(_netcdf(path) if form is Container.NETCDF else _zarr(path))
    except (OSError, RuntimeError, ValueError, KeyError, BadZipFile) as error:
        raise InputError(f"it cannot be read to its end: {error}.", where=str(path)) from None


def _bands(path: Path) -> Iterator[ReadArray]:
    import rasterio
    from rasterio.errors import RasterioError
    from rasterio.windows import Window

    try:
        with rasterio.open(path) as opened:
            rows, columns = opened.shape
            step = max(opened.block_shapes[0][0], _VALUES // max(1, columns))
            for at, dtype in enumerate(opened.dtypes):
                figures = RunningMoments()
                for row in range(0, rows, step):
                    stored = opened.read(at + 1, window=Window(0, row, columns, min(step, rows - row)))
                    figures.add(_values(stored, opened.nodatavals[at], opened.scales[at], opened.offsets[at]))
                name = opened.descriptions[at] or f"band{at + 1}"
                yield ReadArray(name, dtype, opened.nodatavals[at], (), opened.shape, figures)
    except RasterioError as error:
        raise InputError(f"it cannot be read to its end: {error.__cause__ or error}.", where=str(path)) from None


def _netcdf(path: Path) -> Iterator[ReadArray]:
    import netCDF4

    with netCDF4.Dataset(path) as opened:
        opened.set_auto_maskandscale(False)
        attributes = {name: one.__dict__ for name, one in opened.variables.items()}
        for name in _measured(attributes, {name: one.dimensions for name, one in opened.variables.items()}):
            one = opened.variables[name]
            if not _is_number(one.dtype):
                continue
            chunks = one.chunking()
            yield _read(name, one, attributes[name], one.dimensions, None if chunks == "contiguous" else tuple(chunks))


def _zarr(path: Path) -> Iterator[ReadArray]:
    import zarr
    from xarray.backends.zarr import FillValueCoder
    from zarr.storage import ZipStore

    store = ZipStore(path) if path.is_file() else str(path)
    group = zarr.open_group(store, mode="r", use_consolidated=False)
    arrays = dict(group.arrays())
    attributes: dict[str, dict[str, Any]] = {}
    dimensions: dict[str, tuple[str, ...]] = {}
    for name, one in arrays.items():
        attributes[name] = dict(one.attrs)
        named = getattr(one.metadata, "dimension_names", None) or one.attrs.get("_ARRAY_DIMENSIONS", [])
        dimensions[name] = tuple(map(str, named)) if isinstance(named, list | tuple) else ()
        filled = attributes[name].get("_FillValue")
        if isinstance(filled, str):
            # In version 3 the attribute is written in base64, so that it survives JSON (xarray, Zarr encoding).
            attributes[name]["_FillValue"] = FillValueCoder.decode(filled, one.dtype)
        elif filled is None and np.dtype(one.dtype).kind == "f" and np.isnan(float(one.fill_value)):
            attributes[name]["_FillValue"] = one.fill_value
    for name in _measured(attributes, dimensions):
        one = arrays[name]
        if not _is_number(one.dtype):
            continue
        yield _read(name, one, attributes[name], dimensions[name], one.shards or one.chunks)


def _measured(attributes: Mapping[str, Mapping[str, Any]], dimensions: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the variables that hold data: no coordinates, bounds or grid mappings (CF, chapters 5 and 7)."""
    aside = {name for name, dims in dimensions.items() if dims == (name,)}
    for one in attributes.values():
        for key in _REFERRED:
            aside |= set(str(one.get(key, "")).replace(":", " ").split())
    return [name for name in dimensions if name not in aside]


def _is_number(dtype: object) -> bool:
    """Tell whether a stored type holds numbers; names and labels are looked at by nobody here."""
    return isinstance(dtype, np.dtype) and dtype.kind in "iufb"


class _Stored(Protocol):
    """An array of NetCDF or Zarr."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> Any: ...  # noqa: ANN401 - their libraries are not typed

    def __getitem__(self, part: Any) -> Any:  # noqa: ANN401 - their libraries are not typed
        ...


def _read(
    name: str,
    array: _Stored,
    attributes: Mapping[str, Any],
    dimensions: tuple[str, ...],
    chunks: tuple[int, ...] | None,
) -> ReadArray:
    figures = RunningMoments()
    nodata = attributes.get("_FillValue", attributes.get("missing_value"))
    number = None if nodata is None else float(np.asarray(nodata).ravel()[0])
    scale, offset = float(attributes.get("scale_factor", 1.0)), float(attributes.get("add_offset", 0.0))
    for part in _parts(tuple(array.shape), chunks):
        figures.add(_values(np.asarray(array[part]), number, scale, offset))
    return ReadArray(name, str(np.dtype(array.dtype)), number, dimensions, tuple(array.shape), figures)


def _parts(shape: tuple[int, ...], chunks: tuple[int, ...] | None) -> Iterator[tuple[slice, ...]]:
    """Yield slices that cut an array into blocks of whole chunks, about a million values each."""
    left, steps = _VALUES, []
    for size, chunk in zip(reversed(shape), reversed(chunks or (1,) * len(shape)), strict=True):
        step = min(size, max(chunk, left // chunk * chunk)) if size else 1
        steps.append(max(1, step))
        left = max(1, left // max(1, step))
    lengths = steps[::-1]
    for corner in product(*(range(0, size, step) for size, step in zip(shape, lengths, strict=True))):
        yield tuple(slice(start, start + step) for start, step in zip(corner, lengths, strict=True))


def _values(stored: NDArray[Any], nodata: float | None, scale: float, offset: float) -> NDArray[np.float64]:
    values: NDArray[np.float64] = np.asarray(stored, dtype="float64")
    if nodata is not None and not np.isnan(nodata):
        values = np.where(stored == np.asarray(nodata).astype(stored.dtype), np.nan, values)
    return values if (scale, offset) == (1.0, 0.0) else values * scale + offset

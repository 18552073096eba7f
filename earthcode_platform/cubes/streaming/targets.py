"""Half-made products into which units are written in any order, one file format each."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from earthcode_platform.cubes.dimensions import BANDS, X, Y, band_values
from earthcode_platform.cubes.streaming.spool import Spool
from earthcode_platform.cubes.write_arrays import dataset, write_zarr, zarr_layout
from earthcode_platform.cubes.write_cog import cog_from_spool
from earthcode_platform.cubes.zarr_zip import pack
from earthcode_platform.models.file_options import CogOptions

if TYPE_CHECKING:
    from pathlib import Path

    import xarray as xr
    from numpy.typing import NDArray
    from zarr.abc.store import Store

    from earthcode_platform.cubes.streaming.units import Box
    from earthcode_platform.models.file_options import ZarrOptions

__all__ = ["Target", "target_of"]


class Target(Protocol):
    """A half-made product, and how it becomes a whole one."""

    layout: int
    """Rows and columns that are best written at once."""

    def begin(self, *, afresh: bool) -> None:
        """Make it ready for values; what lies in it stays unless it is to begin afresh."""

    def write(self, box: Box, stored: NDArray[Any]) -> None:
        """Write the stored numbers (..., rows, columns) of a box."""

    def read(self, box: Box) -> NDArray[Any]:
        """Return the stored numbers of a box.

        Raises:
            OSError: They cannot be read.
            ValueError: They are damaged.
        """

    def finish(self, path: Path) -> None:
        """Make the whole product at a path."""

    def reread(self, path: Path, box: Box) -> NDArray[Any]:
        """Return the stored numbers of a box of the whole product."""


def target_of(cube: xr.DataArray, folder: Path, title: str, options: CogOptions | ZarrOptions) -> Target:
    """Return the half-made product in a folder.

    Args:
        cube: A lazy cube as `as_written` lays it out, of the type that is stored.
        folder: Where it lies.
        title: Title of the product.
        options: Its format, and how.
    """
    if isinstance(options, CogOptions):
        return _Cog(cube, folder / "values.spool", options)
    return _Zarr(cube, folder / "values.zarr", title, options)


class _Cog:
    layout = 0

    def __init__(self, cube: xr.DataArray, path: Path, options: CogOptions) -> None:
        self._cube = cube
        self._options = options
        shape = (cube.sizes.get(BANDS, 1), cube.sizes[Y], cube.sizes[X])
        self._spool = Spool(path, shape, np.dtype(options.dtype or cube.dtype))
        self._shape = cube.shape[:-2]

    def begin(self, *, afresh: bool) -> None:
        if afresh:
            self._spool.path.unlink(missing_ok=True)
        self._spool.allocate()

    def write(self, box: Box, stored: NDArray[Any]) -> None:
        self._spool.write(box, stored.reshape(-1, *box.shape))

    def read(self, box: Box) -> NDArray[Any]:
        return self._spool.read(box).reshape(*self._shape, *box.shape)

    def finish(self, path: Path) -> None:
        cog_from_spool(self._spool, self._cube, path, self._options)

    def reread(self, path: Path, box: Box) -> NDArray[Any]:
        import rasterio
        from rasterio.windows import Window

        rows, columns = box.shape
        with rasterio.open(path) as opened:
            stored = opened.read(window=Window(box.left, box.top, columns, rows))
        values: NDArray[Any] = stored.reshape(*self._shape, *box.shape)
        return values


class _Zarr:
    def __init__(self, cube: xr.DataArray, path: Path, title: str, options: ZarrOptions) -> None:
        self._cube = cube
        self._path = path
        self._title = title
        self._options = options
        self._dtype = np.dtype(options.dtype or cube.dtype)
        sizes = {str(name): length for name, length in cube.sizes.items() if name != BANDS}
        _, shards = zarr_layout(sizes, self._dtype.itemsize, options)
        self.layout = max(shards[Y], shards[X])
        self._names = [options.names.get(name, name) for name in band_values(cube)]
        self._axis = cube.dims.index(BANDS) if BANDS in cube.dims else None
        self._packed: Store | None = None

    def begin(self, *, afresh: bool) -> None:
        if afresh:
            shutil.rmtree(self._path, ignore_errors=True)
        if not (self._path / "zarr.json").is_file():
            write_zarr(dataset(self._cube, self._title, self._options.names), self._path, self._options)

    def write(self, box: Box, stored: NDArray[Any]) -> None:
        import zarr

        layers = [stored] if self._axis is None else np.moveaxis(stored, self._axis, 0)
        for name, layer in zip(self._names, layers, strict=True):
            zarr.open_array(self._path / name, mode="r+")[(..., *box.slices)] = layer

    def read(self, box: Box) -> NDArray[Any]:
        return self.reread(self._path, box)

    def finish(self, path: Path) -> None:
        if self._options.store == "zip":
            from earthcode_platform.cubes.stored_zip import zip_store

            pack(self._path, path)
            self._packed = zip_store(path)
        else:
            self._path.rename(path)

    def reread(self, path: Path, box: Box) -> NDArray[Any]:
        import zarr

        arrays = [zarr.open_array(self._packed or path, path=name, mode="r") for name in self._names]
        layers = [np.asarray(array[(..., *box.slices)]) for array in arrays]
        return layers[0] if self._axis is None else np.stack(layers, self._axis)

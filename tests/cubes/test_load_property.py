"""Random rasters, read by the loader and by rasterio with NumPy alone: the values and their places are the same."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import xarray as xr
from affine import Affine
from cube_factories import collection, item, pinned
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from earthcode_platform.cubes.load import load

TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
CRSS = ("EPSG:32633", "EPSG:3035", "EPSG:4326", "EPSG:3857")
FIRST = datetime(2020, 1, 1, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Tile:
    """A file of a scene: where it begins on the common grid, and what it holds."""

    day: int
    row: int
    column: int
    values: NDArray[Any]
    south_up: bool
    blocks: int


@dataclass(frozen=True)
class Scene:
    """Files of one band on one grid."""

    crs: str
    step: float
    dtype: str
    nodata: float | None
    scale: float
    offset: float
    in_item: bool
    tiles: list[Tile] = field(default_factory=list)

    @property
    def corner(self) -> tuple[float, float]:
        """West and north of the grid."""
        return (12.0, 46.0) if self.crs == "EPSG:4326" else (500_000.0, 5_000_000.0)


def numbers(draw: st.DrawFn, dtype: str, shape: tuple[int, int]) -> NDArray[Any]:
    """Return values over the whole range of a type, with many repeats."""
    seed = draw(st.integers(0, 2**16))
    random = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "f":
        values = random.normal(scale=10.0 ** random.integers(-3, 6), size=shape).astype(dtype)
        return np.where(random.random(shape) < 0.1, np.asarray(7, dtype), values)
    bounds = np.iinfo(dtype)
    values = random.integers(bounds.min, bounds.max, size=shape, dtype=dtype, endpoint=True)
    return np.where(random.random(shape) < 0.3, random.integers(0, 8, size=shape).astype(dtype), values)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    dtype = draw(st.sampled_from(TYPES))
    crs = draw(st.sampled_from(CRSS))
    scene = Scene(
        crs=crs,
        step=0.25 if crs == "EPSG:4326" else draw(st.sampled_from([10.0, 30.0])),
        dtype=dtype,
        nodata=draw(st.sampled_from([None, 0.0, 7.0])),
        scale=draw(st.sampled_from([1.0, 0.5, 0.0001])),
        offset=draw(st.sampled_from([0.0, -0.1, 100.0])),
        in_item=draw(st.booleans()),
    )
    # No data that an item alone tells of hides what another file has at the same place: such files lie apart in time.
    alone = scene.in_item and scene.nodata is not None
    for at in range(draw(st.integers(1, 2 if alone else 4))):
        shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
        scene.tiles.append(
            Tile(
                day=at if alone else draw(st.integers(0, 1)),
                row=draw(st.integers(0, 20)),
                column=draw(st.integers(0, 20)),
                values=numbers(draw, dtype, shape),
                south_up=draw(st.booleans()) and shape[0] > 1,
                blocks=draw(st.sampled_from([0, 16, 32])),
            )
        )
    return scene


def written(scene: Scene, folder: Path) -> list[dict[str, Any]]:
    """Write the files and return their items; what numbers mean stands in the items or in the files."""
    west, north = scene.corner
    items = []
    for at, tile in enumerate(scene.tiles):
        rows, columns = tile.values.shape
        left, top = west + scene.step * tile.column, north - scene.step * tile.row
        place = Affine(scene.step, 0, left, 0, -scene.step, top)
        values = tile.values
        if tile.south_up:
            place, values = Affine(scene.step, 0, left, 0, scene.step, top - scene.step * rows), values[::-1]
        tiling = {"tiled": True, "blockxsize": tile.blocks, "blockysize": tile.blocks} if tile.blocks else {}
        with rasterio.open(
            folder / f"{at}.tif", "w", driver="GTiff", count=1, height=rows, width=columns, dtype=scene.dtype,
            crs=scene.crs, transform=place, nodata=None if scene.in_item else scene.nodata, **tiling,
        ) as target:  # fmt: skip
            target.write(values, 1)
            if not scene.in_item:
                target.scales, target.offsets = [scene.scale], [scene.offset]
        band: dict[str, Any] = {"data_type": scene.dtype, "scale": scene.scale, "offset": scene.offset}
        if scene.nodata is not None:
            band["nodata"] = scene.nodata
        asset = {"href": f"./{at}.tif", "type": "image/tiff"} | ({"raster:bands": [band]} if scene.in_item else {})
        stamp = (FIRST + timedelta(days=tile.day)).isoformat().replace("+00:00", "Z")
        items.append(item(f"i{at}", stamp, {"B": asset}))
    return items


def expected(scene: Scene, folder: Path) -> dict[int, tuple[int, int, NDArray[np.float64]]]:
    """Return for each day the values that rasterio and NumPy give, with the row and column they begin at."""
    rows = max(tile.row + tile.values.shape[0] for tile in scene.tiles)
    columns = max(tile.column + tile.values.shape[1] for tile in scene.tiles)
    top, left = min(tile.row for tile in scene.tiles), min(tile.column for tile in scene.tiles)
    days: dict[int, NDArray[np.float64]] = {}
    for at, tile in enumerate(scene.tiles):
        layer = days.setdefault(tile.day, np.full((rows, columns), np.nan))
        with rasterio.open(folder / f"{at}.tif") as opened:
            stored = opened.read(1)[::-1] if tile.south_up else opened.read(1)
        wanted = np.float32 if np.dtype(scene.dtype).itemsize <= 2 or scene.dtype == "float32" else np.float64
        value = stored.astype(wanted)
        if scene.nodata is not None:
            value[stored == scene.nodata] = np.nan
        value = value * wanted(scene.scale) + wanted(scene.offset)
        part = layer[tile.row : tile.row + value.shape[0], tile.column : tile.column + value.shape[1]]
        part[...] = np.where(np.isnan(part), value, part)
    return {day: (top, left, layer[top:, left:]) for day, layer in sorted(days.items())}


def on_grid(scene: Scene, cube: xr.DataArray, top: int, left: int) -> None:
    """Check that the cube's pixels lie where the files say."""
    west, north = scene.corner
    columns, rows = left + np.arange(cube.sizes["x"]) + 0.5, top + np.arange(cube.sizes["y"]) + 0.5
    np.testing.assert_allclose(cube["x"].values, west + scene.step * columns, atol=scene.step / 1000)
    np.testing.assert_allclose(cube["y"].values, north - scene.step * rows, atol=scene.step / 1000)


@settings(max_examples=50)
@given(scene=scenes())
def test_the_loader_reads_what_rasterio_reads(scene: Scene) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = pinned(collection(folder, written(scene, folder)))
        cube = load(source).compute()
        wanted = expected(scene, folder)
    assert cube.sizes["t"] == len(wanted)
    exact = scene.dtype in ("uint8", "int8", "uint16", "int16", "float32")
    assert cube.dtype == ("float32" if exact else "float64")
    assert cube.rio.crs.to_string() == scene.crs
    for at, (top, left, layer) in enumerate(wanted.values()):
        on_grid(scene, cube, top, left)
        np.testing.assert_allclose(cube.values[at, 0], layer, rtol=2e-7 if exact else 1e-15)

"""How the writers of COG and Zarr do beside those they stand on.

Run it with `.venv/bin/python -m benchmarks.cube_writers [--runs N]` in a checkout. Each writer gets the same array in
memory and a process of its own, in turn, N times (3); time is wall time until the file is closed, and memory what the
peak grew by above the array.

COG: 6144 by 6144 uint16, against GDAL's COG driver by rasterio with two threads, the same options and the same bytes.
Zarr version 3: 12288 by 12288 float32 (604 MB), against xarray's `to_zarr` with the same codec (blosc, lz4, bits
sorted), unsharded, and against its default codec for size. Objects are the files of the store.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.lines import Bound, tell

_MEGABYTE: Final = 1e6 / 1024
_COG_SIDE: Final = 6144
_ZARR_SIDE: Final = 12288


def peak() -> float:
    """Return the largest resident size so far, in 10^6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE


def made(side: int, dtype: str) -> Any:  # noqa: ANN401 - a DataArray
    """Return a map of reflectances, or as float32 of an index of two: smooth, with noise, and places without data.

    Each band has noise of its own, as sensors have: without it an index has so few values that a dictionary holds them.
    """
    import numpy as np
    import xarray as xr

    from earthcode_platform.cubes.crs import with_crs

    random = np.random.default_rng(6)
    at = np.arange(side, dtype="float32")
    values = np.empty((side, side), dtype)
    # By rows, so that making it leaves no peak of memory behind.
    for row in range(0, side, 256):
        near = 2500 + 1500 * np.sin(at[row : row + 256, None] / 300) * np.cos(at[None, :] / 200)
        near += random.normal(0, 60, near.shape).astype("float32")
        near[:, : side // 50] = 0
        red = np.round(400 + near / 50 + random.normal(0, 20, near.shape).astype("float32"))
        values[row : row + 256] = near if dtype == "uint16" else (np.round(near) - red) / (np.round(near) + red)
    coords = {"y": 5_000_000 - 10 * (np.arange(side) + 0.5), "x": 500_000 + 10 * (np.arange(side) + 0.5)}
    return with_crs(xr.DataArray(values, dims=("y", "x"), coords=coords), "EPSG:32633")


def our_cog(cube: Any, path: Path) -> None:  # noqa: ANN401 - a DataArray
    """Write a COG as a run does, once its values are known."""
    from earthcode_platform.cubes.write_cog import write_cog
    from earthcode_platform.models.file_options import CogOptions

    write_cog(cube, path, CogOptions(dtype="uint16", nodata=0))


def gdal_cog(cube: Any, path: Path) -> None:  # noqa: ANN401 - a DataArray
    """Write a COG by rasterio and GDAL's COG driver, with two threads."""
    import rasterio
    from affine import Affine

    rows, columns = cube.shape
    with rasterio.open(
        path, "w", driver="COG", count=1, height=rows, width=columns, dtype="uint16", nodata=0, crs="EPSG:32633",
        transform=Affine(10, 0, 500_000, 0, -10, 5_000_000), compress="DEFLATE", predictor="YES", blocksize=512,
        overview_resampling="AVERAGE", bigtiff="IF_SAFER", num_threads=2,
    ) as target:  # fmt: skip
        target.write(cube.values, 1)


def our_zarr(cube: Any, path: Path) -> None:  # noqa: ANN401 - a DataArray
    """Write a store as a run does, once its values are known."""
    from earthcode_platform.cubes.write_arrays import dataset, write_zarr
    from earthcode_platform.models.file_options import ZarrOptions

    write_zarr(dataset(cube, "A map", {}), path, ZarrOptions())


def _plain(cube: Any, path: Path, **encoding: object) -> None:  # noqa: ANN401 - a DataArray
    cube.to_dataset(name="value").to_zarr(path, zarr_format=3, consolidated=False, encoding={"value": encoding})


def same_codec_zarr(cube: Any, path: Path) -> None:  # noqa: ANN401 - a DataArray
    """Write a store by xarray, with the codec that does best and chunks of 512 by 512."""
    from zarr.codecs import BloscCodec

    _plain(cube, path, chunks=(512, 512), compressors=(BloscCodec(cname="lz4", shuffle="bitshuffle", typesize=4),))


def default_zarr(cube: Any, path: Path) -> None:  # noqa: ANN401 - a DataArray
    """Write a store by xarray, with its default codec and chunks of 512 by 512."""
    _plain(cube, path, chunks=(512, 512))


_WRITERS: Final[dict[str, tuple[Callable[[Any, Path], None], int, str]]] = {
    "COG, ours": (our_cog, _COG_SIDE, "uint16"),
    "COG, GDAL's driver": (gdal_cog, _COG_SIDE, "uint16"),
    "Zarr, ours": (our_zarr, _ZARR_SIDE, "float32"),
    "Zarr, same codec": (same_codec_zarr, _ZARR_SIDE, "float32"),
    "Zarr, default codec": (default_zarr, _ZARR_SIDE, "float32"),
}


def wrote(name: str, scale: int = 1) -> dict[str, float]:
    """Return seconds, extra memory, bytes and objects of one writer."""
    write, side, dtype = _WRITERS[name]
    with tempfile.TemporaryDirectory() as home:
        write(made(side // 12, dtype), Path(home, "warm"))
        cube = made(side // scale, dtype)
        path, before = Path(home, "map.tif" if name.startswith("COG") else "map.zarr"), peak()
        begun = time.perf_counter()
        write(cube, path)
        seconds, extra = time.perf_counter() - begun, peak() - before
        files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
        size = sum(one.stat().st_size for one in files)
    return {"seconds": seconds, "extra": extra, "bytes": size, "objects": len(files)}


def main(runs: int) -> None:
    """Print the figures."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in _WRITERS}
    for _ in range(runs):
        for name, costs in found.items():
            words = [sys.executable, "-W", "ignore", "-m", "benchmarks.cube_writers", "--only", name]
            costs.append(json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout))
    at = {name: {key: statistics.median(cost[key] for cost in costs) for key in costs[0]}
          for name, costs in found.items()}  # fmt: skip
    for name, one in at.items():
        print(f"  {name:<22}{one['seconds']:7.2f} s, {one['extra']:6.0f} MB extra, "
              f"{one['bytes'] / 1e6:6.0f} MB in {one['objects']:.0f} objects")  # fmt: skip
    ours, gdal = at["COG, ours"], at["COG, GDAL's driver"]
    tell("COG, speed beside GDAL's driver with two threads", gdal["seconds"] / ours["seconds"], 1.0, Bound.AT_LEAST)
    tell("COG, extra memory beside GDAL's driver", ours["extra"] / gdal["extra"], 0.5)
    ours, same, plain = at["Zarr, ours"], at["Zarr, same codec"], at["Zarr, default codec"]
    tell("Zarr, speed beside to_zarr with the same codec", same["seconds"] / ours["seconds"], 0.9, Bound.AT_LEAST)
    tell("Zarr, objects beside to_zarr", ours["objects"] / same["objects"], 0.1)
    tell("Zarr, size beside the default codec", ours["bytes"] / plain["bytes"], 0.9)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--runs", type=int, default=3, help="how often each writer runs")
    asked.add_argument("--only", choices=sorted(_WRITERS), help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.only:
        print(json.dumps(wrote(options.only)))
    else:
        main(options.runs)

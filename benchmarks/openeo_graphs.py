"""What openEO graphs cost in the engine, beside what a hand would write for each of them.

Run it with `.venv/bin/python -m benchmarks.openeo_graphs [--runs N]` in a checkout, with numba for the floor
(`make bench` installs it). It makes 16 dates of three bands of 2048 by 2048 pixels as DEFLATE COGs, about 200 MB in a
temporary folder, and runs every contender N times (3) in turn, each in a process of its own, warmed up on a small
scene so that no import and no compilation counts. Time is wall time from the graph, or from the first line of the
hand-written way, to the values in memory, and memory the peak until then. Writing is not in it: both sides would do
the same.

The floor is a kernel compiled for the one composite; the peers are what most people write with odc-stac and xarray.
"""

import argparse
import json
import os
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
from benchmarks.scenes import CLASSES, anomaly_graph, composite_graph, experiment, make_scenes

THREADS: Final = os.cpu_count() or 1
_MEGABYTE: Final = 1e6 / 1024


def engine(folder: Path, graph: dict[str, Any], form: str) -> tuple[float, float]:
    """Return the seconds and the peak memory in which the engine computes a graph, until it begins to write."""
    from earthcode_platform.engines.openeo.engine import OpenEOEngine

    marks: dict[str, tuple[float, float]] = {}

    def reached(_fraction: float, step: str) -> None:
        marks.setdefault(step, (time.perf_counter(), peak()))

    pinned = experiment(folder, graph, form)
    with tempfile.TemporaryDirectory() as workspace:
        begun = time.perf_counter()
        OpenEOEngine(progress=reached).run(pinned, Path(workspace))
    written, megabytes = marks["writing"]
    return written - begun, megabytes


def peak() -> float:
    """Return the largest resident size so far, in 10^6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE


def timed(compute: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that a call takes, and the peak memory."""
    begun = time.perf_counter()
    compute()
    return time.perf_counter() - begun, peak()


def floor(folder: Path) -> tuple[float, float]:
    """Return the cost of the composite in one compiled kernel."""
    from benchmarks.floor import composite

    return timed(lambda: composite(folder, THREADS))


def opened(folder: Path) -> Any:  # noqa: ANN401 - a data set
    """Return the scenes as odc-stac loads them."""
    import odc.stac
    import pystac

    items = [pystac.Item.from_file(str(path)) for path in sorted(folder.glob("scene-*.json"))]
    return odc.stac.load(items, bands=["B04", "B08", "SCL"], chunks={"x": 1024, "y": 1024})


def odc_composite(folder: Path) -> tuple[float, float]:
    """Return the cost of the composite with odc-stac and xarray's median."""

    def compute() -> object:
        data = opened(folder)
        bad = data.SCL.isin(CLASSES) | (data.B04 == 0) | (data.B08 == 0)
        red, near = data.B04.astype("float32"), data.B08.astype("float32")
        return ((near - red) / (near + red)).where(~bad).median("time").compute()

    return timed(compute)


def odc_kernel(folder: Path) -> tuple[float, float]:
    """Return the cost of the composite with odc-stac and the floor's compiled kernel, block by block on Dask."""
    import dask.array as da
    import numpy as np

    from benchmarks.floor import median_ndvi

    def reduced(red: Any, near: Any, classes: Any) -> Any:  # noqa: ANN401 - arrays of one block on all dates
        result = np.empty(red.shape[1:], "float32")
        median_ndvi(red, near, classes, result)
        return result

    def compute() -> object:
        data = opened(folder).chunk({"time": -1})
        bands = [data[name].data for name in ("B04", "B08", "SCL")]
        return da.map_blocks(reduced, *bands, dtype="float32", drop_axis=0).compute()

    return timed(compute)


def odc_anomaly(folder: Path) -> tuple[float, float]:
    """Return the cost of the departures from the mean in pixels of 20 m, with odc-stac, xarray and rasterio."""
    import rioxarray  # noqa: F401 - registers the accessor `rio`
    from rasterio.enums import Resampling

    def compute() -> object:
        data = opened(folder)[["B04", "B08"]]
        red, near = (data[name].where(data[name] != 0).astype("float32") for name in ("B04", "B08"))
        ndvi = ((near - red) / (near + red)).compute().rio.write_nodata(float("nan"))
        coarse = ndvi.rio.reproject(ndvi.rio.crs, resolution=20, resampling=Resampling.average)
        return coarse - coarse.mean("time", dtype="float64")

    return timed(compute)


CONTENDERS: Final[dict[str, Callable[[Path], tuple[float, float]]]] = {
    "floor": floor,
    "engine, composite": lambda folder: engine(folder, composite_graph(), "COG"),
    "odc-stac, same kernel": odc_kernel,
    "odc-stac, composite": odc_composite,
    "engine, departures": lambda folder: engine(folder, anomaly_graph(), "NetCDF"),
    "odc-stac, departures": odc_anomaly,
}
_READY: Final = """
import os, sys
from pathlib import Path
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.models.pinned import PinnedExperiment

def reached(_, step):
    if step == "computing":
        os._exit(0)

pinned = PinnedExperiment.model_validate_json(Path(sys.argv[1]).read_text())
OpenEOEngine(progress=reached).run(pinned, Path(sys.argv[2]))
"""
"""What ends when the blocks of the composite are ready to be computed."""


def main(runs: int) -> None:
    """Print what each goal says and what was measured."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        subprocess.run([sys.executable, "-m", "benchmarks.openeo_graphs", "--make", home], check=True)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTENDERS}
        ready = []
        for _ in range(runs):
            for name, costs in found.items():
                costs.append(_measured(folder, name))
            words = [sys.executable, "-c", _READY, str(folder / "pinned.json"), str(folder / "out")]
            begun = time.perf_counter()
            subprocess.run(words, check=True)
            ready.append(time.perf_counter() - begun)
    seconds = {name: statistics.median(cost[0] for cost in costs) for name, costs in found.items()}
    for name, costs in found.items():
        print(f"  {name:<24}{seconds[name]:7.2f} s, peak {max(cost[1] for cost in costs):6.0f} MB")
    tell("composite, times the floor", seconds["engine, composite"] / seconds["floor"], 1.3)
    for name, goal in (("odc-stac, same kernel", 1.6), ("odc-stac, composite", 2.7)):
        ratio = seconds[name] / seconds["engine, composite"]
        tell(f"composite, speed beside {name.replace('composite', 'median of xarray')}", ratio, goal, Bound.AT_LEAST)
    tell("composite, peak MB", max(cost[1] for cost in found["engine, composite"]), 900)
    tell("departures, times odc-stac", seconds["engine, departures"] / seconds["odc-stac, departures"], 1.1)
    tell("from process start to blocks ready, s", statistics.median(ready), 1.5)


def _measured(folder: Path, name: str) -> tuple[float, float]:
    words = [sys.executable, "-m", "benchmarks.openeo_graphs", "--only", name, "--make", str(folder)]
    told = subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout
    seconds, megabytes = json.loads(told.splitlines()[-1])
    return seconds, megabytes


def _made(folder: Path) -> None:
    make_scenes(folder / "full")
    make_scenes(folder / "small", 4, 256)
    (folder / "whole").mkdir()
    pinned = experiment(folder / "full", composite_graph(), workflow=folder / "whole" / "workflow.json")
    (folder / "pinned.json").write_text(pinned.model_dump_json(), encoding="utf-8")


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--runs", type=int, default=3, help="how often each contender runs")
    asked.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--only", choices=sorted(CONTENDERS), help=argparse.SUPPRESS)
    return asked.parse_args()


if __name__ == "__main__":
    options = _asked()
    if options.only:
        contender = CONTENDERS[options.only]
        contender(options.make / "small")
        print(json.dumps(contender(options.make / "full")))
    elif options.make:
        _made(options.make)
    else:
        main(options.runs)

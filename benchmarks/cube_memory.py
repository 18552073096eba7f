"""How much memory the composite takes at eight times the area, and how long a large one takes to be planned.

Run it with `.venv/bin/python -m benchmarks.cube_memory` in a checkout. It makes 16 dates of three bands of 2048 by 2048
pixels, and of eight times as many, as DEFLATE COGs (about 1.5 GB in a temporary folder), and lets the engine run the
composite of benchmarks/openeo_graphs.py to its very end: computed, written as COG and as Zarr, read back, described and
drawn. Each run has a process of its own; memory is its peak. Then it plans the composite of a grid of 10 000 blocks, of
which the files hold nothing but their headers: from STAC and the graph to blocks that could be computed.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.lines import tell
from benchmarks.scenes import SIDE, composite_graph, experiment, make_scenes

_MEGABYTE: Final = 1e6 / 1024
_TIMES: Final = {"once": (1, 1), "eightfold": (4, 2)}
_FORMATS: Final = ("COG", "Zarr")
_BLOCKS: Final = 10_000


def ran(folder: Path, form: str) -> tuple[float, float]:
    """Return the seconds and the peak of memory of a whole run, in 10^6 bytes."""
    from earthcode_platform.engines.openeo.engine import OpenEOEngine

    pinned = experiment(folder, composite_graph(form), form)
    with tempfile.TemporaryDirectory(dir=folder) as workspace:
        begun = time.perf_counter()
        OpenEOEngine().run(pinned, Path(workspace))
        seconds = time.perf_counter() - begun
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE


def planned(folder: Path) -> float:
    """Return the CPU seconds in which a graph becomes 10 000 blocks, the check and the reading of STAC included."""
    from earthcode_platform.cubes.streaming.product import streamed_result
    from earthcode_platform.engines.openeo.engine import OpenEOEngine
    from earthcode_platform.process_graphs.document import read_document

    pinned = experiment(folder, composite_graph())
    document = read_document(Path(pinned.workflow.path), ())
    engine = OpenEOEngine()
    times = []
    for _ in range(4):
        begun = time.process_time()
        (saved,) = engine.built(document, pinned)
        wanted = streamed_result(saved, pinned, folder)
        times.append(time.process_time() - begun)
        assert wanted is not None
        assert -(-wanted.source.shape[0] // 1024) * -(-wanted.source.shape[1] // 1024) == _BLOCKS
    return statistics.median(times[1:])


def _widen(folder: Path) -> None:
    """Put files of 10 000 blocks of 1024 by 1024 pixels in the place of small ones; no tile of them is written."""
    import rasterio

    side = 100 * 1024
    for path in folder.glob("*.tif"):
        with rasterio.open(path) as small:
            profile = {**small.profile, "driver": "GTiff", "height": side, "width": side, "sparse_ok": True}
        with rasterio.open(path, "w", **profile):
            pass
    for path in folder.glob("scene-*.json"):
        content: dict[str, Any] = json.loads(path.read_text())
        content["properties"]["proj:shape"] = [side, side]
        path.write_text(json.dumps(content))


def main(runs: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as home:
        for name in _TIMES:
            _process("--make", str(Path(home, name)), "--times", name)
        found: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for _ in range(runs):
            for form in _FORMATS:
                for name in _TIMES:
                    cost = json.loads(_process("--only", form, "--make", str(Path(home, name))))
                    found.setdefault((form, name), []).append(cost)
        wide = Path(home, "wide")
        _process("--make", str(wide), "--times", "wide")
        seconds = float(_process("--plan", "--make", str(wide)))
    peaks = {key: statistics.median(cost[1] for cost in costs) for key, costs in found.items()}
    for (form, name), peak in peaks.items():
        took = statistics.median(cost[0] for cost in found[form, name])
        print(f"  {form}, {name:<12} {took:7.2f} s, peak {peak:6.0f} MB")
    for form in _FORMATS:
        tell(f"peak of memory at 8 times the area, as {form}", peaks[form, "eightfold"] / peaks[form, "once"], 1.3)
    tell("graph of 10 000 blocks, CPU s (one thread)", seconds, 1.0)


def _process(*options: str) -> str:
    words = [sys.executable, "-m", "benchmarks.cube_memory", *options]
    return subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--runs", type=int, default=3, help="how often each contender runs")
    for name in ("--make", "--times", "--only"):
        asked.add_argument(name, help=argparse.SUPPRESS)
    asked.add_argument("--plan", action="store_true", help=argparse.SUPPRESS)
    return asked.parse_args()


if __name__ == "__main__":
    options = _asked()
    if options.only:
        print(json.dumps(ran(Path(options.make), options.only)))
    elif options.plan:
        print(planned(Path(options.make)))
    elif options.times == "wide":
        make_scenes(Path(options.make), side=64)
        _widen(Path(options.make))
    elif options.make:
        make_scenes(Path(options.make), side=SIDE, times=_TIMES[options.times])
    else:
        main(options.runs)

"""What the notebook engine adds to `jupyter nbconvert --execute`: wall time and memory, on one notebook.

Run it with `.venv/bin/python -m benchmarks.notebook_overhead [RUNS]`. Both run the same notebook of ten small cells,
and one that computes for some seconds, in turn, RUNS times (5) each; the medians of the ratios are printed. The
engine's share holds checking, staging, isolation, papermill, the page and the description of the product; nbconvert
writes the executed notebook alone. Memory is the most that all processes below this one held together (proportional
set size).
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
import rasterio
from rasterio.transform import from_origin

from earthcode_platform import checksums
from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.notebook.engine import NotebookEngine
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.pinned import PinnedExperiment, PinnedWorkflow

_BOX: Final = [10.0, 45.0, 10.8, 45.8]
_MEBIBYTE: Final = 2**20
_PARAMETERS: Final = "scenes: str = {scenes!r}\noutput_folder: str = {output!r}\nrepeats: int = {repeats}"
_CELLS: Final = (
    "import numpy as np\nimport pystac\nimport rasterio",
    "item = pystac.read_file(scenes)",
    'source = rasterio.open(item.assets["B01"].get_absolute_href())\nvalues, profile = source.read(), source.profile',
    "field = np.random.default_rng(0).random((500, 500))",
    "for _ in range(repeats):\n    field = np.linalg.svd(field)[0]",
    *(f"print({number})" for number in range(4)),
    'with rasterio.open(output_folder + "/product.tif", "w", **profile) as target:\n    target.write(values)',
)


def main(runs: int) -> None:
    """Print wall time and memory of both, and their ratios, for a short and a long notebook."""
    for name, repeats in (("ten small cells", 0), ("the same with some seconds of work", 12)):
        with tempfile.TemporaryDirectory() as folder:
            engine, bare = _by_engine(Path(folder), repeats), _by_nbconvert(Path(folder), repeats)
            engine(), bare()
            pairs = [(_measured(engine), _measured(bare)) for _ in range(runs)]
        print(f"{name}, medians of {runs} interleaved runs")
        for at, unit in ((0, "s"), (1, "MiB")):
            ours, theirs = (statistics.median(pair[side][at] for pair in pairs) for side in (0, 1))
            ratio = statistics.median(pair[0][at] / pair[1][at] for pair in pairs)
            print(f"  engine {ours:8.1f} {unit:3}   nbconvert {theirs:8.1f} {unit:3}   ratio {ratio:.2f}")


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall seconds, and the most MiB that the processes below this one held meanwhile."""
    most, over = 0.0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.05):
            held = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    held += process.memory_full_info().pss
                except psutil.Error:
                    continue
            most = max(most, held / _MEBIBYTE)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    over.set()
    watcher.join()
    return seconds, most


def _notebook(path: Path, scenes: str, output: str, repeats: int) -> Path:
    def cell(source: str, *tags: str) -> dict[str, Any]:
        return {
            "cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": [],
            "execution_count": None,
        }  # fmt: skip

    first = cell(_PARAMETERS.format(scenes=scenes, output=output, repeats=repeats), "parameters")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {
        "nbformat": 4, "nbformat_minor": 4, "metadata": kernel, "cells": [first, *(cell(source) for source in _CELLS)],
    }  # fmt: skip
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _by_nbconvert(folder: Path, repeats: int) -> Callable[[], object]:
    (folder / "bare").mkdir(exist_ok=True)
    path = _notebook(folder / "bare.ipynb", str(_item(folder)), str(folder / "bare"), repeats)
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--output", "executed", str(path)]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def _by_engine(folder: Path, repeats: int) -> Callable[[], object]:
    item = _item(folder)
    path = _notebook(folder / "engine.ipynb", "", "", repeats)
    declared = Experiment.model_validate({
        "id": "bench", "version": "1.0.0", "title": "B", "description": "B.", "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example"}], "osc": {"project": "p", "themes": ["land"]},
        "workflow": {"kind": "notebook", "entry": path.name, "title": "W"},
        "inputs": {"scenes": {"href": str(item)}}, "product": {"id": "product", "title": "B"},
    })  # fmt: skip
    workflow = PinnedWorkflow(kind=declared.workflow.kind, path=str(path), checksum=checksums.of_file(path))
    inputs = pin_inputs(declared.inputs, folder)
    made = PinnedExperiment(experiment=declared, folder=str(folder), workflow=workflow, inputs=inputs)
    return lambda: NotebookEngine().run(made, folder / "workspace")


def _item(folder: Path) -> Path:
    west, south, east, north = _BOX
    with rasterio.open(
        folder / "B01.tif", "w", driver="GTiff", width=8, height=8, count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(west, north, 0.1, 0.1),
    ) as target:  # fmt: skip
        target.write(np.ones((8, 8), dtype="float32"), 1)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    item = {
        "type": "Feature", "stac_version": "1.1.0", "stac_extensions": [], "id": "scene", "bbox": _BOX, "links": [],
        "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {"datetime": "2023-08-01T10:00:00Z"},
        "assets": {"B01": {"href": "./B01.tif", "type": "image/tiff; application=geotiff", "roles": ["data"]}},
    }  # fmt: skip
    path = folder / "item.json"
    path.write_text(json.dumps(item), encoding="utf-8")
    return path


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

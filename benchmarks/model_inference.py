"""What block-wise, isolated inference costs over the same model on the whole array in memory: time and memory.

Run it with `.venv/bin/python -m benchmarks.model_inference [SIDE] [RUNS]`. It makes three bands of SIDE x SIDE pixels
(3072) in files, trains a forest on a thousand of them, and runs interleaved, RUNS times (5) each: the peer, one NumPy
process that reads all bands, predicts all pixels at once and saves the array; and the engine, from the pinned
experiment to the written product. It prints medians of the ratio, and the peak memory of each with its children.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
import rasterio
from rasterio.transform import from_origin

from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.models.experiment import Experiment, InputReference
from earthcode_platform.models.pinned import PinnedExperiment

BANDS: Final = ("blue", "red", "nir")

PEER: Final = """
import sys, numpy as np, rasterio, mlflow.pyfunc, pandas as pd
folder, out = sys.argv[1:]
bands = ("blue", "red", "nir")
layers = [rasterio.open(f"{folder}/data/{band}.tif").read(1).astype("float32") * np.float32(1e-4) for band in bands]
table = pd.DataFrame({band: layer.ravel() for band, layer in zip(bands, layers)})
model = mlflow.pyfunc.load_model(f"{folder}/model")
np.save(out, model.predict(table).reshape(layers[0].shape))
"""

ENGINE: Final = """
import sys
from pathlib import Path
from earthcode_platform.engines.mlflow_models.engine import ModelEngine
from earthcode_platform.models.pinned import PinnedExperiment
pinned = PinnedExperiment.model_validate_json(Path(sys.argv[1], "pinned.json").read_text())
ModelEngine().run(pinned, Path(sys.argv[2]))
"""


def main(side: int, runs: int) -> None:
    """Print the ratio and both peaks."""
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder), side)
        seconds: dict[str, list[float]] = {"peer": [], "engine": []}
        peaks: dict[str, int] = {"peer": 0, "engine": 0}
        for number in range(runs):
            for name, code in (("peer", PEER), ("engine", ENGINE)):
                out = Path(folder) / f"{name}{number}{'.npy' if name == 'peer' else ''}"
                took, peak = _measured([sys.executable, "-c", code, folder, str(out)])
                seconds[name].append(took)
                peaks[name] = max(peaks[name], peak)
        whole = np.load(Path(folder) / "peer0.npy")
        with rasterio.open(Path(folder) / "engine0/result/classes.tif") as opened:
            equal = bool(np.array_equal(opened.read(1), whole))
    ratios = [engine / peer for engine, peer in zip(seconds["engine"], seconds["peer"], strict=True)]
    print(f"{side} x {side} pixels, {len(BANDS)} bands, {runs} interleaved runs; equal values: {equal}")
    print(f"engine over NumPy on the whole array, wall time: median {statistics.median(ratios):.2f}"
          f" ({min(ratios):.2f} to {max(ratios):.2f})")  # fmt: skip
    print(
        f"peak memory, MB: NumPy {peaks['peer'] / 1e6:.0f}, engine with its model's process {peaks['engine'] / 1e6:.0f}"
    )


def _prepare(folder: Path, side: int) -> None:
    import mlflow.sklearn
    import pandas as pd
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Schema
    from sklearn.ensemble import RandomForestClassifier

    draw = np.random.default_rng(1)
    smooth = np.add.outer(np.arange(side), np.arange(side)) / (2 * side)
    assets: dict[str, Any] = {}
    (folder / "data").mkdir()
    samples = []
    for number, band in enumerate(BANDS):
        values = (1000 + 2000 * smooth * (number + 1) + draw.integers(0, 500, (side, side))).astype("uint16")
        samples.append(values.ravel()[:: max(1, side * side // 1000)].astype("float32") * np.float32(1e-4))
        with rasterio.open(
            folder / "data" / f"{band}.tif", "w", driver="COG", count=1, height=side, width=side, dtype="uint16",
            crs="EPSG:32633", transform=from_origin(500_000, 5_000_000, 10, 10), nodata=0, compress="DEFLATE",
        ) as target:  # fmt: skip
            target.write(values, 1)
        kind = {"data_type": "uint16", "scale": 0.0001, "offset": 0, "nodata": 0}
        assets[band] = {"href": f"./{band}.tif", "type": "image/tiff; application=geotiff", "raster:bands": [kind]}
    table = pd.DataFrame(dict(zip(BANDS, samples, strict=True)))
    forest = RandomForestClassifier(n_estimators=10, max_depth=8, random_state=1, n_jobs=1)
    forest.fit(table, (table["nir"] > table["nir"].median()).astype("int32") + (table["red"] > 0.3))
    signature = ModelSignature(
        Schema([ColSpec("float", band) for band in BANDS]), Schema([ColSpec("integer", "class")])
    )
    mlflow.sklearn.save_model(
        forest, folder / "model", signature=signature, pip_requirements=[], serialization_format="cloudpickle"
    )
    _pin(folder, assets)


def _pin(folder: Path, assets: dict[str, Any]) -> None:
    west, south, east, north = 14.9, 44.8, 15.5, 45.2
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    item = {
        "type": "Feature", "stac_version": "1.1.0", "id": "made", "bbox": [west, south, east, north], "links": [],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"datetime": "2020-01-01T10:00:00Z"}, "assets": assets,
    }  # fmt: skip
    (folder / "data" / "item.json").write_text(json.dumps(item), encoding="utf-8")
    experiment = Experiment.model_validate(
        {
            "id": "bench", "version": "1.0.0", "title": "Bench", "description": "Bench", "license": "CC-BY-4.0",
            "contacts": [{"name": "Nobody"}], "osc": {"project": "earthcode-examples", "themes": ["land"]},
            "workflow": {"kind": "mlflow", "entry": "model/MLmodel", "files": ["model"], "title": "Forest"},
            "inputs": {"data": {"href": "./data/item.json"}},
            "product": {"id": "classes", "title": "Classes", "format": "COG"},
        }
    )  # fmt: skip
    pinned = PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=pin_workflow(experiment, folder),
        inputs=(pin_input("data", InputReference(href="./data/item.json"), folder),),
    )
    (folder / "pinned.json").write_text(pinned.model_dump_json(), encoding="utf-8")


def _measured(command: list[str]) -> tuple[float, int]:
    """Return the wall time of a command, and the most memory it used with its children, shared pages counted once."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as told, subprocess.Popen(command, stdout=told, stderr=told) as process:
        peak = [0]
        watch = threading.Thread(target=_watch, args=(process, peak))
        watch.start()
        process.wait()
        took = time.perf_counter() - began
        watch.join()
        if process.returncode:
            told.seek(0)
            sys.exit(told.read().decode()[-3000:])
    return took, peak[0]


def _watch(process: subprocess.Popen[bytes], peak: list[int]) -> None:
    while process.poll() is None:
        total = 0
        try:
            root = psutil.Process(process.pid)
            for each in (root, *root.children(recursive=True)):
                total += int(each.memory_full_info().pss)
        except psutil.Error:
            continue
        peak[0] = max(peak[0], total)
        time.sleep(0.1)


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["3072", "5"][len(sys.argv) - 1 :])))

"""The phenology notebook gives what its README and `expected.json` promise, and what plain NumPy gives."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from PIL import Image

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.notebook.engine import NotebookEngine
from earthcode_platform.engines.notebook.page import loads
from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import RunResult

pytestmark = pytest.mark.service
"""They take long: real data, and processes of their own."""

Map = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def collection(shared: Path) -> Path:
    return shared / "data" / "s2-ndvi-site-2015-2016" / "collection.json"


@pytest.fixture(scope="module")
def made(checkout: Path, collection: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run(checkout / "examples" / "phenology-notebook", tmp_path_factory.mktemp("phenology"), str(collection))


def run(folder: Path, workspace: Path, scenes: str | None = None) -> RunResult:
    experiment = read_experiment(folder).with_overrides({"scenes": scenes} if scenes else {}, {})
    pinned = PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=pin_workflow(experiment, folder),
        inputs=pin_inputs(experiment.inputs, folder),
    )
    engine = NotebookEngine()
    assert engine.check(pinned.workflow, pinned.inputs, pinned.experiment) == []
    return engine.run(pinned, workspace)


def series(collection: Path) -> tuple[list[date], Map]:
    """Return the dates of the window that are clear enough, and their NDVI, NaN where it is cloudy."""
    found = []
    for item in pystac.Collection.from_file(str(collection)).get_items():
        assert item.datetime is not None
        with (
            rasterio.open(item.assets["NDVI"].get_absolute_href()) as ndvi,
            rasterio.open(item.assets["CLM"].get_absolute_href()) as cloud,
        ):
            layer = np.where(cloud.read(1) == 0, ndvi.read(1), np.nan)
        day = item.datetime.date()
        if date(2015, 12, 1) <= day <= date(2016, 12, 31) and np.isfinite(layer).mean() >= 0.3:
            found.append((day, layer))
    found.sort(key=lambda pair: pair[0])
    return [day for day, _ in found], np.stack([layer for _, layer in found])


def season(dates: list[date], values: Map) -> tuple[float, float, float] | None:
    """Walk along the days of 2016 of one pixel; return start, peak and length in days, or None."""
    known = [(day.toordinal(), float(value)) for day, value in zip(dates, values, strict=True) if np.isfinite(value)]
    if len(known) < 5:
        return None
    first = date(2016, 1, 1).toordinal()
    daily = [float(np.interp(first + at, *zip(*known, strict=True))) for at in range(366)]
    curve = [float(np.mean(daily[max(0, at - 7) : at + 8])) for at in range(366)]
    peak = int(np.argmax(curve))
    low, high = min(curve[: peak + 1]), min(curve[peak:])
    if min(curve[peak] - low, curve[peak] - high) < 0.2:
        return None
    start, end = peak, peak
    while start >= 0 and curve[start] >= low + 0.5 * (curve[peak] - low):
        start -= 1
    while end < 366 and curve[end] >= high + 0.5 * (curve[peak] - high):
        end += 1
    return None if start < 0 or end == 366 else (start + 2.0, peak + 1.0, float(end - start - 1))


def test_it_gives_what_is_promised(made: RunResult, checkout: Path) -> None:
    expected = json.loads((checkout / "examples" / "phenology-notebook" / "expected.json").read_text(encoding="utf-8"))
    (produced,) = made.files
    assert Path(produced.path).stem == expected["product"]
    assert (list(produced.bands), list(produced.grid.shape)) == (expected["bands"], expected["shape"])
    assert produced.units == ("day", "day", "day", "1")
    assert produced.statistics["valid_percent"] == pytest.approx(expected["valid_percent"], abs=0.005)
    with rasterio.open(produced.path) as opened:
        medians = dict(zip(produced.bands, np.nanmedian(opened.read(), axis=(1, 2)), strict=True))
    assert medians == pytest.approx(expected["medians"], abs=expected["tolerance"])
    with Image.open(made.quicklook) as picture:
        assert picture.width >= 800
    kept = {attached.key: Path(attached.path) for attached in made.attached}
    assert set(kept) == {"notebook", "report", "figure-site_mean_figure", "scraps"}
    site_mean = json.loads(kept["scraps"].read_text())["site_mean"]
    for day, value in expected["site_mean"].items():
        assert site_mean[day] == pytest.approx(value, abs=expected["tolerance"])
    assert loads(kept["report"].read_text("utf-8")) == []


def test_every_twenty_third_pixel_is_what_plain_numpy_gives(made: RunResult, collection: Path) -> None:
    dates, values = series(collection)
    with rasterio.open(made.files[0].path) as opened:
        maps = opened.read().reshape(4, -1)
    flat = values.reshape(len(dates), -1)
    for pixel in range(0, flat.shape[1], 23):
        wanted = season(dates, flat[:, pixel])
        found = maps[:3, pixel]
        assert np.isnan(found).all() if wanted is None else tuple(found) == wanted, pixel


def test_it_refuses_to_run_without_scenes(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="--input") as caught:
        run(checkout / "examples" / "phenology-notebook", tmp_path)
    assert [found.code for found in caught.value.findings] == ["inputs-not-found"]

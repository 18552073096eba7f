"""The examples give what their README and `expected.json` promise."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import rasterio
from PIL import Image

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.openeo.engine import OpenEOEngine
from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import RunResult


@pytest.fixture(scope="session")
def sst(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of examples/sst-anomaly with its data, brought by its own script."""
    pytest.importorskip("iris_sample_data", reason="needs the extra 'examples', which carries the data")
    folder = tmp_path_factory.mktemp("examples") / "sst-anomaly"
    shutil.copytree(checkout / "examples" / "sst-anomaly", folder, ignore=shutil.ignore_patterns("*.nc"))
    for _ in range(2):
        answer = subprocess.run([sys.executable, folder / "fetch_data.py"], capture_output=True, text=True, check=True)
        assert Path(answer.stdout.strip()).stat().st_size == 1_713_012
    return folder


def run(folder: Path, workspace: Path, inputs: dict[str, str] | None = None) -> RunResult:
    experiment = read_experiment(folder).with_overrides(inputs or {}, {})
    made = PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=pin_workflow(experiment, folder),
        inputs=pin_inputs(experiment.inputs, folder),
    )
    engine = OpenEOEngine()
    assert engine.check(made.workflow, made.inputs, made.experiment) == []
    return engine.run(made, workspace)


def assert_as_expected(folder: Path, result: RunResult) -> np.ndarray[Any, Any]:
    """Compare with `expected.json` and return the values of the product."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    (produced,) = result.files
    assert Path(produced.path).stem == expected["product"]
    assert list(produced.bands) == expected["bands"]
    assert list(produced.grid.shape) == expected["shape"]
    for name, value in expected["statistics"].items():
        assert produced.statistics[name] == pytest.approx(value, abs=expected["tolerance"])
    assert produced.statistics["valid_percent"] == pytest.approx(expected["valid_percent"], abs=0.005)
    with Image.open(result.quicklook) as picture:
        assert picture.width >= 800
    with rasterio.open(produced.path) as opened:
        values: np.ndarray[Any, Any] = opened.read(1)
    return values


def witness(path: Path) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Compute the anomaly of the winter 2009/10 with NumPy alone; return it north up, with its longitudes."""
    with netCDF4.Dataset(path) as data:
        temperature = np.ma.filled(data["surface_temperature"][:].astype("float64"), np.nan)
        months = netCDF4.num2date(data["time"][:], data["time"].units)
        longitudes = np.ma.filled(data["longitude"][:]).astype("float64")
    calendar = np.array([month.month for month in months])
    winter = [at for at, month in enumerate(months) if (month.year, month.month) in ((2009, 12), (2010, 1), (2010, 2))]
    anomalies = [temperature[at] - temperature[calendar == calendar[at]].mean(axis=0) for at in winter]
    shifted = np.where(longitudes >= 180, longitudes - 360, longitudes)
    inside = np.flatnonzero((shifted >= -179.5) & (shifted <= -80))
    inside = inside[np.argsort(shifted[inside])]
    return np.mean(anomalies, axis=0)[::-1, inside], shifted[inside]


def test_sst_anomaly_shows_the_el_nino(sst: Path, tmp_path: Path) -> None:
    result = run(sst, tmp_path)
    values = assert_as_expected(sst, result)
    expected, longitudes = witness(sst / "data" / "ostia-monthly" / "ostia_monthly.nc")
    np.testing.assert_allclose(values, expected, atol=1e-5)
    nino34 = values[:, (longitudes >= -170) & (longitudes <= -120)]
    assert np.nanmean(nino34) == pytest.approx(1.59, abs=0.005)
    (produced,) = result.files
    assert produced.units == ("K",)
    assert produced.grid.crs == "EPSG:4326"
    assert (produced.start.date().isoformat(), produced.end.date().isoformat()) == ("2009-12-16", "2010-02-15")


def test_fetching_notices_another_file(sst: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(sst, folder)
    document = folder / "data" / "ostia-monthly" / "ostia-monthly.json"
    document.write_text(document.read_text().replace("1220e40d", "1220ffff"), encoding="utf-8")
    (document.parent / "ostia_monthly.nc").unlink()
    answer = subprocess.run([sys.executable, folder / "fetch_data.py"], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "was recorded" in answer.stderr
    assert [entry.name for entry in document.parent.iterdir()] == ["ostia-monthly.json"]


def test_ndvi_season_gives_the_truth(checkout: Path, shared: Path, tmp_path: Path) -> None:
    folder = checkout / "examples" / "ndvi-season"
    scenes = shared / "data" / "s2-l2a-33twm-2023" / "collection.json"
    values = assert_as_expected(folder, run(folder, tmp_path, {"scenes": str(scenes)}))
    assert round(float(np.nanmean(values.astype("float64"))), 4) == 0.7390
    assert round(float(np.isnan(values).mean()), 5) == 0.00032


def test_ndvi_season_refuses_to_run_without_scenes(checkout: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="--input") as caught:
        run(checkout / "examples" / "ndvi-season", tmp_path)
    assert [found.code for found in caught.value.findings] == ["inputs-not-found"]

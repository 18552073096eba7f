"""examples/landcover-mlflow: trained, applied, archived and published."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from mirror import SchemaMirror

from earthcode_platform.errors import RefusedError
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_experiment

COMMAND = Path(sys.executable).with_name("earthcode-platform")


def copied(checkout: Path, folder: Path) -> Path:
    return Path(
        shutil.copytree(
            checkout / "examples" / "landcover-mlflow", folder, ignore=shutil.ignore_patterns("model", "__pycache__")
        )
    )


def train(folder: Path, scenes: Path) -> None:
    done = subprocess.run(
        [sys.executable, folder / "train.py", scenes, folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_it_says_what_is_missing_before_it_is_trained(checkout: Path, tmp_path: Path) -> None:
    folder = copied(checkout, tmp_path / "landcover")
    with pytest.raises(RefusedError) as caught:
        pin_workflow(read_experiment(folder), folder)
    assert "workflow-no-file" in {found.code for found in caught.value.findings}


@pytest.mark.service
@pytest.mark.timeout(600)
def test_it_gives_what_its_readme_promises(checkout: Path, shared: Path, mirror: SchemaMirror, tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="needs the extra 'mlflow'")
    folder = copied(checkout, tmp_path / "landcover")
    scenes = shared / "data" / "s2-l2a-33twm-2023" / "collection.json"
    train(folder, scenes)
    workspace = tmp_path / "out"
    asked = [COMMAND, "run", folder, "--workspace", workspace, "--input", f"data={scenes}"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    version = workspace / "archive" / "landcover-33twm-2023-08-20" / "1.0.0"
    item = json.loads((version / version.parent.name / f"{version.parent.name}.json").read_text(encoding="utf-8"))
    assert mirror.stac_errors(item) == []
    assert item["properties"]["mlm:architecture"] == "RandomForestClassifier"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    found = item["assets"]["data"]
    assert [band["name"] for band in found["bands"]] == expected["bands"]
    assert found["proj:shape"] == expected["shape"]
    for name, value in expected["statistics"].items():
        assert found["statistics"][name] == pytest.approx(value, abs=expected["tolerance"])
    assert found["statistics"]["valid_percent"] == pytest.approx(expected["valid_percent"], abs=0.005)
    provenance = json.loads((version / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["agents"]["engine"]["isolation"] == "namespaces"

    with rasterio.open(version / version.parent.name / f"{version.parent.name}.tif") as opened:
        classes = opened.read(1)
    with rasterio.open(scenes.parent / "S2B_33TWM_20230820_0_L2A" / "SCL.tif") as opened:
        truth = opened.read(1)
    shares = [float((classes[truth == number] == number).mean()) for number in (4, 5, 6)]
    np.testing.assert_allclose(shares, [0.86, 0.71, 0.81], atol=0.01)

    # Trained anew, the same forest comes out, in files with another id.
    before = {name: (folder / "model" / name).read_bytes() for name in ("MLmodel", "model.pkl")}
    train(folder, scenes)
    assert (folder / "model" / "model.pkl").read_bytes() == before["model.pkl"]
    assert (folder / "model" / "MLmodel").read_bytes() != before["MLmodel"]

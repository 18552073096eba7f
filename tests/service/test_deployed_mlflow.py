"""A model through the deployments: from its folder to a published product, and run again by its ID."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from served import Platform

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]


def test_a_model_is_published_and_run_again_by_its_id(
    platform: Platform, checkout: Path, shared: Path, tmp_path: Path
) -> None:
    pytest.importorskip("sklearn", reason="needs the extra 'mlflow'")
    scenes = shared / "data" / "s2-l2a-33twm-2023" / "collection.json"
    folder = tmp_path / "landcover"
    shutil.copytree(checkout / "examples" / "landcover-mlflow", folder, ignore=shutil.ignore_patterns("model"))
    subprocess.run([sys.executable, folder / "train.py", scenes, folder], check=True, capture_output=True)

    done = platform.run("lifecycle/local", experiment=str(folder), inputs={"data": str(scenes)})
    assert done.returncode == 0, done.stdout + done.stderr
    facts = platform.outcome()
    publication = json.loads((Path(facts["workspace"]) / "publication.json").read_text(encoding="utf-8"))
    assert "products/landcover-33twm-2023-08-20/collection.json" in publication["changed"]
    (product,) = Path(facts["product"]).glob("*/landcover-33twm-2023-08-20.tif")
    assert product.stat().st_size > 0

    # By its ID alone: the model comes out of the archive.
    shutil.rmtree(folder)
    again = platform.run("rerun/local", experiment_id="landcover-mlflow")
    assert again.returncode == 0, again.stdout + again.stderr
    found = httpx.post(
        f"{platform.api}/artifacts/filter", json={"artifacts": {"key": {"any_": ["verdict-landcover-mlflow"]}}}
    ).json()
    assert "identical" in found[0]["data"]

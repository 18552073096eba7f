"""A CWL package through the deployments: published, and run again by its ID."""

from pathlib import Path

import cwl_pieces
import httpx
import pytest
import rasterio
from served import Platform

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]


def test_a_package_through_the_deployed_flow(platform: Platform, tmp_path: Path) -> None:
    folder = cwl_pieces.folder(tmp_path / "package", id="packaged")
    done = platform.run("lifecycle/local", experiment=str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    product = Path(platform.outcome()["product"])
    with rasterio.open(product / "copied" / "copied.tif") as opened:
        assert opened.read(1)[0].tolist() == [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]

    again = platform.run("rerun/local", experiment_id="packaged")
    assert again.returncode == 0, again.stdout + again.stderr
    asked = {"artifacts": {"key": {"any_": ["verdict-packaged"]}}}
    found = httpx.post(f"{platform.api}/artifacts/filter", json=asked).json()
    assert "identical" in found[0]["data"]

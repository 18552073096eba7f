"""The notebook of the examples through the deployed flow: a real server, a real worker, the real command line."""

import json
from pathlib import Path

import httpx
import numpy as np
import pytest
import rasterio
from served import Platform

pytestmark = [pytest.mark.service, pytest.mark.timeout(600)]


def test_the_phenology_notebook_through_the_deployed_flow(platform: Platform, shared: Path) -> None:
    scenes = shared / "data" / "s2-ndvi-site-2015-2016" / "collection.json"
    done = platform.run("lifecycle/local", experiment="examples/phenology-notebook", inputs={"scenes": str(scenes)})
    assert done.returncode == 0, done.stdout + done.stderr
    product = Path(platform.outcome()["product"]) / "phenology-2016"
    with rasterio.open(product / "phenology.tif") as opened:
        assert np.nanmedian(opened.read(2)) == 223
    site_mean = json.loads((product / "scraps.json").read_text())["site_mean"]
    assert round(site_mean["2016-01-07"], 2) == 0.18
    assert 0.71 <= site_mean["2016-08-04"] <= site_mean["2016-08-14"] <= 0.735
    page = (product / "executed.html").read_text()
    assert str(platform.home) not in page
    assert str(scenes.parent) not in page

    again = platform.run("rerun/local", experiment_id="phenology-notebook")
    assert again.returncode == 0, again.stdout + again.stderr
    body = {"artifacts": {"key": {"any_": ["verdict-phenology-notebook"]}}}
    (verdict,) = httpx.post(f"{platform.api}/artifacts/filter", json=body).json()
    assert "identical" in verdict["data"]

"""A CWL package from its folder to a published product, and back by its ID."""

import json
from pathlib import Path

import cwl_pieces
import pytest
import rasterio

from earthcode_platform.models.comparison import Verdict
from flows.lifecycle import lifecycle
from flows.rerun import rerun


@pytest.mark.service
def test_a_package_becomes_a_published_product_and_runs_again_by_its_id(home: Path, tmp_path: Path) -> None:
    folder = cwl_pieces.folder(tmp_path / "package", id="packaged")
    publication = lifecycle(str(folder))
    assert publication.merged
    (path,) = (home / "runs" / "by-flow-run").iterdir()
    facts = json.loads(path.read_text())
    archived = Path(facts["product"])
    with rasterio.open(archived / "copied" / "copied.tif") as opened:
        assert opened.read(1)[0].tolist() == [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
    assert (archived / "experiment" / "tools" / "copy.cwl").is_file()
    recorded = json.loads((archived / "provenance.json").read_text())
    assert list(recorded["used"]["workflow"]["files"]) == ["tools/copy.cwl"]
    assert recorded["agents"]["engine"]["name"] == "cwl"
    for file in folder.rglob("*"):
        if file.is_file():
            file.unlink()
    comparison = rerun("packaged")
    assert comparison.verdict is Verdict.IDENTICAL

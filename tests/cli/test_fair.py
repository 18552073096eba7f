"""`earthcode-platform fair`."""

import json
from pathlib import Path

import factories
import pytest

from earthcode_platform.catalog.seed import create_catalog
from earthcode_platform.cli.fair import fair


def test_an_experiment_is_told_with_its_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fair(str(factories.experiment_folder(tmp_path / "small"))) == 0
    told = capsys.readouterr().out
    assert told.startswith("experiment small: ")
    assert "principles that apply (F " in told
    assert fair(str(tmp_path / "small"), as_json=True) == 0
    (report,) = json.loads(capsys.readouterr().out)["reports"]
    assert report["met"] <= report["counted"] <= len(report["principles"]) == 17


def test_what_cannot_be_found_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fair(str(tmp_path / "none")) == 1
    assert "--catalog PATH" in capsys.readouterr().err
    create_catalog(tmp_path / "catalog.git")
    assert fair("none", catalog=tmp_path / "catalog.git") == 1
    assert "no product, workflow or experiment 'none'" in capsys.readouterr().err
    broken = factories.experiment_folder(tmp_path / "small")
    (broken / "data" / "collection.json").unlink()
    assert fair(str(broken)) == 1
    assert "inputs-not-found" in capsys.readouterr().out

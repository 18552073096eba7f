"""The commands that say what codes mean."""

import json
from pathlib import Path

import pytest
from house import CHECKOUT

from earthcode_platform.cli.findings import explain, findings


def test_a_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("[inputs-file-empty]") == 0
    told = capsys.readouterr().out
    assert told.startswith("inputs-file-empty\n")
    assert "Fetch the file again." in told


def test_a_code_is_explained_to_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("publish-doi-wrong", as_json=True) == 0
    assert json.loads(capsys.readouterr().out).keys() == {"code", "what", "why", "mend"}


def test_a_misspelt_code_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain("inputs-file-emty") == 1
    assert "'inputs-file-empty'" in capsys.readouterr().err


def test_the_document_is_printed_or_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert findings() == 0
    assert findings(output=tmp_path / "findings.md") == 0
    written = (tmp_path / "findings.md").read_text(encoding="utf-8")
    assert written == capsys.readouterr().out
    assert written == (CHECKOUT / "docs" / "findings.md").read_text(encoding="utf-8")


def test_a_document_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert findings(output=tmp_path / "missing" / "findings.md") == 1
    assert "findings.md" in capsys.readouterr().err

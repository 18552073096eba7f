"""A newcomer's way through the command line, and what `develop` says on the way."""

import json
import subprocess
from pathlib import Path

import factories
import pytest
from newcomer import Newcomer

from earthcode_platform.cli.app import app

SECONDS = 120


def git(catalog: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "--git-dir", str(catalog), *words], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_from_nothing_to_a_published_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    newcomer = Newcomer(tmp_path / "green-valleys", "openeo")
    newcomer.begin()
    newcomer.command("check", newcomer.folder)
    newcomer.command("develop", newcomer.folder, "--no-tests")
    printed = capsys.readouterr().out
    assert "green-valleys: accepted (1 warning, 1 note)" in printed
    assert "[develop-code-dirty]" in printed  # one line was changed and not committed
    assert "All of the inputs took" in printed
    newcomer.command("run", newcomer.folder, "--workspace", tmp_path / "out")
    title = json.loads(git(tmp_path / "out/catalog.git", "show", "main:experiments/green-valleys/record.json"))
    assert title["properties"]["title"] == "Green valleys, by openeo"
    assert (tmp_path / "out/archive/green-valleys-ndvi/1.0.0/green-valleys-ndvi/quicklook.png").is_file()
    assert sum(newcomer.seconds.values()) < SECONDS, newcomer.seconds


def test_what_is_wrong_with_the_code_and_the_tests_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = factories.experiment_folder(tmp_path / "small")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_it.py").write_text("def test_it() -> None:\n    assert 1 == 2, undefined\n")
    (folder / "broken.py").write_text("def f(:\n")
    assert app(["develop", str(folder), "--json"], result_action="return_value") == 1
    told = json.loads(capsys.readouterr().out)
    codes = [one["code"] for one in told["findings"] if one["severity"] == "error"]
    assert codes.count("develop-code-broken") >= 2
    assert "develop-tests-failed" in codes
    assert (told["tests"]["failed"], told["tests"]["isolation"]) == (1, "namespaces")
    assert (told["trial"], told["image"]) == (None, None)


def test_a_folder_that_cannot_be_pinned_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = factories.experiment_folder(tmp_path / "small", inputs={"scenes": {"href": "./none.json"}})
    assert app(["develop", str(folder)], result_action="return_value") == 1
    assert "[inputs-not-found]" in capsys.readouterr().out


def test_there_is_no_image_to_push(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = factories.experiment_folder(tmp_path / "small")
    words = ["develop", str(folder), "--push", "registry.example.org/team"]
    assert app(words, result_action="return_value") == 1
    assert "there is no image to push" in capsys.readouterr().err

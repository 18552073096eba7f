"""What `earthcode-platform new` makes: it passes the gates as it is, or it is not there."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import rasterio
import yaml

from earthcode_platform.application_packages.document import read_package
from earthcode_platform.application_packages.validity import check_document
from earthcode_platform.cli.app import app
from earthcode_platform.development import scaffold as scaffolding
from earthcode_platform.development.blueprint import KINDS
from earthcode_platform.development.sample import write_sample
from earthcode_platform.errors import ExecutionError
from earthcode_platform.experiments.read import read_experiment

ADA = "Ada Example <ada@example.org>"


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git know nobody, as on a fresh machine."""
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "nobody.gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def told(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> str:
    assert app(["new", *map(str, words)], result_action="return_value") == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def history(folder: Path) -> str:
    command = ["git", "-C", str(folder), "log", "--format=%an <%ae>%n%s"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mlflow"])
def test_a_new_folder_is_whole(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "ndvi-alps"
    printed = told(capsys, folder, "--kind", kind, "--author", ADA, "--title", "NDVI: the Alps #1", "--region", "Alps")
    assert f"earthcode-platform check {folder}" in printed
    experiment = read_experiment(folder)
    assert (experiment.id, experiment.title, experiment.osc.region) == ("ndvi-alps", "NDVI: the Alps #1", "Alps")
    assert experiment.workflow.kind == kind
    assert (folder / experiment.workflow.entry).is_file()
    text = (folder / "experiment.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=./experiment.schema.json\n")
    assert (folder / "experiment.schema.json").is_file()
    assert "{{" not in "".join(
        path.read_text() for path in folder.rglob("*") if path.suffix in {".md", ".yaml", ".cwl"}
    )
    assert (folder / "README.md").read_text().startswith("# NDVI: the Alps #1\n")
    assert list(folder.glob("tests/test_*.py"))
    assert (folder / "image" / "Containerfile").is_file() == (kind == "cwl")
    # Nobody is invented: the author of the experiment makes the first commit, and nothing is left over.
    assert history(folder) == f"{ADA}\nndvi-alps: begun with earthcode-platform new\n"
    assert (
        subprocess.run(["git", "-C", str(folder), "status", "--porcelain"], check=True, capture_output=True).stdout
        == b""
    )
    assert sorted(os.listdir(tmp_path)) == ["ndvi-alps"]  # noqa: PTH208 - names, to see that nothing else is left


def test_the_invented_scenes_are_the_same_each_time(tmp_path: Path) -> None:
    first, second = (write_sample(tmp_path / name) for name in ("a", "b"))
    items = sorted(first.parent.rglob("scene-*.json"))
    assert [path.read_bytes() for path in items] == [
        path.read_bytes() for path in sorted(second.parent.rglob("scene-*.json"))
    ]
    asset = json.loads(items[0].read_text())["assets"]["nir"]
    with rasterio.open(items[0].parent / asset["href"]) as opened:
        assert (opened.crs.to_epsg(), opened.shape, opened.nodata, opened.scales) == (32633, (64, 64), 0, (0.0001,))
        nir = opened.read(1, masked=True) * 0.0001
    assert 0 < nir.min() < nir.max() < 1
    assert nir.mask.any()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["Ndvi Alps"], "'Ndvi Alps' is no id of an experiment"),
        (["ndvi", "--kind", "opneo"], "there is no kind of workflow 'opneo'. Did you mean 'openeo'?"),
        (["ndvi", "--kind", "argo"], "there is no kind of workflow 'argo'."),
        (["ndvi", "--theme", "ocean"], "--theme: there is no theme 'ocean'. Did you mean 'oceans'?"),
        (["ndvi", "--variable", "vegetation-indx"], "Did you mean 'vegetation-index'?"),
        (["ndvi", "--mission", "sentinel-9"], "there is no EO mission 'sentinel-9'"),
        (["ndvi", "--project", "nowhere"], "there is no project 'nowhere'"),
        (["ndvi", "--license", "CC-BY-5.0"], "--license: 'CC-BY-5.0' cannot be used"),
        (["ndvi", "--author", "<ada@example.org>"], "names nobody"),
        (["nowhere/ndvi"], "the folder that it shall lie in is not there"),
        (["there"], "something is there already"),
        (["link"], "something is there already"),
    ],
)
def test_what_cannot_be_made_leaves_nothing(
    words: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to("nothing")
    named = [] if "--author" in words else ["--author", ADA]
    assert complaint in told(capsys, tmp_path / words[0], *words[1:], *named, code=1)
    assert sorted(os.listdir(tmp_path)) == ["link", "there"]  # noqa: PTH208 - names, to see that nothing is left
    assert (tmp_path / "there").read_text() == "mine"


def test_somebody_must_answer_for_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "nobody is named who answers for the experiment" in told(capsys, tmp_path / "ndvi", code=1)
    (tmp_path / "nobody.gitconfig").write_text("[user]\nname = Grace Example\nemail = grace@example.org\n")
    told(capsys, tmp_path / "ndvi")
    assert [one.name for one in read_experiment(tmp_path / "ndvi").contacts] == ["Grace Example"]
    assert history(tmp_path / "ndvi").startswith("Grace Example <grace@example.org>\n")


def test_a_folder_inside_a_repository_is_left_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    answer = json.loads(told(capsys, tmp_path / "ndvi", "--author", ADA, "--json"))
    assert answer == {"folder": str(tmp_path / "ndvi"), "id": "ndvi", "kind": "openeo", "git": "inside"}
    assert not (tmp_path / "ndvi" / ".git").exists()


def test_without_git_the_folder_is_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "There is no git here" in told(capsys, tmp_path / "ndvi", "--author", "Ada Example")
    assert read_experiment(tmp_path / "ndvi").contacts[0].email is None


def test_a_program_of_somebodys_settings_does_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    (hooks / "pre-commit").chmod(0o755)
    (tmp_path / "nobody.gitconfig").write_text(f"[core]\nhooksPath = {hooks}\n")
    told(capsys, tmp_path / "ndvi", "--author", ADA)
    assert history(tmp_path / "ndvi").startswith(ADA)
    assert not (tmp_path / "ran").exists()


def test_a_model_that_cannot_be_trained_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def train(folder: Path) -> None:
        assert (folder / "train.py").is_file()
        raise ExecutionError("the model could not be trained: no module.", where="train.py")

    monkeypatch.setattr(scaffolding, "_train", train)
    assert "the model could not be trained" in told(
        capsys, tmp_path / "green", "--kind", "mlflow", "--author", ADA, code=1
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["2024", "1e5", "true"])
def test_a_name_that_yaml_would_misread_stays_a_name(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, tmp_path / name, "--kind", "cwl", "--author", ADA, "--title", "Years")
    assert read_experiment(tmp_path / name).id == name
    package = read_package(tmp_path / name / "app.cwl", tmp_path / name)
    assert check_document(package) == []
    assert package.metadata["id"] == name


def test_a_text_that_yaml_would_misread_stays_a_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    title = "no: 'yes' # \"1.0\" {{ id }} \N{GREEK SMALL LETTER MU}"
    description = "- [x]: &a *b %TAG !t, and so on, for long"
    told(capsys, tmp_path / "odd", "--author", ADA, "--title", title, f"--description={description}")
    experiment = read_experiment(tmp_path / "odd")
    assert (experiment.title, experiment.description) == (title, description)
    assert yaml.safe_load((tmp_path / "odd" / "experiment.yaml").read_text())["title"] == title

"""The whole lifecycle by one command, on a small experiment, and nothing at all of it on a broken one."""

import json
import subprocess
import sys
from pathlib import Path

import broken
import factories
import numpy as np
import pystac
import pytest
import rasterio

from earthcode_platform.catalog.seed import create_catalog
from earthcode_platform.cli.app import app

# odc-geo transforms geometries in a way that shapely 2.2 will replace; nothing of ours does.
pytestmark = pytest.mark.filterwarnings("ignore:The 'shapely.ops.transform:DeprecationWarning")


def _command(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        app([str(one) for one in arguments])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def _git(repository: str | Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return factories.experiment_folder(tmp_path_factory.mktemp("experiment") / "small")


@pytest.fixture(scope="module")
def workspace(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the experiment was run once, by the installed command."""
    path = tmp_path_factory.mktemp("workspace") / "deep" / "inside"
    binary = Path(sys.executable).with_name("earthcode-platform")
    done = subprocess.run(
        [binary, "run", folder, "--workspace", path, "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    (path / "told.json").write_text(done.stdout)
    return path


@pytest.fixture
def told(workspace: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads((workspace / "told.json").read_text())
    return content


def test_it_says_where_everything_is(workspace: Path, told: dict[str, str]) -> None:
    assert told["product"] == str(workspace / "archive" / "small-mean" / "1.0.0")
    assert told["catalog"] == str(workspace / "catalog.git")
    assert told["published"] == "new"
    assert Path(told["quicklook"]).read_bytes().startswith(b"\x89PNG")
    assert list(told["seconds"]) == ["develop", "validate", "execute", "archive", "publish"]


def test_the_product_is_computed_from_the_inputs(told: dict[str, str]) -> None:
    item = pystac.Item.from_file(told["item"])
    rasters = [asset for asset in item.assets.values() if asset.media_type and "geotiff" in asset.media_type]
    href = rasters[0].get_absolute_href()
    assert href is not None
    with rasterio.open(href) as opened:
        values = opened.read(1)
    # The scenes hold 2 and 3, rising by one to the right; their mean is taken twice (`factor: 2`).
    assert values == pytest.approx(np.tile(5 + 2 * np.arange(8), (8, 1)))


def test_the_catalog_holds_the_commit(told: dict[str, str]) -> None:
    assert _git(told["catalog"], "rev-parse", told["branch"]) == told["commit"]
    changed = _git(told["catalog"], "show", "--name-only", "--format=", told["commit"]).splitlines()
    assert {"products/small-mean/collection.json", "experiments/small/record.json"} <= set(changed)


def test_a_second_run_finds_it_published(folder: Path, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _command("run", folder, "--workspace", workspace) == 0
    printed = capsys.readouterr()
    assert "unchanged" in printed.out
    assert "publish " in printed.err


def test_other_content_under_the_same_version_is_refused(
    folder: Path, workspace: Path, told: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _command("run", folder, "--workspace", workspace, "--set", "factor=3") == 1
    printed = capsys.readouterr()
    assert "is archived with other content" in printed.err
    assert "Traceback" not in printed.err
    assert _git(told["catalog"], "rev-parse", "main") == told["commit"]


def test_another_catalog_gets_a_branch_to_review(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create_catalog(tmp_path / "other.git")
    before = _git(tmp_path / "other.git", "rev-parse", "main")
    options = ("--workspace", tmp_path / "work", "--catalog", tmp_path / "other.git", "--json")
    assert _command("run", folder, *options) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["catalog"] == str(tmp_path / "other.git")
    assert told["branch"].startswith("publish/small-")
    assert _git(told["catalog"], "rev-parse", told["branch"]) == told["commit"]
    assert _git(told["catalog"], "rev-parse", "main") == before
    assert not (tmp_path / "work" / "catalog.git").exists()


def test_a_workspace_that_cannot_be_made(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert _command("run", folder, "--workspace", tmp_path / "file" / "work") == 1
    assert "nothing can be written below" in capsys.readouterr().err


@pytest.mark.parametrize("case", broken.CASES, ids=lambda case: case.id)
def test_a_broken_experiment_leaves_no_trace(
    case: broken.Broken, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = broken.build(case, tmp_path / "small")
    before = sorted(folder.rglob("*"))
    assert _command("run", folder, "--workspace", tmp_path / "work") == 1
    printed = capsys.readouterr()
    assert f"[{case.code}]" in printed.out
    assert broken.SECRET not in printed.out + printed.err
    assert not (tmp_path / "work").exists()
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("case", [case for case in broken.CASES if case.gate != "metadata"], ids=lambda case: case.id)
def test_check_refuses_it_too(case: broken.Broken, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _command("check", broken.build(case, tmp_path / "small"), "--json") == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert case.code in [one["code"] for one in found if one["severity"] == "error"]

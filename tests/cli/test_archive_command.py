import json
import os
import time
from pathlib import Path

import deliveries
import pytest

from earthcode_platform.cli.app import app
from earthcode_platform.stores.directory import STAGING, DirectoryStore


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    held = DirectoryStore(tmp_path / "archive")
    held.deliver(deliveries.delivery(tmp_path / "d", "sea", large=0, small=2))
    return held


def called(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        app(["archive", *words])
    return int(ended.value.code or 0)


def test_versions_are_listed(store: DirectoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("list", str(store.root)) == 0
    assert "sea" in capsys.readouterr().out
    assert called("list", str(store.root), "--json") == 0
    (version,) = json.loads(capsys.readouterr().out)["versions"]
    assert (version["product"], version["version"], version["files"]) == ("sea", "1.0.0", 4)


def test_damage_is_told_and_decides_the_exit_code(store: DirectoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert called("verify", str(store.root)) == 0
    assert "intact: 1 versions, 4 of 4 files" in capsys.readouterr().out
    (store.root / "sea/1.0.0/sea/0.bin").unlink()
    assert called("verify", str(store.root), "--parts", "3", "--part", "0") == 1
    assert "[archive-file-missing]" in capsys.readouterr().out
    assert called("verify", str(store.root), "--json") == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["where"] == "sea/1.0.0/sea/0.bin"


def test_leftovers_go_when_they_are_old(store: DirectoryStore, capsys: pytest.CaptureFixture[str]) -> None:
    left = store.root / STAGING / "left"
    left.mkdir(parents=True)
    (left / "x.bin").write_bytes(b"x")
    for path in (left / "x.bin", left):
        os.utime(path, (time.time() - 90_000,) * 2)
    assert called("gc", str(store.root), "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"found": [".staging/left"], "removed": []}
    assert called("gc", str(store.root)) == 0
    assert "1 of 1 removed" in capsys.readouterr().out
    assert not left.exists()


def test_a_product_is_copied_by_its_id(
    store: DirectoryStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called("get", str(store.root), "sea", "--to", str(tmp_path / "copy")) == 0
    assert (tmp_path / "copy/sea/0.bin").read_bytes() == (tmp_path / "d/sea/0.bin").read_bytes()
    assert called("get", str(store.root), "see", "--to", str(tmp_path / "other")) == 1
    assert "Did you mean 'sea'?" in capsys.readouterr().err
    assert called("link", str(store.root), "sea") == 0
    assert f"file://{store.root}/sea/1.0.0/sea/0.bin" in capsys.readouterr().out
    assert called("link", str(store.root), "sea", "--hours", "200") == 1


def test_what_is_no_store_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert called("list", "https://example.org/x") == 1
    assert "Name a folder, or s3://bucket/prefix" in capsys.readouterr().err
    assert called("list", "s3://") == 1
    assert "no name of a bucket" in capsys.readouterr().err

"""A catalog is read from a folder as it lies there, and from a bare repository."""

import os
from pathlib import Path

import pytest

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.plumbing import git
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.errors import InputError


def test_a_folder_is_read_without_what_is_hidden_and_linked(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_bytes(b"{}")
    for hidden in (".git/config", ".github/x.json", "themes/.cache/y.json"):
        (tmp_path / hidden).parent.mkdir(parents=True)
        (tmp_path / hidden).write_bytes(b"{}")
    (tmp_path / "themes/image.webp").write_bytes(b"RIFF")
    (tmp_path / "themes/link.json").symlink_to(tmp_path / "catalog.json")
    catalog = read_catalog(tmp_path)
    assert dict(catalog.files) == {"catalog.json": b"{}", "themes/image.webp": b"RIFF"}
    assert catalog.commit == ""


def test_a_bare_repository_is_read_at_its_head(bare: Path) -> None:
    catalog = read_catalog(bare)
    assert dict(catalog.files) == seed_files()
    assert catalog.commit == git("rev-parse", "HEAD", repository=bare).text


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    assert git("init", "--quiet", "--bare", repository=tmp_path / "empty.git").code == 0
    with pytest.raises(InputError, match="no commit"):
        read_catalog(tmp_path / "empty.git")


def test_a_folder_that_is_no_catalog(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no catalog\.json here"):
        read_catalog(tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom rights bind")
@pytest.mark.parametrize("locked", ["themes", "themes/catalog.json", "."])
def test_what_may_not_be_read_is_told_with_its_path(tmp_path: Path, locked: str) -> None:
    (tmp_path / "themes").mkdir()
    for name in ("catalog.json", "themes/catalog.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / locked).chmod(0)
    try:
        with pytest.raises(InputError, match=r"it cannot be read: Permission denied\. Check its rights\."):
            read_catalog(tmp_path)
    finally:
        (tmp_path / locked).chmod(0o755)

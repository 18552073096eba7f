"""Edits appear whole, keep the mode, and never overwrite what somebody else wrote."""

import stat
from pathlib import Path

import pytest

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.mend.writing import write_edits
from earthcode_platform.errors import ConflictError, InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "catalog.json").write_bytes(b"{}")
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes/catalog.json").write_bytes(b'{"id": 1}')
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    """Every file, hidden ones included."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_are_replaced_and_keep_their_mode(folder: Path) -> None:
    (folder / "catalog.json").chmod(0o640)
    write_edits(folder, read_catalog(folder), {"catalog.json": b"[]", "themes/catalog.json": b"2"})
    assert files(folder) == {"catalog.json": b"[]", "themes/catalog.json": b"2"}
    assert stat.S_IMODE((folder / "catalog.json").stat().st_mode) == 0o640


def test_what_somebody_else_wrote_meanwhile_stays(folder: Path) -> None:
    catalog = read_catalog(folder)
    (folder / "themes/catalog.json").write_bytes(b"theirs")
    with pytest.raises(ConflictError, match=r"themes/catalog.json: it changed while it was being mended"):
        write_edits(folder, catalog, {"catalog.json": b"[]", "themes/catalog.json": b"2"})
    assert files(folder) == {"catalog.json": b"{}", "themes/catalog.json": b"theirs"}


def test_a_file_that_is_gone_leaves_everything_as_it_was(folder: Path) -> None:
    catalog = read_catalog(folder)
    (folder / "themes/catalog.json").unlink()
    with pytest.raises(InputError, match=r"it cannot be written: No such file or directory\. 0 of 2 files"):
        write_edits(folder, catalog, {"catalog.json": b"[]", "themes/catalog.json": b"2"})
    assert files(folder) == {"catalog.json": b"{}"}


def test_a_folder_in_place_of_a_file_is_told_with_what_was_written(folder: Path) -> None:
    catalog = read_catalog(folder)
    (folder / "themes/catalog.json").unlink()
    (folder / "themes/catalog.json").mkdir()
    with pytest.raises(InputError, match="Is a directory"):
        write_edits(folder, catalog, {"catalog.json": b"[]", "themes/catalog.json": b"2"})
    assert files(folder) == {"catalog.json": b"{}"}

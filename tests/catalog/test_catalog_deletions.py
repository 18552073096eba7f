"""A commit takes files away; a repository knows the branches of a kind, and which commits are its own."""

from pathlib import Path

from catalog_factories import MOMENT, git

from earthcode_platform.catalog.objects import Signature
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.seed import seed_files


def test_a_commit_takes_files_away_and_the_folders_that_become_empty(bare: Path, tmp_path: Path) -> None:
    repository = CatalogRepository(str(bare), tmp_path / "work")
    catalog = repository.read()
    odd = 'odd "name"\\ü.txt'
    first = repository.commit(catalog.commit, {odd: b"x", "folder/only.txt": b"y"}, "Add", MOMENT)
    repository.push(first, {"a": None})
    repository.read("a")
    gone: dict[str, bytes | None] = {odd: None, "folder/only.txt": None, "catalog.json": b"{}\n"}
    second = repository.commit(first, gone, "Take away", MOMENT)
    repository.push(second, {"b": None})
    assert dict(repository.read("b").files) == dict(catalog.files) | {"catalog.json": b"{}\n"}
    assert git(bare, "ls-tree", "--name-only", "b", "folder") == ""
    assert git(bare, "fsck", "--strict") == ""


def test_branches_are_told_by_their_beginning(bare: Path, tmp_path: Path) -> None:
    repository = CatalogRepository(str(bare), tmp_path / "work")
    base = repository.read().commit
    for name in ("withdraw/a-1", "withdraw/a-b-1", "other/withdraw/a-1"):
        git(bare, "update-ref", f"refs/heads/{name}", base)
    assert repository.branches("withdraw/a-") == {"withdraw/a-1": base, "withdraw/a-b-1": base}
    assert repository.branches("publish/") == {}


def test_a_commit_is_known_by_who_signed_it(bare: Path, tmp_path: Path) -> None:
    ours = CatalogRepository(str(bare), tmp_path / "work")
    theirs = CatalogRepository(str(bare), tmp_path / "work", signature=Signature("Eve", "eve@noreply.invalid"))
    base = ours.read().commit
    for name, repository in (("ours", ours), ("theirs", theirs)):
        repository.push(repository.commit(base, {"x": name.encode()}, "m", MOMENT), {name: None})
    stood_on = ours.own_base(ours.read("ours").commit)
    assert stood_on is not None
    assert (stood_on.commit, dict(stood_on.files)) == (base, seed_files())
    assert ours.own_base(ours.read("theirs").commit) is None
    assert theirs.own_base(theirs.read("theirs").commit) is not None


def test_a_catalog_without_a_file_knows_its_entries(bare: Path, tmp_path: Path) -> None:
    catalog = CatalogRepository(str(bare), tmp_path / "work").read()
    path = "themes/land/catalog.json"
    less = catalog.with_edits({path: None, "never/there": None})
    assert path in catalog
    assert set(catalog.files) - set(less.files) == {path}
    assert set(less.files) < set(catalog.files)

"""What a branch is told about: everything in what it changed, and what it broke elsewhere, as the whole says it."""

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from catalog_factories import published
from catalog_mutants import MUTANTS, Mutant
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earthcode_platform.catalog.changed import Changes, changes_since, validate_changes
from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_drift import drift
from earthcode_platform.models.catalog_finding import CatalogFinding

RIGHT = dict(published(Catalog(seed_files(), "0" * 40)).files)
DOCUMENTS = sorted(path for path in RIGHT if path.endswith(".json"))
THEME = "themes/oceans/catalog.json"


def expected(before: Mapping[str, bytes], after: Mapping[str, bytes], *, strict: bool) -> list[CatalogFinding]:
    """The findings of the whole catalog, cut down to what the definition of a branch's findings leaves."""
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    now = validate(Catalog(after), strict=strict).findings
    then = validate(Catalog(before), strict=strict).findings
    elsewhere = drift(then, [found for found in now if found.file not in changed]).new
    return sorted([*(found for found in now if found.file in changed), *elsewhere], key=lambda found: found.file)


def told(before: Mapping[str, bytes], after: Mapping[str, bytes], *, strict: bool) -> list[CatalogFinding]:
    changed = {path: before.get(path) for path in {*before, *after} if before.get(path) != after.get(path)}
    return list(validate_changes(Catalog(after), Changes("0" * 40, changed), strict=strict).findings)


class Tree:
    """A checkout with a catalog in a folder of it."""

    def __init__(self, top: Path, inside: str = "") -> None:
        self.top = top
        self.folder = top / inside
        self.folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.write(RIGHT)
        self.commit()
        self.git("switch", "--quiet", "--create", "branch")

    def write(self, files: Mapping[str, bytes]) -> None:
        for name, content in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(content)

    def git(self, *arguments: str) -> str:
        named = ["-c", "user.name=Tester", "-c", "user.email=tester@noreply.invalid"]
        command = ["git", *named, *arguments]
        return subprocess.run(command, cwd=self.top, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-gpg-sign", "--allow-empty", "-m", "Change")
        return self.git("rev-parse", "HEAD")

    def changes(self, revision: str = "main") -> Changes:
        return changes_since(self.folder, read_catalog(self.folder), revision)


@pytest.fixture(params=["", "data/catalog"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Tree:
    return Tree(tmp_path / "checkout", request.param)


def retitled(path: str) -> bytes:
    document = json.loads(RIGHT[path])
    document.get("properties", document)["title"] = "Another title"
    return json.dumps(document, indent=2).encode()


def test_every_way_a_file_can_differ_counts(tree: Tree) -> None:
    tree.write({"themes/land/catalog.json": b"committed"})
    tree.commit()
    tree.write({"eo-missions/envisat/catalog.json": b"staged", "products/new thing/é.json": b"{}"})
    tree.git("add", "--all")
    tree.write({"variables/catalog.json": b"unstaged", "variables/x/catalog.json": b"untracked"})
    (tree.folder / "themes/oceans/preview.webp").unlink()
    (tree.folder / "projects/catalog.json").rename(tree.folder / "projects/moved.json")
    assert tree.changes().before == {
        "themes/land/catalog.json": RIGHT["themes/land/catalog.json"],
        "eo-missions/envisat/catalog.json": RIGHT["eo-missions/envisat/catalog.json"],
        "products/new thing/é.json": None,
        "variables/catalog.json": RIGHT["variables/catalog.json"],
        "variables/x/catalog.json": None,
        "themes/oceans/preview.webp": RIGHT["themes/oceans/preview.webp"],
        "projects/catalog.json": RIGHT["projects/catalog.json"],
        "projects/moved.json": None,
    }


def test_nothing_changed(tree: Tree) -> None:
    tree.write({"themes/.hidden.json": b"{}", ".github/settings.json": b"{}"})
    (tree.top / "elsewhere.json" if tree.top != tree.folder else tree.folder / ".elsewhere.json").write_bytes(b"{")
    found = tree.changes()
    assert (found.base, dict(found.before)) == (tree.git("rev-parse", "main"), {})
    report = validate_changes(read_catalog(tree.folder), found, strict=True)
    assert (report.findings, report.documents, report.valid) == ((), 0, True)


def test_what_others_merged_meanwhile_is_not_the_branch_s(tree: Tree) -> None:
    base = tree.git("rev-parse", "main")
    tree.write({THEME: retitled(THEME)})
    tree.commit()
    tree.git("switch", "--quiet", "main")
    tree.write({"themes/land/catalog.json": b"theirs"})
    tree.commit()
    tree.git("switch", "--quiet", "branch")
    found = tree.changes()
    assert (found.base, list(found.before)) == (base, [THEME])


def test_a_file_that_git_ignores_is_part_of_the_catalog_all_the_same(tree: Tree) -> None:
    tree.write({".gitignore": b"*.json\n", "variables/x/catalog.json": b"{}"})
    assert dict(tree.changes().before) == {"variables/x/catalog.json": None}


def test_a_file_taken_out_of_the_index_alone_is_unchanged(tree: Tree) -> None:
    tree.git("rm", "--quiet", "--cached", str(tree.folder / THEME))
    assert dict(tree.changes().before) == {}


def test_a_conflict_in_the_making(tree: Tree) -> None:
    tree.write({THEME: b"ours\n"})
    tree.commit()
    tree.git("switch", "--quiet", "main")
    tree.write({THEME: b"theirs\n"})
    tree.commit()
    tree.git("switch", "--quiet", "branch")
    with pytest.raises(subprocess.CalledProcessError):
        tree.git("merge", "--quiet", "main")
    assert dict(tree.changes("main~1").before) == {THEME: RIGHT[THEME]}


def test_line_ends_that_git_converts_are_no_change(tree: Tree) -> None:
    tree.git("config", "core.autocrlf", "true")
    tree.write({THEME: RIGHT[THEME].replace(b"\n", b"\r\n")})
    assert dict(tree.changes().before) == {}


def test_a_hook_s_environment_does_not_mislead_it(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write({THEME: retitled(THEME)})
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.setenv(name, "/nowhere")
    assert list(tree.changes().before) == [THEME]


def test_it_writes_nothing(tree: Tree) -> None:
    tree.write({THEME: retitled(THEME)})
    index = tree.top / ".git/index"
    held = index.read_bytes(), index.stat().st_mtime_ns
    tree.changes()
    assert (index.read_bytes(), index.stat().st_mtime_ns) == held
    assert not list((tree.top / ".git").glob("*.lock"))


def test_a_bare_repository_compares_its_head(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "checkout")
    tree.write({THEME: retitled(THEME)})
    (tree.folder / "themes/land/catalog.json").unlink()
    tree.commit()
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", str(tree.top), str(bare)], check=True)
    found = changes_since(bare, read_catalog(bare), "main")
    assert found.before == {path: RIGHT[path] for path in (THEME, "themes/land/catalog.json")}


@pytest.mark.parametrize("revision", ["nope", "", "--all", "main..branch", "HEAD:catalog.json", "f" * 40])
def test_an_unknown_revision(tmp_path: Path, revision: str) -> None:
    tree = Tree(tmp_path / "checkout")
    with pytest.raises(InputError, match="the repository knows no revision"):
        tree.changes(revision)


def test_no_common_commit(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "checkout")
    tree.git("switch", "--quiet", "--orphan", "other")
    tree.git("commit", "--quiet", "--allow-empty", "--no-gpg-sign", "-m", "Other")
    tree.write(RIGHT)
    with pytest.raises(InputError, match="have no commit in common"):
        tree.changes()


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalog.json").write_bytes(b"{}")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(InputError, match="it is in no git repository"):
        changes_since(tmp_path, read_catalog(tmp_path), "main")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda it: f"{it.code}-{it.path.split('/')[0]}")
def test_a_mutant_is_told_of_as_by_the_whole(mutant: Mutant) -> None:
    after = dict(mutant.of(Catalog(RIGHT)).files)
    found = told(RIGHT, after, strict=True)
    assert found == expected(RIGHT, after, strict=True)
    assert f"catalog-{mutant.code}" in {one.code for one in found}
    # Its undoing is told of too: what was wrong before and is right now is no finding.
    assert told(after, RIGHT, strict=True) == []


KEYS = st.sampled_from(["title", "description", "id", "links", "themes", "osc:project", "osc:variables", "type"])
TITLES = st.sampled_from([b"Oceans", b"Land", b"envisat", b"oceans", b"sea-surface-temperature", b"catalog.json"])
FILES = st.sampled_from(sorted(RIGHT))


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "broken": lambda _: b"{",
    "marked": lambda content: b"\xef\xbb\xbf" + content,
    "wide": lambda content: content.decode(errors="replace").encode("utf-16-le"),
    "latin": lambda content: content.replace(b'"title": "', b'"title": "\xff', 1),
}
HOWS = ["gone", "moved", "key", "links", "name", "escaped", "other", *SPOILED]


@st.composite
def changed(draw: st.DrawFn, document: dict[str, Any], how: str) -> dict[str, Any]:
    """The document without a key, with another's keys, or with a link less and a wrong one."""
    held = document.get("properties", document) if draw(st.booleans()) else document
    if how == "key":
        held.pop(draw(KEYS), None)
    if how == "other":
        held.update(json.loads(RIGHT[draw(st.sampled_from(DOCUMENTS))]))
    if how == "links" and document.get("links"):
        links = document["links"]
        links[draw(st.integers(0, len(links) - 1))].update(title="X", href=draw(st.sampled_from(DOCUMENTS)))
        del links[draw(st.integers(0, len(links) - 1))]
    return document


@st.composite
def edits(draw: st.DrawFn) -> dict[str, bytes | None]:
    """Files that go, come, are emptied, lose a key or a link, or say another name."""
    found: dict[str, bytes | None] = {}
    for path in draw(st.lists(FILES, min_size=1, max_size=3, unique=True)):
        content = RIGHT[path]
        how = draw(st.sampled_from(HOWS))
        if how in ("gone", "moved"):
            found[path] = None
        if how == "moved":
            found[path.replace("/", "/x", 1)] = content
        if how in SPOILED:
            found[path] = SPOILED[how](content)
        if path.endswith(".json") and how in ("key", "links", "other", "escaped"):
            found[path] = json.dumps(draw(changed(json.loads(content), how))).encode()
        if how == "name":
            found[path] = content.replace(draw(TITLES), draw(TITLES))
    return found


def edited(files: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    return {path: held for path, held in {**files, **changes}.items() if held is not None}


@given(first=edits(), second=edits(), strict=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_tells_what_the_whole_tells_of_any_change(
    first: dict[str, bytes | None], second: dict[str, bytes | None], *, strict: bool
) -> None:
    before = edited(RIGHT, first)
    after = edited(before, second)
    assert told(before, after, strict=strict) == expected(before, after, strict=strict)

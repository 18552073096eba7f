"""Publishing into the embedded catalog: once, again, anew, under review, and at the same time as others."""

import subprocess
from pathlib import Path

import pytest
from catalog_factories import MOMENT, experiment, git, osc, pinned, product, run, submitted

from earthcode_platform.catalog.objects import Signature
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.published import find
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.rules import check
from earthcode_platform.errors import CatalogMovedError, ConflictError, InputError, RefusedError
from earthcode_platform.models.product import Novelty


def merging(bare: Path, workspace: Path) -> CatalogRepository:
    return CatalogRepository(str(bare), workspace, merges=True)


def reviewed(bare: Path, workspace: Path) -> CatalogRepository:
    return CatalogRepository(str(bare), workspace)


def heads(bare: Path) -> dict[str, str]:
    rows = git(bare, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads").splitlines()
    return dict(row.split() for row in rows)


def test_a_merging_catalog_gets_one_commit_on_a_branch_and_on_main(bare: Path, tmp_path: Path) -> None:
    base = heads(bare)["main"]
    publication = publish(merging(bare, tmp_path / "work"), *submitted())
    assert publication.novelty is Novelty.NEW
    assert publication.merged
    assert publication.base == base
    assert publication.catalog == str(bare)
    assert publication.branch.startswith("publish/sst-anomaly-")
    assert heads(bare) == {"main": publication.commit, publication.branch: publication.commit}
    assert git(bare, "rev-list", "--count", "main") == "2"
    changed = git(bare, "diff", "--name-only", base, "main").splitlines()
    assert tuple(changed) == publication.changed
    assert publication.entries == (
        "products/sst-anomaly-el-nino-2009/collection.json",
        "workflows/sst-anomaly-workflow/record.json",
        "experiments/sst-anomaly/record.json",
    )
    assert git(bare, "log", "-1", "--format=%s|%aI", "main") == (
        "Publish experiment sst-anomaly 1.0.0|2026-03-04T05:06:07+00:00"
    )
    assert git(bare, "fsck", "--strict") == ""
    assert [path.name for path in tmp_path.glob("**/*.tmp")] == []


def test_the_second_time_nothing_is_new(bare: Path, tmp_path: Path) -> None:
    first = publish(merging(bare, tmp_path / "work"), *submitted())
    before = heads(bare)
    for workspace in ("work", "elsewhere"):
        again = publish(merging(bare, tmp_path / workspace), *submitted())
        assert (again.novelty, again.merged, again.changed) == (Novelty.UNCHANGED, True, ())
        assert (again.branch, again.commit, again.entries) == (first.branch, first.commit, first.entries)
    assert heads(bare) == before


def test_once_merged_and_its_branch_deleted_main_is_told(bare: Path, tmp_path: Path) -> None:
    first = publish(merging(bare, tmp_path / "work"), *submitted())
    git(bare, "branch", "-D", first.branch)
    again = publish(reviewed(bare, tmp_path / "work"), *submitted())
    assert (again.branch, again.commit, again.novelty) == ("main", first.commit, Novelty.UNCHANGED)


def test_a_reviewed_catalog_gets_a_branch_only(bare: Path, tmp_path: Path) -> None:
    base = heads(bare)["main"]
    publication = publish(reviewed(bare, tmp_path / "work"), *submitted())
    assert not publication.merged
    assert heads(bare) == {"main": base, publication.branch: publication.commit}
    again = publish(reviewed(bare, tmp_path / "elsewhere"), *submitted())
    assert (again.novelty, again.merged, again.commit) == (Novelty.UNCHANGED, False, publication.commit)
    assert heads(bare) == {"main": base, publication.branch: publication.commit}


def test_a_branch_is_found_and_made_anew_after_main_moved(bare: Path, tmp_path: Path) -> None:
    first = publish(reviewed(bare, tmp_path / "work"), *submitted())
    steward = merging(bare, tmp_path / "steward")
    base = steward.read().commit
    moved = steward.commit(base, {"README.md": b"hello"}, "Elsewhere", MOMENT)
    steward.push(moved, {"main": base})
    again = publish(reviewed(bare, tmp_path / "work"), *submitted())
    assert (again.branch, again.base, again.novelty) == (first.branch, moved, Novelty.NEW)
    assert heads(bare) == {"main": moved, first.branch: again.commit}


def test_a_branch_under_review_that_would_conflict_is_made_anew(bare: Path, tmp_path: Path) -> None:
    first = publish(reviewed(bare, tmp_path / "work"), *submitted())
    other = publish(
        merging(bare, tmp_path / "work"), *submitted(id="other", product={"id": "other-product", "title": "Other"})
    )
    # Both put a link at the end of the same listings: git cannot merge that.
    assert subprocess.run(
        ["git", f"--git-dir={bare}", "merge-tree", "--write-tree", "main", first.branch],
        check=False,
        capture_output=True,
    ).returncode
    again = publish(reviewed(bare, tmp_path / "work"), *submitted())
    assert (again.branch, again.base, again.novelty) == (first.branch, other.commit, Novelty.NEW)
    assert git(bare, "rev-parse", f"{again.commit}^") == other.commit
    assert publish(reviewed(bare, tmp_path / "work"), *submitted()).commit == again.commit


def test_a_branch_that_a_reviewer_changed_is_left_alone(bare: Path, tmp_path: Path) -> None:
    repository = reviewed(bare, tmp_path / "work")
    first = publish(repository, *submitted())
    held = repository.read(first.branch).content(first.entries[0])
    steward = CatalogRepository(str(bare), tmp_path / "work", signature=Signature("Eve", "eve@noreply.invalid"))
    mended = steward.commit(
        first.commit, {first.entries[0]: held.replace(b"El Ni\xc3\xb1o", b"El Nino")}, "Mend", MOMENT
    )
    repository.push(mended, {first.branch: first.commit})
    with pytest.raises(ConflictError, match="under review and somebody changed it"):
        publish(repository, *submitted())
    assert heads(bare)[first.branch] == mended


def test_a_branch_that_was_pushed_but_never_merged_is_taken_up(bare: Path, tmp_path: Path) -> None:
    left = publish(reviewed(bare, tmp_path / "work"), *submitted())
    publication = publish(merging(bare, tmp_path / "work"), *submitted())
    assert (publication.branch, publication.commit, publication.merged) == (left.branch, left.commit, True)
    assert heads(bare)["main"] == left.commit


def test_a_new_version_is_a_second_commit(bare: Path, tmp_path: Path) -> None:
    repository = merging(bare, tmp_path / "work")
    first = publish(repository, *submitted())
    later = experiment(version="1.1.0", title="A better title")
    second = publish(repository, pinned(later), run(later), product(later, values=b"better"))
    assert second.branch != first.branch
    assert second.base == first.commit
    assert git(bare, "log", "-1", "--format=%s", "main") == "Update experiment sst-anomaly 1.1.0"
    catalog = repository.read()
    assert find(catalog, "sst-anomaly").version == "1.1.0"
    assert find(catalog, "sst-anomaly").commit == second.commit
    assert check(catalog, second.entries) == ()


def test_what_is_refused_leaves_no_trace(bare: Path, tmp_path: Path) -> None:
    before = heads(bare)
    repository = merging(bare, tmp_path / "work")
    with pytest.raises(RefusedError) as unknown:
        publish(repository, *submitted(osc=osc(themes=["oceanz"])))
    assert [found.code for found in unknown.value.findings] == ["publish-unknown-theme"]
    contacts = [{"name": "A", "email": "a,b@example.org"}]
    with pytest.raises(RefusedError) as broken:
        publish(repository, *submitted(contacts=contacts))
    assert {found.code for found in broken.value.findings} == {"publish-email-wrong"}
    assert heads(bare) == before


def test_a_catalog_without_a_listing_is_told(bare: Path, tmp_path: Path) -> None:
    repository = merging(bare, tmp_path / "work")
    base = repository.read().commit
    repository.push(repository.commit(base, {"products/catalog.json": b"[]"}, "Break", MOMENT), {"main": base})
    with pytest.raises(InputError, match=r"products/catalog\.json"):
        publish(repository, *submitted())


@pytest.mark.parametrize("times", [1, 4, 5])
def test_it_computes_again_when_others_were_first_up_to_five_times(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    repository = merging(bare, tmp_path / "work")
    busy = CatalogRepository(str(bare), tmp_path / "busy")
    push, tried = CatalogRepository.push, list[str]()

    def overtaken(self: CatalogRepository, commit: str, leases: dict[str, str | None]) -> None:
        tried.append(commit)
        if len(tried) <= times:
            base = busy.read().commit
            edits = {f"note-{len(tried)}.txt": b"", "catalog.json": busy.read().content("catalog.json") + b"\n"}
            push(busy, busy.commit(base, edits, "Overtake", MOMENT), {"main": base})
        push(self, commit, leases)

    monkeypatch.setattr(CatalogRepository, "push", overtaken)
    if times == 5:
        with pytest.raises(CatalogMovedError):
            publish(repository, *submitted())
        assert len(tried) == 5
        assert set(heads(bare)) == {"main"}
        return
    publication = publish(repository, *submitted())
    assert heads(bare) == {"main": publication.commit, publication.branch: publication.commit}
    files = repository.read().files
    assert {path for path in files if path.startswith("note-")} == {f"note-{n}.txt" for n in range(1, times + 1)}
    assert set(publication.entries) <= set(files)

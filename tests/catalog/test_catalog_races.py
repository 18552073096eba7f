"""Several processes that publish into one catalog at the same moment: everybody ends in it, and nothing is lost."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from catalog_factories import git

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.rules import check
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.whole import validate

pytestmark = pytest.mark.service
"""They take long: the whole real catalog, or many commits."""

# Each process computes its change, says so, and pushes only when all have: whoever is second has been overtaken.
RACER = """
import sys
from pathlib import Path
from catalog_factories import MOMENT, submitted
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.withdraw import withdraw
from earthcode_platform.errors import CatalogMovedError

bare, workspace, action, name = sys.argv[1:]

class Racing(CatalogRepository):
    tried = 0
    overtaken = 0

    def push(self, commit, leases):
        if not self.tried:
            print("ready", flush=True)
            sys.stdin.readline()
        self.tried += 1
        try:
            super().push(commit, leases)
        except CatalogMovedError:
            self.overtaken += 1
            raise

repository = Racing(bare, Path(workspace), merges=True)
if action == "withdraw":
    made = withdraw(repository, name, MOMENT)
else:
    made = publish(repository, *submitted(id=name, title=name, product={"id": name + "-product", "title": name + " p"}))
print(made.commit, repository.overtaken, flush=True)
"""


class Finished(NamedTuple):
    """How one process ended."""

    commit: str
    overtaken: int


class Racer(NamedTuple):
    """What one process does."""

    workspace: Path
    name: str
    action: str = "publish"


def race(bare: Path, racers: Sequence[Racer]) -> list[Finished]:
    """Let all of them compute their change on the same state of the catalog, then push."""
    here = str(Path(__file__).parent)
    program = f"import sys; sys.path.insert(0, {here!r}){RACER}"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(bare), str(one.workspace), one.action, one.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for one in racers
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=100)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(racers)
    return [Finished(commit, int(overtaken)) for commit, overtaken in told]


def read(bare: Path, tmp_path: Path) -> Catalog:
    return CatalogRepository(str(bare), tmp_path / "reader").read()


def assert_whole(catalog: Catalog, names: Sequence[str]) -> None:
    """Everybody's entries are there with every link, and the catalog is as sound as the empty one."""
    assert catalog.ids(Kind.EXPERIMENT) == set(names)
    for name in names:
        paths = [f"products/{name}-product/collection.json", f"workflows/{name}-workflow/record.json"]
        assert check(catalog, [*paths, f"experiments/{name}/record.json"]) == ()
    assert validate(catalog, strict=True).findings == validate(Catalog(seed_files()), strict=True).findings


@pytest.mark.parametrize("shared_cache", [False, True], ids=["own caches", "one cache"])
def test_of_two_publishers_at_once_both_end_in_main(bare: Path, tmp_path: Path, *, shared_cache: bool) -> None:
    names = ["alpha", "beta"]
    ended = race(bare, [Racer(tmp_path / ("work" if shared_cache else name), name) for name in names])
    assert sum(one.overtaken for one in ended) >= 1
    assert git(bare, "rev-list", "--count", "main") == "3"
    assert git(bare, "rev-list", "--merges", "main") == ""
    assert set(git(bare, "rev-list", "main").splitlines()) > {one.commit for one in ended}
    assert_whole(read(bare, tmp_path), names)


def test_of_five_publishers_at_once_all_end_in_main(bare: Path, tmp_path: Path) -> None:
    names = ["alpha", "beta", "gamma", "delta", "epsilon"]
    ended = race(bare, [Racer(tmp_path / name, name) for name in names])
    # All but the first to push had computed on a catalog that was gone.
    assert sum(one.overtaken > 0 for one in ended) >= 4
    assert git(bare, "rev-list", "--count", "main") == "6"
    assert set(git(bare, "rev-list", "main").splitlines()) > {one.commit for one in ended}
    assert_whole(read(bare, tmp_path), names)
    branches = git(bare, "for-each-ref", "--format=%(refname:short)", "refs/heads/publish").splitlines()
    assert {branch.rpartition("-")[0] for branch in branches} == {f"publish/{name}" for name in names}


def test_of_two_that_publish_the_same_at_once_one_makes_the_commit(bare: Path, tmp_path: Path) -> None:
    ended = race(bare, [Racer(tmp_path / "one", "same"), Racer(tmp_path / "two", "same")])
    assert len({one.commit for one in ended}) == 1
    assert git(bare, "rev-list", "--count", "main") == "2"


def test_publishing_and_withdrawing_at_once_leave_each_other_alone(bare: Path, tmp_path: Path) -> None:
    race(bare, [Racer(tmp_path / "first", "alpha")])
    ended = race(bare, [Racer(tmp_path / "one", "alpha", "withdraw"), Racer(tmp_path / "two", "beta")])
    assert sum(one.overtaken for one in ended) >= 1
    assert git(bare, "rev-list", "--count", "main") == "4"
    assert_whole(read(bare, tmp_path), ["beta"])

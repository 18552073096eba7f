"""Publishing to GitHub: a fork, a branch, a pull request, and nothing twice."""

import subprocess
import threading
from pathlib import Path

import pytest
from catalog_factories import git, submitted
from github_server import GitHubServer
from github_steps import BRANCH, MOMENT, REVIEW, UPSTREAM, OnGitHub, forked, propose

from earthcode_platform.catalog.publish import publish
from earthcode_platform.errors import CatalogMovedError, InputError, UnavailableError
from earthcode_platform.models.review import Review


def advance(bare: Path, times: int = 1) -> None:
    """Let the main branch move on, as it does while a fork stays behind."""
    for number in range(times):
        tree = git(bare, "rev-parse", "main^{tree}")
        named = ["-c", "user.name=Steward", "-c", "user.email=steward@noreply.invalid"]
        command = ["git", *named, f"--git-dir={bare}", "commit-tree", "-p", "main", "-m", f"Later {number}", tree]
        commit = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        git(bare, "update-ref", "refs/heads/main", commit)


def test_a_publication_is_a_fork_a_branch_and_a_pull_request(hub: GitHubServer, on_github: OnGitHub) -> None:
    upstream = hub.root / f"{UPSTREAM}.git"
    before = git(upstream, "for-each-ref")
    publication = publish(on_github(), *submitted())
    page = on_github().request_review(publication.branch, REVIEW)
    (pull,) = hub.api.pulls
    assert page == f"{hub.url}/{UPSTREAM}/pull/1"
    assert (pull.target, pull.base, pull.home, pull.branch) == (UPSTREAM, "main", "ada/catalog", publication.branch)
    assert (pull.title, pull.body, pull.modifiable) == (REVIEW.title, REVIEW.body, True)
    fork = hub.root / "ada/catalog.git"
    assert git(fork, "rev-parse", publication.branch) == publication.commit
    assert git(fork, "rev-parse", f"{publication.branch}^") == git(upstream, "rev-parse", "main")
    assert git(upstream, "for-each-ref") == before
    assert on_github().open_review("publish/") == publication.branch

    again = publish(on_github(), *submitted())
    assert (again.branch, again.commit) == (publication.branch, publication.commit)
    assert on_github().request_review(again.branch, REVIEW) == page
    seen = len(hub.asked())
    assert on_github().request_review(again.branch, REVIEW) == page
    assert [asked for asked in hub.asked()[seen:] if not asked.startswith("GET")] == []
    assert on_github().request_review(again.branch, Review(title="Publish sst again", body="")) == page
    assert [(pull.title, pull.body) for pull in hub.api.pulls] == [("Publish sst again", "")]
    assert hub.asked("POST") == [f"POST /repos/{UPSTREAM}/forks", f"POST /repos/{UPSTREAM}/pulls"]


def test_nothing_is_forked_before_something_is_pushed(hub: GitHubServer, on_github: OnGitHub) -> None:
    repository = on_github()
    assert len(repository.read().files) == 18
    assert repository.branch_commit(BRANCH) is None
    assert repository.open_review("publish/") is None
    assert repository.branches("publish/") == {}
    with pytest.raises(InputError, match=f"has no branch '{BRANCH}'"):
        repository.read(BRANCH)
    assert list(hub.api.forks) == [UPSTREAM]
    assert hub.asked("POST") == []


def test_a_fork_that_lags_behind_takes_the_branch(hub: GitHubServer, on_github: OnGitHub) -> None:
    fork = forked(hub, "ada/catalog")
    upstream = hub.root / f"{UPSTREAM}.git"
    stale = git(fork, "rev-parse", "main")
    advance(upstream, 3)
    first = propose(on_github())
    assert git(fork, "rev-parse", f"{BRANCH}^") == git(upstream, "rev-parse", "main") != stale
    assert git(fork, "rev-parse", "main") == stale
    assert git(fork, "fsck", "--strict") == ""
    # And again, when the cache holds the history already, and when the branch that was known is gone.
    advance(upstream)
    git(fork, "update-ref", "-d", f"refs/heads/{BRANCH}")
    second = propose(on_github(), b"2")
    assert second != first
    read = on_github()
    assert dict(read.read(BRANCH).files) == dict(read.read().files) | {"a": b"2"}
    assert dict(read.at(second).files) == dict(read.read(BRANCH).files)
    assert read.branches("publish/") == {BRANCH: second}
    base = read.own_base(second)
    assert base is not None
    assert (base.commit, dict(base.files)) == (read.read().commit, dict(read.read().files))


def test_a_lease_protects_a_branch_of_the_fork(hub: GitHubServer, on_github: OnGitHub) -> None:
    first = propose(on_github())
    repository = on_github()
    second = repository.commit(repository.read().commit, {"a": b"2"}, "m", MOMENT)
    with pytest.raises(CatalogMovedError):
        repository.push(second, {BRANCH: None})
    repository.push(second, {BRANCH: first})
    assert git(hub.root / "ada/catalog.git", "rev-parse", BRANCH) == second


def test_a_fork_under_another_name_is_found(hub: GitHubServer, on_github: OnGitHub) -> None:
    forked(hub, "bob/catalog")
    fork = forked(hub, "ada/my-osc")
    assert git(fork, "rev-parse", "main") == on_github().read().commit
    commit = propose(on_github())
    assert git(fork, "rev-parse", BRANCH) == commit
    assert hub.asked("POST") == []


def test_a_name_that_is_taken_is_left_alone(hub: GitHubServer, on_github: OnGitHub) -> None:
    other = forked(hub, "ada/catalog", parent=None)
    before = git(other, "for-each-ref")
    commit = propose(on_github())
    assert git(hub.root / "ada/catalog-1.git", "rev-parse", BRANCH) == commit
    assert git(other, "for-each-ref") == before
    assert on_github().branch_commit(BRANCH) == commit


def test_the_owner_needs_no_fork(hub: GitHubServer, on_github: OnGitHub) -> None:
    commit = propose(on_github("esa"))
    assert git(hub.root / f"{UPSTREAM}.git", "rev-parse", BRANCH) == commit
    on_github("esa").request_review(BRANCH, REVIEW)
    assert [(pull.home, pull.branch) for pull in hub.api.pulls] == [(UPSTREAM, BRANCH)]
    assert list(hub.api.forks) == [UPSTREAM]


def test_without_fork_branches_go_to_the_repository_itself(hub: GitHubServer, on_github: OnGitHub) -> None:
    with pytest.raises(InputError, match="refused access"):
        propose(on_github(fork=False))
    hub.api.forks[UPSTREAM].writers.add("ada")
    commit = propose(on_github(fork=False))
    assert git(hub.root / f"{UPSTREAM}.git", "rev-parse", BRANCH) == commit
    on_github(fork=False).request_review(BRANCH, REVIEW)
    assert on_github(fork=False).open_review(BRANCH) == BRANCH
    assert "/user" not in " ".join(hub.asked())


def test_forking_that_is_switched_off_is_told(hub: GitHubServer, on_github: OnGitHub) -> None:
    hub.api.forks[UPSTREAM].forkable = False
    with pytest.raises(InputError, match=r"status 403: .*forking is disabled"):
        propose(on_github())


def test_a_fork_that_takes_its_time_is_waited_for(hub: GitHubServer, on_github: OnGitHub, waits: list[float]) -> None:
    hub.api.polls_of_new_forks = 3
    commit = propose(on_github())
    assert waits == [1, 2, 4]
    assert git(hub.root / "ada/catalog.git", "rev-parse", BRANCH) == commit


def test_a_fork_that_never_comes_is_given_up_and_found_later(
    hub: GitHubServer, on_github: OnGitHub, waits: list[float]
) -> None:
    hub.api.polls_of_new_forks = 1000
    with pytest.raises(UnavailableError, match=r"not ready after 1\d\d s"):
        propose(on_github())
    assert 120 <= sum(waits) < 131
    hub.api.forks["ada/catalog"].polls = 0
    propose(on_github())
    assert hub.asked("POST") == [f"POST /repos/{UPSTREAM}/forks"]


def test_two_publishers_at_once_make_one_request_each_or_one_together(hub: GitHubServer, on_github: OnGitHub) -> None:
    pages: dict[str, str] = {}

    def run(name: str, login: str, experiment: str) -> None:
        repository = on_github(login)
        publication = publish(repository, *submitted(id=experiment))
        pages[name] = repository.request_review(publication.branch, REVIEW)

    jobs = [("one", "ada", "sst-anomaly"), ("two", "bob", "sst-anomaly"), ("three", "ada", "sst-again")]
    threads = [threading.Thread(target=run, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(pages.values())) == 3
    assert sorted(pull.home for pull in hub.api.pulls) == ["ada/catalog", "ada/catalog", "bob/catalog"]
    assert sorted(hub.api.forks) == ["ada/catalog", "bob/catalog", UPSTREAM]


def test_two_publishers_of_the_same_share_the_branch_and_the_request(hub: GitHubServer, on_github: OnGitHub) -> None:
    pages: list[str] = []

    def run() -> None:
        repository = on_github()
        publication = publish(repository, *submitted())
        pages.append(repository.request_review(publication.branch, REVIEW))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(pages) == 3
    assert len(set(pages)) == len(hub.api.pulls) == 1

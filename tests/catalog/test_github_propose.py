"""A whole life on GitHub: published, published again with other content, merged, withdrawn."""

import subprocess

from catalog_factories import git, product, submitted
from github_server import GitHubServer
from github_steps import UPSTREAM, OnGitHub

from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.withdraw import withdraw
from earthcode_platform.models.product import Novelty


def merge(hub: GitHubServer, number: int) -> None:
    """What a data steward does."""
    pull = hub.api.pulls[number - 1]
    folders = [hub.root / f"{name}.git" for name in (UPSTREAM, pull.home)]
    fetch = ["git", f"--git-dir={folders[0]}", "fetch", "--quiet", str(folders[1]), f"+{pull.branch}:main"]
    subprocess.run(fetch, check=True)
    git(folders[1], "update-ref", "-d", f"refs/heads/{pull.branch}")
    pull.state = "closed"


def test_a_life_on_github(hub: GitHubServer, on_github: OnGitHub) -> None:
    pinned, run, made = submitted()
    first = publish(on_github(), pinned, run, made)
    (pull,) = hub.api.pulls
    assert first.review == f"{hub.url}/{UPSTREAM}/pull/1"
    assert first.novelty is Novelty.NEW
    assert pinned.experiment.title in pull.title + pull.body
    assert (pull.branch, pull.modifiable) == (first.branch, True)

    # The same again is no news to anybody; other content goes into the open request.
    again = publish(on_github(), pinned, run, made)
    assert (again.novelty, again.review, again.commit) == (Novelty.UNCHANGED, first.review, first.commit)
    other = publish(on_github(), pinned, run, product(values=b"other values"))
    assert (other.branch, other.review) == (first.branch, first.review)
    assert other.commit != first.commit
    assert git(hub.root / "ada/catalog.git", "rev-parse", other.branch) == other.commit
    assert len(hub.api.pulls) == 1

    merge(hub, 1)
    merged = publish(on_github(), pinned, run, product(values=b"other values"))
    assert (merged.novelty, merged.merged) == (Novelty.UNCHANGED, True)
    gone = withdraw(on_github(), pinned.experiment.id, moment=made.created)
    assert gone.review == f"{hub.url}/{UPSTREAM}/pull/2"
    assert hub.api.pulls[1].branch.startswith("withdraw/")
    merge(hub, 2)
    assert not [path for path in on_github().read().files if pinned.experiment.id in path]

"""Steps of publishing to GitHub that several tests take."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from github_server import GitHubServer

from earthcode_platform.catalog.github.hosted import GitHubCatalog
from earthcode_platform.models.review import Review

OnGitHub = Callable[..., GitHubCatalog]
MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
UPSTREAM = "esa/catalog"
BRANCH = "publish/sst-1"
REVIEW = Review(title="Publish sst", body="What a data steward wants")


def propose(repository: GitHubCatalog, content: bytes = b"1", branch: str = BRANCH) -> str:
    """Make a commit on the newest catalog, push it as a branch and return it."""
    commit = repository.commit(repository.read().commit, {"a": content}, "m", MOMENT)
    repository.push(commit, {branch: repository.branch_commit(branch)})
    return commit


def forked(hub: GitHubServer, name: str, parent: str | None = UPSTREAM) -> Path:
    """A fork that is there already; a repository of somebody's own if `parent` is None."""
    folder = hub.add(name, hub.root / f"{UPSTREAM}.git")
    hub.api.forks[name].parent = parent
    return folder

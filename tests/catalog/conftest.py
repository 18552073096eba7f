"""The real catalog in memory and fresh repositories for the tests of the catalog family."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from github_server import GitHubServer
from github_steps import UPSTREAM, OnGitHub
from pydantic import SecretStr

from earthcode_platform.catalog.github.client import Client
from earthcode_platform.catalog.github.hosted import GitHubCatalog
from earthcode_platform.catalog.seed import create_catalog, seed_files
from earthcode_platform.catalog.snapshot import Catalog


@pytest.fixture(scope="session")
def real_files(real_folder: Path) -> dict[str, bytes]:
    """Every file of the real catalog by path."""
    return {
        path.relative_to(real_folder).as_posix(): path.read_bytes() for path in real_folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A bare repository that holds the embedded catalog."""
    create_catalog(tmp_path / "catalog.git")
    return tmp_path / "catalog.git"


@pytest.fixture
def embedded() -> Catalog:
    """The embedded catalog in memory."""
    return Catalog(seed_files(), "0" * 40)


@pytest.fixture
def edited(embedded: Catalog) -> Callable[[str, bytes], Catalog]:
    """The embedded catalog with one file replaced."""
    return lambda path, content: embedded.with_edits({path: content})


@pytest.fixture
def hub(tmp_path: Path, bare: Path) -> Iterator[GitHubServer]:
    """A small GitHub with the embedded catalog and three users."""
    with GitHubServer(tmp_path / "hub") as server:
        server.add(UPSTREAM, bare)
        server.tokens = {f"token-of-{login}": login for login in ("ada", "bob", "esa")}
        yield server


@pytest.fixture
def waits() -> list[float]:
    """How long clients of GitHub waited."""
    return []


@pytest.fixture
def on_github(hub: GitHubServer, tmp_path: Path, waits: list[float]) -> OnGitHub:
    """The catalog on GitHub as a user with a machine of their own sees it."""

    def build(login: str = "ada", *, fork: bool = True) -> GitHubCatalog:
        token = SecretStr(f"token-of-{login}")
        client = Client(f"{hub.url}/api/v3", token, sleep=waits.append)
        return GitHubCatalog(f"{hub.url}/{UPSTREAM}", tmp_path / login, token=token, fork=fork, client=client)

    return build

"""Publishing against GitHub's own description of its API: every request and every answer is checked on the way.

Prism stands between the platform and the small GitHub of the tests. Where one of them breaks the description, it
answers with status 500 and says where; so what is shown with that server elsewhere holds for GitHub.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from github_server import GitHubServer
from pydantic import BaseModel, SecretStr

from earthcode_platform.catalog.github.address import Address
from earthcode_platform.catalog.github.answers import Account, Branch, PullRequest, Repository
from earthcode_platform.catalog.github.client import Client
from earthcode_platform.catalog.github.forks import find_fork, make_fork
from earthcode_platform.catalog.github.hosted import GitHubCatalog
from earthcode_platform.catalog.seed import create_catalog
from earthcode_platform.errors import CatalogMovedError, InputError, UnavailableError
from earthcode_platform.models.review import Review

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

UPSTREAM = "esa/catalog"
TOKEN = "ghp_RecognisableToken0123456789"  # noqa: S105 - of the small GitHub
PROGRAMS = Path(__file__).parent / "github" / "node_modules"
WHOLE = PROGRAMS / "@octokit" / "openapi" / "generated" / "api.github.com.json"
REPOSITORY = "/repos/{owner}/{repo}"
PATHS = (
    *("/user", REPOSITORY, f"{REPOSITORY}/forks", f"{REPOSITORY}/branches", f"{REPOSITORY}/pulls"),
    f"{REPOSITORY}/pulls/{{pull_number}}",
)
"""All that the platform asks for; Prism refuses others."""


@contextmanager
def prism(folder: Path, description: dict[str, Any], upstream: str) -> Iterator[str]:
    """Run Prism with GitHub's description in front of a server; yield its address."""
    # With all 800 paths Prism takes 9 CPU s and 540 MB to start; with these 3 s and 320 MB.
    used = {path: description["paths"][path] for path in PATHS}
    (folder / "github.json").write_text(
        json.dumps({key: value for key, value in description.items() if key != "x-webhooks"} | {"paths": used})
    )
    log = folder / "log"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = PROGRAMS / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command = [str(Path(sys.executable).parent / "node"), str(program), "proxy", str(folder / "github.json"), upstream]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--errors", "-h", "127.0.0.1", "-p", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the wheel's node is a program that starts another
        )
    try:
        deadline = time.monotonic() + 120
        while "Prism is listening" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """GitHub's description itself."""
    assert WHOLE.is_file(), "make service installs what this needs"
    loaded: dict[str, Any] = json.loads(WHOLE.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubServer]:
    folder = tmp_path_factory.mktemp("github")
    create_catalog(folder / "seed.git")
    with GitHubServer(folder / "hub") as server:
        server.add(UPSTREAM, folder / "seed.git")
        server.tokens[TOKEN] = "ada"
        yield server


@pytest.fixture(scope="module")
def checked(hub: GitHubServer, description: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small GitHub behind the check."""
    with prism(tmp_path_factory.mktemp("prism"), description, hub.url) as url:
        yield url


def client_of(url: str, token: str = TOKEN) -> Client:
    return Client(url, SecretStr(token), patience=0, sleep=lambda _: None)


def test_fork_branch_request_and_update_keep_to_the_description(
    hub: GitHubServer, checked: str, tmp_path: Path
) -> None:
    repository = GitHubCatalog(f"{hub.url}/{UPSTREAM}", tmp_path, token=SecretStr(TOKEN), client=client_of(checked))
    base = repository.read().commit
    assert repository.open_review("publish/") is None
    commit = repository.commit(base, {"a": b"1"}, "m", datetime(2026, 3, 4, tzinfo=UTC))
    repository.push(commit, {"publish/sst-1": None})
    review = Review(title="Publish sst", body="What a data steward wants")
    page = repository.request_review("publish/sst-1", review)
    assert repository.request_review("publish/sst-1", Review(title="Again", body="")) == page
    assert repository.open_review("publish/") == "publish/sst-1"
    assert [(pull.title, pull.home) for pull in hub.api.pulls] == [("Again", "ada/catalog")]
    asked = [(seen.split()[0], seen.split()[1].removeprefix("/repos/esa/catalog")) for seen in hub.asked()]
    assert {("POST", "/forks"), ("GET", "/forks"), ("POST", "/pulls"), ("PATCH", "/pulls/1")} <= set(asked)
    hub.api.pulls.clear()
    repository.push(base, {"publish/none": None})
    with pytest.raises(CatalogMovedError, match="No commits between"):
        repository.request_review("publish/none", review)


def test_refusals_keep_to_the_description(hub: GitHubServer, checked: str) -> None:
    with pytest.raises(InputError, match="status 401: Bad credentials"):
        find_fork(client_of(checked, "wrong"), Address.parse(f"{hub.url}/{UPSTREAM}"))
    assert client_of(checked).find("/repos/esa/nothing", Repository) is None
    hub.api.forks[UPSTREAM].forkable = False
    with pytest.raises(InputError, match=r"status 403: .*forking is disabled"):
        make_fork(client_of(checked), Address.parse(f"{hub.url}/{UPSTREAM}"))


def test_what_breaks_the_description_is_found(hub: GitHubServer, checked: str) -> None:
    # Otherwise the tests above would show nothing.
    seen = len(hub.seen)
    with pytest.raises(InputError, match="status 422"):
        client_of(checked).send("POST", f"/repos/{UPSTREAM}/pulls", {"base": "main"}, PullRequest)
    with pytest.raises(InputError, match="status 404"):
        client_of(checked).get(f"/repos/{UPSTREAM}/pull", Repository)
    assert len(hub.seen) == seen
    hub.fail(200, "", page=json.dumps({"login": "ada"}).encode())
    with pytest.raises(UnavailableError, match="status 500"):
        client_of(checked).get("/user", Account)


@pytest.mark.parametrize(
    ("verb", "path", "kind"),
    [
        ("get", "/user", Account),
        ("get", "/repos/{owner}/{repo}", Repository),
        ("get", "/repos/{owner}/{repo}/forks", Repository),
        ("post", "/repos/{owner}/{repo}/forks", Repository),
        ("get", "/repos/{owner}/{repo}/branches", Branch),
        ("get", "/repos/{owner}/{repo}/pulls", PullRequest),
        ("post", "/repos/{owner}/{repo}/pulls", PullRequest),
        ("patch", "/repos/{owner}/{repo}/pulls/{pull_number}", PullRequest),
    ],
)
def test_githubs_own_examples_are_understood(
    description: dict[str, Any], verb: str, path: str, kind: type[BaseModel]
) -> None:
    answers = description["paths"][path][verb]["responses"]
    answer = next(answers[status] for status in ("200", "201", "202") if status in answers)
    for named in answer["content"]["application/json"]["examples"].values():
        example = description["components"]["examples"][named["$ref"].rpartition("/")[2]]["value"]
        for one in example if isinstance(example, list) else [example]:
            understood = kind.model_validate(one).model_dump(exclude_none=True)
            assert set(understood) <= set(one)
            assert understood

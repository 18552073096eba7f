"""Requests to GitHub: patience with a busy server, words that help, and a token that stays where it belongs."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from github_server import GitHubServer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from earthcode_platform.catalog.github.address import Address
from earthcode_platform.catalog.github.answers import Account
from earthcode_platform.catalog.github.client import Client
from earthcode_platform.catalog.github.limits import delay
from earthcode_platform.errors import InputError, UnavailableError

TOKEN = "ghp_RecognisableToken0123456789"  # noqa: S105 - what must reach the server and nobody else


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with GitHubServer(tmp_path / "hub") as server:
        server.tokens[TOKEN] = "ada"
        yield server


@pytest.fixture
def waits() -> list[float]:
    """How long the client waited."""
    return []


@pytest.fixture
def client(server: GitHubServer, waits: list[float]) -> Client:
    return Client(f"{server.url}/api/v3", SecretStr(TOKEN), sleep=waits.append)


def test_an_answer_is_read(client: Client, server: GitHubServer, waits: list[float]) -> None:
    assert client.get("/user", Account).login == "ada"
    assert [seen.authorization for seen in server.seen] == [f"token {TOKEN}"]
    assert waits == []


@pytest.mark.parametrize(
    ("status", "message", "remedy"),
    [
        (401, "Bad credentials", "Make a new token"),
        (403, "Resource not accessible by personal access token", "'Contents' and 'Pull requests'"),
        (404, "Not Found", "that the token may see it"),
        (422, "Validation Failed", "classic token with 'public_repo'"),
        (409, "Git Repository is empty.", "empty or locked"),
    ],
)
def test_a_refusal_says_what_helps_and_is_not_repeated(
    client: Client, server: GitHubServer, waits: list[float], status: int, message: str, remedy: str
) -> None:
    server.fail(status, message, times=9)
    with pytest.raises(InputError) as refused:
        client.get("/user", Account)
    assert f"GitHub refuses with status {status}: {message}" in str(refused.value)
    assert remedy in refused.value.remedy
    assert (len(server.seen), waits) == (1, [])


@pytest.mark.parametrize(
    ("status", "headers", "waited"),
    [
        (502, {}, 1.0),
        (503, {"Retry-After": "7"}, 7.0),
        (429, {"Retry-After": "9"}, 9.0),
        (403, {"Retry-After": "11"}, 11.0),
        (403, {"Retry-After": "0"}, 1.0),
    ],
)
def test_a_busy_server_is_asked_again_when_it_says(
    client: Client, server: GitHubServer, waits: list[float], status: int, headers: dict[str, str], waited: float
) -> None:
    server.fail(status, "You have exceeded a secondary rate limit.", headers=headers)
    assert client.get("/user", Account).login == "ada"
    assert waits == [waited]


def test_a_used_up_limit_is_waited_for(client: Client, server: GitHubServer, waits: list[float]) -> None:
    reset = int(time.time()) + 40
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    server.fail(403, "API rate limit exceeded for user ID 1.", headers=headers)
    assert client.get("/user", Account).login == "ada"
    assert 20 < waits[0] <= 41
    assert len(waits) == 1


def test_a_limit_that_lasts_longer_than_the_patience_is_told_at_once(
    client: Client, server: GitHubServer, waits: list[float]
) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3000)}
    server.fail(403, "API rate limit exceeded for user ID 1.", headers=headers)
    with pytest.raises(
        UnavailableError, match=r"status 403: API rate limit exceeded .* Try again in (29[89]\d|300\d) s"
    ):
        client.get("/user", Account)
    assert waits == []


def test_patience_ends(client: Client, server: GitHubServer, waits: list[float]) -> None:
    server.fail(502, "Bad gateway", times=99)
    with pytest.raises(UnavailableError, match="status 502: Bad gateway"):
        client.get("/user", Account)
    assert waits == [1, 2, 4, 8, 16]
    assert len(server.seen) == 6


def test_a_server_that_is_not_there_is_unavailable(waits: list[float]) -> None:
    client = Client("http://127.0.0.1:9", SecretStr(TOKEN), sleep=waits.append, patience=3)
    with pytest.raises(UnavailableError, match="no answer: ConnectionError"):
        client.get("/user", Account)
    assert waits == [1, 2]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_does_not_follow_to_another_host(
    client: Client, server: GitHubServer, tmp_path: Path, status: int
) -> None:
    with GitHubServer(tmp_path / "other") as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        server.fail(status, "Moved", headers={"Location": f"{elsewhere}/user"})
        with pytest.raises(InputError, match="elsewhere"):
            client.get("/user", Account)
        assert other.seen == []


def test_a_proxy_reads_no_token(client: Client, server: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("http_proxy", server.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="a proxy would read the token"):
        client.get("/user", Account)
    assert server.seen == []
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert client.get("/user", Account).login == "ada"


def test_what_is_no_github_is_told(client: Client, server: GitHubServer) -> None:
    server.fail(200, "", page=b"<html>Welcome</html>", headers={"Content-Type": "text/html"})
    with pytest.raises(InputError, match="not one of GitHub's"):
        client.get("/user", Account)
    server.fail(404, "", page=b"<html>Nothing here</html>", headers={"Content-Type": "text/html"})
    with pytest.raises(InputError, match="Nothing here"):
        client.get("/user", Account)
    server.fail(200, "", page=b'{"lo', headers={"Content-Type": "application/json"})
    with pytest.raises(InputError, match="not one of GitHub's"):
        client.get("/user", Account)


def test_the_client_library_is_imported_only_when_something_is_asked() -> None:
    code = "import sys, earthcode_platform.catalog.github.hosted; print({'github', 'requests'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}", fullmatch=True).filter(lambda name: not name.endswith(".git"))
OWNERS = st.from_regex(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,15}", fullmatch=True)


@given(OWNERS, NAMES, st.sampled_from(["", ".git", "/", ".git/"]))
def test_an_address_is_taken_apart_and_put_together(owner: str, name: str, ending: str) -> None:
    address = Address.parse(f"https://github.com/{owner}/{name}{ending}")
    assert address == ("https://github.com", owner, name)
    assert Address.parse(address.url) == address == address.beside(address.full_name)
    assert address.api == "https://api.github.com"
    assert address.is_called(f"{owner}/{name}".upper())


@pytest.mark.parametrize(
    "url",
    [
        "git@github.com:esa/catalog.git",
        "ssh://git@github.com/esa/catalog.git",
        "https://github.com/esa",
        "https://github.com/esa/catalog/tree/main",
        "https://github.com/esa/catalog?x=1",
        "https://github.com/esa/catalog#x",
        "https://github.com/esa/..",
        "https://github.com/esa/.git",
        "https://github.com/esa/..git",
        "https://github.com/-esa/catalog",
        "https://ada:hunter2@github.com/esa/catalog",
        "https://github.com/esa/catalog\n",
        "catalog",
        "",
    ],
)
def test_what_is_no_address_on_github_is_refused(url: str) -> None:
    with pytest.raises(InputError, match=r"Write it as https://github\.com/owner/name") as refused:
        Address.parse(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["esa", "esa/..", "../x", "a/b/c", "a/b?c", ""])
def test_a_name_from_an_answer_is_checked(name: str) -> None:
    with pytest.raises(InputError, match="no name of a repository"):
        Address.parse("https://github.com/esa/catalog").beside(name)


def test_an_enterprise_server_has_its_api_at_the_same_host() -> None:
    assert Address.parse("https://git.example.org/esa/catalog").api == "https://git.example.org/api/v3"
    assert Address.parse("https://GitHub.com/esa/catalog").api == "https://api.github.com"


@given(
    st.sampled_from([0, 200, 400, 401, 403, 404, 422, 429, 500, 502, 503]),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining"]),
        st.sampled_from(["0", "7", "9999999999", "-1", "soon", "٣", ""]),
    ),
    st.sampled_from(["", "API rate limit exceeded", "Not Found"]),
    st.integers(0, 999),
)
def test_a_wait_is_never_negative_nor_forgotten(status: int, headers: dict[str, str], said: str, attempt: int) -> None:
    wait = delay(status, headers, said, attempt, now=1_700_000_000)
    again = status in (0, 429) or status >= 500
    limited = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0" or "limit" in said
    assert (wait is not None) == (again or (status == 403 and limited))
    assert wait is None or wait >= 1

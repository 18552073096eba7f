"""A token reaches the server that it is for, and shows nowhere: logs, errors, files, settings, process arguments."""

import base64
import logging
import pickle
import stat
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import psutil
import pytest
from catalog_factories import submitted
from github_server import GitHubServer
from github_steps import BRANCH, MOMENT, REVIEW, UPSTREAM, propose
from pydantic import SecretStr

from earthcode_platform.catalog.github.client import Client
from earthcode_platform.catalog.github.hosted import GitHubCatalog
from earthcode_platform.catalog.publish import publish
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.errors import CatalogMovedError, EarthCodeError, InputError, UnavailableError

TOKEN = "ghp_RecognisableToken0123456789"  # noqa: S105 - what must be seen nowhere
AS_GIT_HAS_IT = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
FORMS = (TOKEN, AS_GIT_HAS_IT, base64.b64encode(TOKEN.encode()).decode())


class Watched:
    """Everything that could show a token while the block runs."""

    def __init__(self, folder: Path, log: list[str]) -> None:
        self.folder = folder
        self.log = log
        self.errors: list[str] = []
        self.arguments: set[str] = set()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(10)

    def fails(self, kind: type[EarthCodeError], step: Callable[[], object]) -> EarthCodeError:
        """Run what must fail, and keep all that a log, a worker or a user can see of the error."""
        with pytest.raises(kind) as failed:
            step()
        copy = pickle.loads(pickle.dumps(failed.value))  # noqa: S301 - pickled on the line itself
        shown = [str(failed.value), repr(failed.value), str(vars(copy)), pickle.dumps(failed.value).decode("latin-1")]
        self.errors += [*shown, *traceback.format_exception(failed.value)]
        return failed.value

    def shown(self) -> str:
        """All of it in one text."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        contents = [path.read_bytes().decode("latin-1") for path in files]
        return "\n".join([*self.log, *self.errors, *self.arguments, *map(str, files), *contents])

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._done.is_set():
            for child in me.children(recursive=True):
                try:
                    self.arguments.add(" ".join(child.cmdline()))
                except psutil.Error:
                    continue
            time.sleep(0.001)


@pytest.fixture
def log() -> Iterator[list[str]]:
    """Every record of every logger, formatted."""
    import github  # noqa: F401 - it sets the level of its logger when it is imported

    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    root, handler = logging.getLogger(), Keep(logging.DEBUG)
    before, loud = root.level, ("github", "urllib3", "requests")
    levels = {name: logging.getLogger(name).level for name in loud}
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name in loud:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(before)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def watched(hub: GitHubServer, tmp_path: Path, log: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """A user who asks git to tell all that it does, and whose settings keep credentials."""
    hub.tokens[TOKEN] = "eve"
    seen = tmp_path / "user"
    seen.mkdir()
    program = seen / "helper"
    program.write_text(f"#!/bin/sh\necho asked >> {seen}/asked\ncat >> {seen}/asked\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    settings = seen / "gitconfig"
    settings.write_text(
        f"[trace2]\n\teventTarget = {seen}/event\n\tnormalTarget = {seen}/normal\n\tconfigParams = http.*\n"
        f"\tenvVars = GIT_CONFIG_VALUE_3,GIT_CONFIG_VALUE_4,GIT_CONFIG_VALUE_5\n[credential]\n\thelper = {program}\n"
        f'[credential "{hub.url}"]\n\thelper = {program}\n[core]\n\taskPass = {program}\n'
        f'[url "http://127.0.0.1:9/"]\n\tinsteadOf = {hub.url}/\n\tpushInsteadOf = {hub.url}/\n'
        f'[http "{hub.url}"]\n\textraHeader = Authorization: Basic bm9ib2R5\n\tproxy = http://127.0.0.1:9\n'
    )
    told = {"GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_TRACE_SETUP", "GIT_TRACE2", "GIT_TRACE2_EVENT"}
    for name in told:
        monkeypatch.setenv(name, str(seen / name))
    for name, value in {"GIT_CURL_VERBOSE": "1", "GIT_TRACE_REDACT": "0", "GIT_CONFIG_GLOBAL": str(settings)}.items():
        monkeypatch.setenv(name, value)
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.setenv(name, str(program))
    with Watched(tmp_path, log) as watched:
        yield watched


@pytest.fixture
def build(hub: GitHubServer, tmp_path: Path) -> Callable[..., GitHubCatalog]:
    def made(token: str = TOKEN, *, url: str = hub.url, patience: float = 0) -> GitHubCatalog:
        client = Client(f"{url}/api/v3", SecretStr(token), patience=patience, sleep=lambda _: None)
        return GitHubCatalog(f"{url}/{UPSTREAM}", tmp_path / "work", token=SecretStr(token), client=client)

    return made


def test_the_token_shows_nowhere(hub: GitHubServer, build: Callable[..., GitHubCatalog], watched: Watched) -> None:
    repository = build()
    publication = publish(repository, *submitted())
    repository.request_review(publication.branch, REVIEW)
    later = repository.commit(repository.read().commit, {"a": b"2"}, "m", MOMENT)
    watched.fails(CatalogMovedError, lambda: repository.push(later, {publication.branch: None}))
    watched.log += [repr(repository), str(vars(repository)), repr(repository.__dict__)]
    for status, kind in ((401, InputError), (403, InputError), (404, InputError), (429, UnavailableError)):
        hub.fail(status, "No", times=9)
        watched.fails(kind, lambda: build().open_review("publish/"))
        hub.faults.clear()
    watched.fails(UnavailableError, lambda: build(url="http://127.0.0.1:9").open_review("publish/"))
    watched.fails(UnavailableError, lambda: build(url="http://127.0.0.1:9").read())
    # It did arrive, it could have been found, and what could have shown it was at work.
    assert hub.seen[0].authorization == f"token {TOKEN}"
    assert any("http" in line and "git-remote" in line.replace(" remote-", "-remote-") for line in watched.arguments)
    assert any("oauth token removed" in line for line in watched.log)
    assert any("catalog.git" in name and "config" in name for name in watched.shown().splitlines())
    found = watched.shown()
    assert [form for form in FORMS if form in found] == []


def test_a_server_that_repeats_the_token_is_not_quoted(
    hub: GitHubServer, build: Callable[..., GitHubCatalog], tmp_path: Path
) -> None:
    hub.tokens[TOKEN] = "eve"
    watched = Watched(tmp_path / "work", [])
    for status, message, kind in (
        (401, f"Bad credentials {TOKEN}", InputError),
        (403, f"No rights for {AS_GIT_HAS_IT}", InputError),
        (404, TOKEN, InputError),
        (422, TOKEN, InputError),
        (429, TOKEN, UnavailableError),
        (502, TOKEN, UnavailableError),
    ):
        hub.fail(status, message, times=9)
        watched.fails(kind, lambda: build().open_review("publish/"))
        hub.faults.clear()
    hub.fail(200, "", page=TOKEN.encode())
    watched.fails(InputError, lambda: build().open_review("publish/"))
    hub.fail(301, TOKEN, headers={"Location": f"http://localhost:9/{TOKEN}"})
    watched.fails(InputError, lambda: build().open_review("publish/"))
    # A hook of the repository that repeats what it should not.
    propose(build(), branch="publish/first")
    hook = hub.root / "eve/catalog.git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nprintf '%s %s\\n' '{TOKEN}' '{AS_GIT_HAS_IT}' >&2\nexit 1\n")
    hook.chmod(0o755)
    assert "declined" in str(watched.fails(InputError, lambda: propose(build())))

    assert len(watched.errors) > 9 * 5
    assert [form for form in FORMS if form in watched.shown()] == []


def test_a_token_that_is_refused_is_not_made_up_for(
    hub: GitHubServer, build: Callable[..., GitHubCatalog], watched: Watched
) -> None:
    wrong = f"{TOKEN}wrong"
    error = watched.fails(InputError, lambda: build(wrong).read())
    assert "refused access" in str(error)
    assert not (watched.folder / "user" / "asked").exists()
    error = watched.fails(InputError, lambda: build(wrong).open_review("publish/"))
    assert "Make a new token" in error.remedy
    assert wrong not in watched.shown()
    assert hub.seen[0].authorization == f"token {wrong}"


def test_git_does_not_take_the_token_to_another_host(
    hub: GitHubServer, build: Callable[..., GitHubCatalog], watched: Watched, tmp_path: Path
) -> None:
    with GitHubServer(tmp_path / "other") as other:
        other.moved = hub.url
        error = watched.fails(InputError, lambda: build(url=other.url.replace("127.0.0.1", "localhost")).read())
        assert "has moved" in str(error)
        assert other.git_seen[0] == ("/esa/catalog.git/info/refs", f"Basic {AS_GIT_HAS_IT}")
    assert hub.git_seen == []
    assert [form for form in FORMS if form in watched.shown()] == []


def test_a_server_of_another_make_takes_the_token_too(hub: GitHubServer, watched: Watched, tmp_path: Path) -> None:
    hub.api.forks[UPSTREAM].writers.add("eve")
    repository = CatalogRepository(f"{hub.url}/{UPSTREAM}.git", tmp_path / "work", token=SecretStr(TOKEN))
    publication = publish(repository, *submitted())
    assert repository.branch_commit(publication.branch) == publication.commit
    assert (repository.open_review("publish/"), repository.request_review(BRANCH, REVIEW)) == (None, "")
    assert hub.seen == []
    assert [form for form in FORMS if form in watched.shown()] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://git.example.org/esa/catalog.git",
        "http://127.0.0.1.example.org/esa/catalog.git",
        "ssh://git@git.example.org/esa/catalog.git",
        "git@git.example.org:esa/catalog.git",
        "git://git.example.org/esa/catalog.git",
        "https://me:hunter2@git.example.org/esa/catalog.git",
        "https://[broken/esa/catalog.git",
        "https:///esa/catalog.git",
        "catalog.git",
    ],
)
def test_a_token_is_not_sent_where_others_can_read_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        CatalogRepository(url, tmp_path, token=SecretStr(TOKEN))
    assert TOKEN not in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.remedy
    with pytest.raises(InputError):
        Client(url, SecretStr(TOKEN))


@pytest.mark.parametrize("token", ["", " ", "two words", f"{TOKEN}\n", f"{TOKEN}\r\nX-Header: 1", "tökén"])
def test_what_is_no_token_is_refused(token: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Paste it again") as refused:
        CatalogRepository("https://git.example.org/x.git", tmp_path, token=SecretStr(token))
    assert TOKEN not in str(refused.value)

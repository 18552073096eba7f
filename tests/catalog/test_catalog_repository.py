"""A catalog's repository: read whole and fast, written without a work tree, and silent about credentials."""

import os
import pickle
import shutil
import socket
import subprocess
import threading
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

import pytest
from catalog_factories import git

from earthcode_platform.catalog.objects import Signature
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.errors import CatalogMovedError, EarthCodeError, InputError, UnavailableError

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EDITS = {"products/a/collection.json": '{"title": "é"}\n'.encode(), 'odd "name"\\ü.txt': b"\x00\r\n"}


def commit_and_push(
    repository: CatalogRepository, base: str, branch: str, edits: dict[str, bytes], message: str, moment: datetime
) -> str:
    """Make a commit and push it as a new branch, by the two steps that publishing takes."""
    commit = repository.commit(base, edits, message, moment)
    repository.push(commit, {branch: None})
    return commit


@pytest.fixture
def repository(bare: Path, tmp_path: Path) -> CatalogRepository:
    return CatalogRepository(str(bare), tmp_path / "work")


def test_the_real_catalog_is_read_whole_in_under_a_second(
    real_bare: Path, real_files: dict[str, bytes], tmp_path: Path
) -> None:
    repository = CatalogRepository(str(real_bare), tmp_path / "work")
    first = repository.read()
    assert dict(first.files) == real_files
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        again = repository.read()
        seconds.append(time.perf_counter() - began)
    assert again.commit == first.commit == git(real_bare, "rev-parse", "main")
    # The fastest of three: other processes share the machine.
    assert min(seconds) < 1


def test_a_commit_holds_the_edits_on_top_of_its_base(bare: Path, repository: CatalogRepository) -> None:
    catalog = repository.read()
    commit = commit_and_push(repository, catalog.commit, "publish/x", EDITS, "Über\n\nBody", MOMENT)
    assert git(bare, "rev-parse", "publish/x") == commit
    assert git(bare, "rev-parse", "publish/x^") == catalog.commit
    assert git(bare, "log", "-1", "--format=%an|%ae|%aI|%cn|%ce|%cI|%B", commit) == (
        "EarthCODE platform|earthcode-platform@noreply.invalid|2026-03-04T05:06:07+00:00|"
        "EarthCODE platform|earthcode-platform@noreply.invalid|2026-03-04T05:06:07+00:00|Über\n\nBody"
    )
    assert dict(repository.read("publish/x").files) == dict(catalog.files) | EDITS
    assert repository.read().commit == catalog.commit
    assert git(bare, "fsck", "--strict") == ""


def test_the_same_content_is_the_same_commit_wherever_it_is_made(bare: Path, tmp_path: Path) -> None:
    commits = set()
    for name in ("one", "two"):
        repository = CatalogRepository(str(bare), tmp_path / name)
        commits.add(repository.commit(repository.read().commit, EDITS, "m", MOMENT))
    assert len(commits) == 1
    signed = CatalogRepository(str(bare), tmp_path / "one", signature=Signature("Ada", "ada@noreply.invalid"))
    assert signed.commit(signed.read().commit, EDITS, "m", MOMENT) not in commits


def test_a_branch_that_stands_elsewhere_is_not_moved(bare: Path, repository: CatalogRepository) -> None:
    base = repository.read().commit
    first = commit_and_push(repository, base, "publish/x", {"a": b"1"}, "m", MOMENT)
    second = repository.commit(base, {"a": b"2"}, "m", MOMENT)
    for leases in ({"publish/x": None}, {"publish/x": base}, {"new": None, "publish/x": None}):
        with pytest.raises(CatalogMovedError) as moved:
            repository.push(second, leases)
        assert moved.value.remedy
    assert repository.branch_commit("publish/x") == first
    assert repository.branch_commit("new") is None
    repository.push(second, {"publish/x": first})
    assert git(bare, "rev-parse", "publish/x") == second


def test_a_hook_that_declines_is_no_race(bare: Path, repository: CatalogRepository) -> None:
    (bare / "hooks").mkdir()
    hook = bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'only data stewards may do this' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(InputError, match=r"pre-receive hook declined.*only data stewards may do this"):
        commit_and_push(repository, repository.read().commit, "publish/x", EDITS, "m", MOMENT)


def test_what_is_not_there_is_told(bare: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no branch 'trunk'"):
        CatalogRepository(str(bare), tmp_path / "work", branch="trunk").read()
    with pytest.raises(InputError, match="there is no catalog's repository here"):
        CatalogRepository(str(tmp_path / "nowhere"), tmp_path / "work").read()
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="there is no catalog's repository here"):
        CatalogRepository(str(tmp_path / "folder"), tmp_path / "work").read()


def test_an_address_that_would_run_a_command_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    repository = CatalogRepository(f"ext::sh -c touch% {marker}", tmp_path / "work")
    with pytest.raises(EarthCodeError):
        repository.read()
    assert not marker.exists()


def test_making_the_object_touches_nothing(tmp_path: Path) -> None:
    CatalogRepository(str(tmp_path / "nowhere"), tmp_path / "work")
    assert list(tmp_path.iterdir()) == []


SECRET = "hunter2"  # noqa: S105 - what must never be seen


def shown(error: EarthCodeError) -> str:
    """Everything that a log, a worker or a user can see of an error."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - pickled on the line itself
    return "\n".join([str(error), repr(error), str(vars(copy)), *traceback.format_exception(error)])


def test_no_error_shows_the_credentials_of_the_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    repository = CatalogRepository(f"http://me:{SECRET}@127.0.0.1:{port}/catalog.git?token={SECRET}", tmp_path / "work")
    assert SECRET not in repr(repository) + repository.address
    for call in (repository.read, lambda: repository.branch_commit("x")):
        with pytest.raises(UnavailableError) as failed:
            call()
        assert SECRET not in shown(failed.value)
        assert "127.0.0.1" in str(failed.value)


def test_a_server_that_asks_for_a_password_is_refused_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def deny() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # the test is over
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(
                        b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n'
                        b"Connection: close\r\n\r\n"
                    )

        thread = threading.Thread(target=deny, daemon=True)
        thread.start()
        url = f"http://me:{SECRET}@127.0.0.1:{port}/catalog.git"
        with pytest.raises(InputError, match="refused access") as failed:
            CatalogRepository(url, tmp_path / "work", seconds=30).read()
    assert SECRET not in shown(failed.value)


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        repository = CatalogRepository(f"http://me:{SECRET}@127.0.0.1:{port}/c.git", tmp_path / "work", seconds=0.5)
        began = time.perf_counter()
        with pytest.raises(UnavailableError, match="did not end within") as failed:
            repository.read()
        assert time.perf_counter() - began < 10
    assert SECRET not in shown(failed.value)


def test_the_address_stands_in_no_command_line(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {seen}\nexec {shutil.which("git")} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    repository = CatalogRepository(str(bare), tmp_path / "work")
    commit_and_push(repository, repository.read().commit, "publish/x", EDITS, "m", MOMENT)
    lines = seen.read_text()
    assert "fetch" in lines
    assert "push" in lines
    # Git itself starts the other side of a local repository with its path; what we start never has it.
    assert not [line for line in lines.splitlines() if str(bare) in line and "--git-dir" in line]


def test_the_surroundings_of_a_hook_do_not_mislead(bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(other)], check=True)
    for name, value in {
        "GIT_DIR": str(other),
        "GIT_WORK_TREE": str(tmp_path),
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_OBJECT_DIRECTORY": str(other / "objects"),
        "GIT_TRACE": "1",
        "LC_ALL": "de_DE.UTF-8",
        "LANGUAGE": "de",
    }.items():
        monkeypatch.setenv(name, value)
    repository = CatalogRepository(str(bare), tmp_path / "work")
    commit_and_push(repository, repository.read().commit, "publish/x", EDITS, "m", MOMENT)
    with pytest.raises(CatalogMovedError):
        commit_and_push(repository, repository.read().commit, "publish/x", {"a": b"2"}, "m", MOMENT)


def test_the_users_configuration_changes_no_commit_and_runs_no_hook(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = CatalogRepository(str(bare), tmp_path / "one")
    commit = expected.commit(expected.read().commit, EDITS, "m", MOMENT)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-push").write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\nexit 1\n")
    (hooks / "pre-push").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[core]\n\thooksPath = {hooks}\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n[push]\n\tgpgSign = true\n"
        "[user]\n\tname = Eve\n[i18n]\n\tcommitEncoding = latin1\n[init]\n\tdefaultBranch = trunk\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    repository = CatalogRepository(str(bare), tmp_path / "two")
    made = commit_and_push(repository, repository.read().commit, "publish/x", EDITS, "m", MOMENT)
    assert made == commit
    # The hooks of the catalog's own repository are its business; those of the user's configuration ran there, if any.
    assert not (tmp_path / "hooked").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root, to give a folder to somebody else")
def test_a_repository_of_somebody_else_is_named_with_the_remedy_and_read_when_trusted(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in [bare, *bare.rglob("*")]:
        os.chown(path, 12345, 12345)
    settings = tmp_path / "gitconfig"
    settings.write_text("")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    repository = CatalogRepository(str(bare), tmp_path / "work")
    with pytest.raises(InputError, match=r"safe\.directory"):
        repository.read()
    settings.write_text(f"[safe]\n\tdirectory = {bare}\n")
    assert len(repository.read().files) == 18


def test_git_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="git is not installed"):
        CatalogRepository("x", tmp_path / "work").read()


@pytest.mark.parametrize("lock", ["shallow.lock", "refs/earthcode/main.lock", "refs/earthcode/written.lock"])
def test_a_lock_that_a_killed_process_left_is_no_obstacle(
    repository: CatalogRepository, bare: Path, tmp_path: Path, lock: str
) -> None:
    before = repository.read().commit
    cache = next((tmp_path / "work").glob("catalog-*.git"))
    (cache / lock).touch()
    elsewhere = CatalogRepository(str(bare), tmp_path / "elsewhere")
    elsewhere.read()
    moved = elsewhere.commit(before, {"a": b"1"}, "m", MOMENT)
    elsewhere.push(moved, {"main": before})
    assert repository.read().commit == moved
    assert repository.commit(before, {"a": b"1"}, "m", MOMENT) == moved


def test_a_branch_whose_name_ends_like_another_is_not_taken_for_it(repository: CatalogRepository, bare: Path) -> None:
    tip = repository.read().commit
    git(bare, "update-ref", "refs/heads/a/refs/heads/publish/x-1", tip)
    assert repository.branch_commit("publish/x-1") is None
    assert repository.branches("publish/x-") == {}
    git(bare, "update-ref", "refs/heads/publish/x-1", tip)
    assert repository.branches("publish/x-") == {"publish/x-1": tip}


def test_a_cache_is_made_whole(repository: CatalogRepository, tmp_path: Path) -> None:
    repository.read()
    assert {path.suffix for path in (tmp_path / "work").iterdir()} == {".git", ".lock"}

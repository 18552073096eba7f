"""What is remembered of external links: nothing is asked twice in a day, and nothing secret is kept."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from loopback import Exchange, Loopback, reply, serving

from earthcode_platform.catalog.outside.checker import LinkChecker, LinkLimits
from earthcode_platform.catalog.outside.memory import Known, Memory
from earthcode_platform.errors import UnavailableError
from earthcode_platform.models.link_outcome import LinkOutcome, LinkState

Check = Callable[..., list[str]]


def versioned(exchange: Exchange) -> None:
    known = exchange.seen.headers.get("if-none-match") == '"1"'
    exchange.answer(304 if known else 200, ETag='"1"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("no_proxy", raising=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving({"/x": versioned, "/old": reply(301, Location="/x")}) as running:
        yield running


@pytest.fixture
def check(server: Loopback, tmp_path: Path) -> Check:
    """Check paths of the server with a memory, and return their states."""

    def checked(*paths: str, fresh: float = 3600, user: str = "") -> list[str]:
        limits = LinkLimits(per_host_seconds=0, seconds_per_request=1, fresh_seconds=fresh)
        checker = LinkChecker(tmp_path / "memory/links.json", limits, allowed=frozenset({server.name}))
        return [one.state.value for one in checker.check([f"http://{user}{server.name}{path}" for path in paths])]

    return checked


def test_what_answered_is_not_asked_again_while_it_is_fresh(check: Check, server: Loopback) -> None:
    assert check("/x", "/old", "/nothing") == ["alive", "moved", "broken"]
    asked = len(server.seen)
    assert check("/x", "/old") == ["alive", "moved"]
    assert len(server.seen) == asked
    assert check("/nothing") == ["broken"]
    assert len(server.seen) == asked + 2


def test_a_version_that_is_no_ascii_stops_no_look(check: Check, server: Loopback) -> None:
    server.routes["/odd"] = reply(200, ETag='"é"')
    assert check("/odd", fresh=0) == check("/odd", fresh=0) == ["alive"]


def test_fresh_outcomes_cost_nothing_and_keep_their_time(server: Loopback, tmp_path: Path) -> None:
    checker = LinkChecker(tmp_path / "links.json", allowed=frozenset({server.name}))
    first, again = checker.check([server.url("/x")]), checker.check([server.url("/x#part")])
    assert (first[0].requests, again[0].requests, again[0].url) == (1, 0, server.url("/x#part"))
    assert first[0].checked == again[0].checked


def test_later_it_is_asked_for_only_if_it_changed(check: Check, server: Loopback) -> None:
    check("/x", "/old")
    server.seen.clear()
    for _ in range(2):
        assert check("/x", "/old", fresh=0) == ["alive", "moved"]
    kept = [seen for seen in server.seen if seen.target == "/x"]
    assert len(kept) == 4
    assert {seen.headers["if-none-match"] for seen in kept} == {'"1"'}
    assert {seen.headers["if-modified-since"] for seen in kept} == {"Thu, 01 Jan 2026 00:00:00 GMT"}
    assert all("if-none-match" not in seen.headers for seen in server.seen if seen.target == "/old")


def test_what_breaks_is_noticed_and_forgotten(check: Check, server: Loopback) -> None:
    check("/x")
    server.routes["/x"] = reply(404)
    assert check("/x") == ["alive"]
    assert check("/x", fresh=0) == ["broken"]
    server.routes["/x"] = versioned
    server.seen.clear()
    assert check("/x") == ["alive"]
    assert "if-none-match" not in server.seen[0].headers


def test_no_secret_is_kept(check: Check, server: Loopback, tmp_path: Path) -> None:
    assert check("/x?token=hunter2", "/x", user="me:hunter3@") == ["alive", "alive"]
    kept = (tmp_path / "memory/links.json").read_text(encoding="utf-8")
    assert server.name in kept
    assert "hunter" not in kept
    asked = len(server.seen)
    assert check("/x?token=hunter2", "/x?token=other") == ["alive", "alive"]
    assert server.asked()[asked:] == [("HEAD", "/x?token=other")]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 1, "links": {"x": 3}}', b"\xff\xfe"])
def test_a_memory_that_is_damaged_is_set_aside(
    check: Check, server: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = tmp_path / "memory/links.json"
    path.parent.mkdir()
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert check("/x") == ["alive"]
    assert "set aside" in caplog.text
    assert sorted(held.name for held in path.parent.iterdir()) == ["links.json", "links.json.damaged"]
    assert (path.parent / "links.json.damaged").read_bytes() == content
    assert check("/x") == ["alive"]
    assert len(server.seen) == 1


def test_a_memory_that_cannot_be_kept(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    checker = LinkChecker(tmp_path / "file/links.json", allowed=frozenset({server.name}))
    with pytest.raises(UnavailableError, match="memory of links"):
        checker.check([server.url("/x")])
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(UnavailableError, match="cannot be read"):
        LinkChecker(folder).check([])


def test_what_nobody_asks_for_any_more_is_forgotten_after_a_while(tmp_path: Path) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    memory = Memory(tmp_path / "links.json")
    for days in (1, 89, 91):
        checked = now - timedelta(days=days)
        outcome = LinkOutcome(
            url=f"https://a.example/{days}",
            state=LinkState.ALIVE,
            status=200,
            final="",
            reason="",
            requests=1,
            checked=checked,
        )
        memory.keep(outcome.url, Known(outcome=outcome))
    memory.save(now)
    again = Memory(tmp_path / "links.json")
    again.load()
    assert [again.of(f"https://a.example/{days}") is not None for days in (1, 89, 91)] == [True, True, False]

"""Schemas fetched from a real server into a cache: once a day, several at once, and never a silent pass."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from loopback import Exchange, Loopback, Route, reply
from schema_server import AT_ONCE, MAIN, OTHER, fetching, serving_schemas, told, versioned

from earthcode_platform.catalog.validate.schemas import Schemas


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving_schemas() as running:
        yield running


@pytest.fixture
def schemas(server: Loopback, tmp_path: Path) -> Iterator[Callable[..., Schemas]]:
    with fetching(server, tmp_path / "cache") as made:
        yield made


def test_it_is_fetched_once_with_what_it_refers_to(server: Loopback, schemas: Callable[..., Schemas]) -> None:
    first = schemas()
    assert (told(first), told(first), first.used) == (["/x"], ["/x"], 1)
    assert sorted(server.asked()) == [("GET", "/x/part.json"), ("GET", "/x/schema.json"), ("GET", "/y.json")]
    second = schemas()
    assert (told(second), len(server.seen), second.skipped, second.stale) == (["/x"], 3, {}, ())


def test_after_a_while_it_is_asked_for_again_and_comes_only_if_it_changed(
    server: Loopback, schemas: Callable[..., Schemas]
) -> None:
    told(schemas())
    again = schemas(AT_ONCE)
    assert (told(again), len(server.seen), again.stale) == (["/x"], 6, ())
    assert all("if-none-match" in seen.headers for seen in server.seen[3:])
    server.routes["stac.example/x/part.json"] = versioned({"definitions": {"x": {"type": "integer"}}})
    assert told(schemas(AT_ONCE)) == []
    assert told(schemas()) == []


def test_a_server_that_is_down_leaves_the_cache_in_use_and_the_report_says_so(
    server: Loopback, schemas: Callable[..., Schemas]
) -> None:
    told(schemas())
    for path in server.routes:
        server.routes[path] = reply(503)
    again = schemas(AT_ONCE)
    assert told(again) == ["/x"]
    assert [one.schema_url for one in again.stale] == [OTHER, "http://stac.example/x/part.json", MAIN]
    assert "503" in again.stale[0].reason
    assert again.skipped == {}


@pytest.mark.parametrize("route", [reply(404), reply(410), reply(200, b"<html>", Content_Type="text/html")])
def test_an_address_without_a_schema_is_a_fault(
    server: Loopback, schemas: Callable[..., Schemas], route: Route
) -> None:
    server.routes["stac.example/x/schema.json"] = route
    assert told(schemas()) == ["/stac_extensions/0"]


def test_what_is_no_json_object_is_no_schema(server: Loopback, schemas: Callable[..., Schemas]) -> None:
    for body in (b"[]", b"{", b"", b"[" * 100_000):
        server.routes["stac.example/x/schema.json"] = reply(200, body)
        assert told(schemas()) == ["/stac_extensions/0"]


def test_a_schema_that_calls_itself_by_no_address_stops_no_validation(
    server: Loopback, schemas: Callable[..., Schemas]
) -> None:
    server.routes["stac.example/x/schema.json"] = reply(200, b'{"$id": "http://["}')
    found = schemas()
    assert told(found) == []
    assert (found.skipped, list(found.reasons)) == ({MAIN: 1}, [MAIN])


@pytest.mark.parametrize("url", ["ftp://stac.example/x", "none", "http://[x", "https://", "\ud800"])
def test_what_is_no_http_address_is_a_fault(server: Loopback, schemas: Callable[..., Schemas], url: str) -> None:
    assert told(schemas(), url) == ["/stac_extensions/0"]
    assert server.seen == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://gone.example/schema.json", "the name of its host is not known"),
        ("http://169.254.169.254/schema.json", "not on the public internet"),
        ("http://stac.example/busy.json", "429"),
        ("http://stac.example/slow.json", "no answer in time"),
        ("http://stac.example/cut.json", "the connection was cut"),
        ("http://stac.example/inwards.json", "not on the public internet"),
        ("http://stac.example/broken-reference.json", "404"),
        ("http://stac.example/wrong.json", "it cannot be used"),
    ],
)
def test_what_cannot_be_told_is_skipped_with_the_reason(
    server: Loopback, schemas: Callable[..., Schemas], url: str, reason: str
) -> None:
    server.routes |= {
        "/busy.json": reply(429),
        "/slow.json": Exchange.hang,
        "/cut.json": Exchange.reset,
        "/inwards.json": reply(302, Location="http://169.254.169.254/"),
        "/broken-reference.json": versioned({"$ref": "nothing.json"}),
        "/wrong.json": versioned({"type": 7}),
    }
    found = schemas(seconds_per_schema=0.3)
    assert told(found, url) == told(found, url) == []
    assert (found.used, found.skipped) == (0, {url: 2})
    assert reason in found.reasons[url]


def test_a_host_that_does_not_answer_is_not_asked_again(server: Loopback, schemas: Callable[..., Schemas]) -> None:
    server.routes["*"] = Exchange.hang
    found = schemas(seconds_per_schema=0.2, at_once=1)
    began = time.monotonic()
    found.prepare([f"http://stac.example/{number}.json" for number in range(20)])
    assert time.monotonic() - began < 1.5
    assert len(server.seen) == 1


def test_hosts_that_do_not_answer_are_waited_for_together(server: Loopback, schemas: Callable[..., Schemas]) -> None:
    server.routes["*"] = Exchange.hang
    found = schemas(seconds_per_schema=0.3, at_once=2)
    found.prepare([f"http://{host}/{number}.json" for host in ("stac.example", "other.example") for number in "123"])
    assert {one.host for one in server.seen[:2]} == {"stac.example", "other.example"}
    assert len(server.seen) <= 3


def test_all_fetching_together_has_a_limit(server: Loopback, schemas: Callable[..., Schemas]) -> None:
    def slow(exchange: Exchange) -> None:
        time.sleep(0.15)
        exchange.answer(503)

    server.routes["*"] = slow
    found = schemas(seconds=0.4, at_once=1)
    found.prepare([f"http://stac.example/{number}.json" for number in range(9)])
    assert 2 <= len(server.seen) <= 4
    assert told(found, "http://stac.example/8.json") == []
    assert "0.4 seconds for fetching schemas are over" in found.reasons["http://stac.example/8.json"]


def test_several_are_fetched_at_once(server: Loopback, schemas: Callable[..., Schemas]) -> None:
    together = threading.Barrier(4, timeout=5)

    def answer(exchange: Exchange) -> None:
        together.wait()
        exchange.answer(200, b"{}")

    server.routes["*"] = answer
    found = schemas(at_once=4)
    found.prepare([f"http://stac.example/{number}.json" for number in range(4)])
    assert [told(found, f"http://stac.example/{number}.json") for number in range(4)] == [[], [], [], []]
    assert (found.used, server.peak) == (4, 4)


def test_offline_nobody_is_asked(server: Loopback, schemas: Callable[..., Schemas], tmp_path: Path) -> None:
    empty = schemas(offline=True)
    assert (told(empty), empty.skipped, server.seen) == ([], {MAIN: 1}, [])
    assert "offline" in empty.reasons[MAIN]
    assert not (tmp_path / "cache").exists()
    told(schemas())
    full = schemas(offline=True)
    assert (told(full), full.stale, len(server.seen)) == (["/x"], (), 3)
    old = schemas(AT_ONCE, offline=True)
    assert (told(old), len(old.stale), len(server.seen)) == (["/x"], 3, 3)


def test_a_cache_that_is_damaged_is_fetched_again(
    server: Loopback, schemas: Callable[..., Schemas], tmp_path: Path
) -> None:
    told(schemas())
    for number, path in enumerate(sorted((tmp_path / "cache").iterdir())):
        path.write_bytes([b"[" * 100_000, b"[]", b'{"schema": 3, "confirmed": "2026"}'][number])
    assert (told(schemas()), len(server.seen)) == (["/x"], 6)
    assert told(schemas()) == ["/x"]
    assert len(server.seen) == 6


def test_a_cache_that_cannot_be_written_is_done_without(schemas: Callable[..., Schemas], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder", encoding="utf-8")
    assert told(schemas()) == ["/x"]


def test_several_validations_share_a_cache(server: Loopback, schemas: Callable[..., Schemas], tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: told(schemas(AT_ONCE)), range(24)))
    assert found == [["/x"]] * 24
    assert len(list((tmp_path / "cache").iterdir())) == 3
    assert len(server.seen) == 24 * 3

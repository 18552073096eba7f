"""Schemas fetched from a real server into a cache: once a day, several at once, and never a silent pass."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from certificates import certified
from loopback import NOBODY, Exchange, Loopback, Route, reply, serving

from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schema_cache import CacheLimits, cache_folder
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.models.catalog_finding import CatalogReport
from earthcode_platform.web.asking import Web
from earthcode_platform.web.failures import Cause, NoAnswerError
from earthcode_platform.web.proxies import Proxies
from earthcode_platform.web.reach import Reach

MAIN = "http://stac.example/x/schema.json"
OTHER = "http://other.example/y.json"
HOSTS = frozenset({"stac.example", "other.example", "gone.example"})
AT_ONCE = timedelta(0)


def versioned(schema: object) -> Route:
    """A schema that says its version, and 304 to whom has it."""
    body = json.dumps(schema).encode()
    tag = f'"{len(body)}"'

    def answer(exchange: Exchange) -> None:
        if exchange.seen.headers.get("if-none-match") == tag:
            exchange.answer(304, ETag=tag)
        else:
            exchange.answer(200, body, ETag=tag, Content_Type="application/json")

    return answer


@pytest.fixture
def server() -> Iterator[Loopback]:
    main = {"properties": {"x": {"$ref": "part.json#/definitions/x"}, "y": {"$ref": OTHER}}}
    part = {"definitions": {"x": {"type": "string"}}}
    routes = {
        "stac.example/x/schema.json": versioned(main),
        "stac.example/x/part.json": versioned(part),
        "other.example/y.json": versioned({"type": "number"}),
    }
    with serving(routes) as running:
        yield running


@pytest.fixture
def schemas(server: Loopback, tmp_path: Path) -> Iterator[Callable[..., Schemas]]:
    """Schemas fetched through a resolver to which every host is the server, but `gone.example` is nowhere."""

    def resolver(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
        assert (port, seconds > 0) == (80, True)
        if host == "gone.example":
            raise NoAnswerError.of(Cause.NAME, host)
        return [("127.0.0.1", server.port)]

    with Web(Reach(HOSTS, resolver), proxies=Proxies(), trust=NOBODY) as web:

        def made(fresh: timedelta = timedelta(hours=1), *, offline: bool = False, **limits: float) -> Schemas:
            held = CacheLimits(fresh=fresh, **limits)  # type: ignore[arg-type] # all that tests pass are numbers
            return Schemas.fetched(tmp_path / "cache", offline=offline, web=web, limits=held)

        yield made


def told(schemas: Schemas, url: str = MAIN, document: object = None) -> list[str]:
    named = {"stac_extensions": [url], "x": 1, "y": 2} if document is None else document
    assert isinstance(named, dict)
    return [fault.pointer for fault in schemas.faults(url, named)]


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
        path.write_bytes([b"", b"[]", b'{"schema": 3, "confirmed": "2026"}'][number])
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


def test_the_report_names_what_was_skipped_and_what_is_stale(embedded: Catalog, tmp_path: Path) -> None:
    hosts = ["esa-earthcode.github.io", "stac-extensions.github.io", "schemas.stacspec.org"]
    trusted, client = certified(tmp_path, hosts)
    down: set[str] = {"schemas.stacspec.org"}

    with serving({"*": reply(200, b"{}")}, trusted) as server:

        def resolver(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
            assert (port, seconds > 0) == (443, True)
            if host in down:
                raise NoAnswerError.of(Cause.NAME, host)
            return [("127.0.0.1", server.port)]

        def report() -> CatalogReport:
            with Web(Reach(frozenset(hosts), resolver), proxies=Proxies(), trust=client) as web:
                schemas = Schemas.fetched(tmp_path / "cache", web=web, limits=CacheLimits(fresh=AT_ONCE))
                return validate(embedded, schemas=schemas)

        first = report()
        assert (first.valid, first.schemas > 10, first.unchecked, first.stale) == (True, True, 16, ())
        assert {one.reason for one in first.skipped} == {"the name of its host is not known"}
        assert {one.schema_url.split("/")[2] for one in first.skipped} == down
        down.add("stac-extensions.github.io")
        second = report()
        assert (second.schemas, second.skipped) == (first.schemas, first.skipped)
        assert {one.schema_url.split("/")[2] for one in second.stale} == {"stac-extensions.github.io"}


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path / "c")}) == tmp_path / "c/earthcode-platform/schemas"
    assert cache_folder({"XDG_CACHE_HOME": "relative"}) == tmp_path / ".cache/earthcode-platform/schemas"
    assert cache_folder({}) == tmp_path / ".cache/earthcode-platform/schemas"


def test_a_full_cache_needs_no_client(schemas: Callable[..., Schemas], tmp_path: Path) -> None:
    told(schemas())
    code = (
        "import sys\nfrom pathlib import Path\nfrom earthcode_platform.catalog.validate.schemas import Schemas\n"
        f"schemas = Schemas.fetched(Path({str(tmp_path / 'cache')!r}))\nschemas.prepare([{MAIN!r}])\n"
        f"print([fault.pointer for fault in schemas.faults({MAIN!r}, {{'x': 1}})])\n"
        "print([name for name in ('httpx', 'httpcore', 'ssl') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["['/x']", "[]"]


def test_a_private_server_is_asked_if_it_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with serving({"/x.json": versioned({"properties": {"x": {"const": 2}}})}) as server:
        url = server.url("/x.json")
        refused, asked = (Schemas.fetched(tmp_path, allowed=frozenset(names)) for names in ((), (server.name,)))
        assert (told(refused, url), refused.skipped, server.seen) == ([], {url: 1}, [])
        assert "not on the public internet" in refused.reasons[url]
        assert (told(asked, url), asked.used) == (["/x"], 1)

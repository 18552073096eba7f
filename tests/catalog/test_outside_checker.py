"""External links against a real server that misbehaves: what is said of them."""

from collections.abc import Iterator, Sequence

import pytest
from loopback import NOBODY, Exchange, Loopback, Route, reply, serving
from outside_web import check, web_to

from earthcode_platform.catalog.outside.checker import LinkChecker
from earthcode_platform.models.link_outcome import LinkOutcome, LinkState
from earthcode_platform.web.asking import AGENT, Web
from earthcode_platform.web.failures import Cause, NoAnswerError
from earthcode_platform.web.proxies import Proxies
from earthcode_platform.web.reach import Reach


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving({}) as running:
        yield running


@pytest.fixture
def web(server: Loopback) -> Iterator[Web]:
    with web_to(server) as opened:
        yield opened


def get_only(exchange: Exchange) -> None:
    exchange.answer(200 if exchange.seen.method == "GET" else 404, b"body")


def head_hangs(exchange: Exchange) -> None:
    if exchange.seen.method == "HEAD":
        exchange.hang()
    else:
        exchange.answer(206, b"b")


def by_letters(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nX: ")
    exchange.drip(b"a", 0.02)


def body_by_letters(exchange: Exchange) -> None:
    if exchange.seen.method == "HEAD":
        exchange.answer(405)
    else:
        exchange.raw(b"HTTP/1.1 200 OK\r\n\r\n")
        exchange.drip(b"a", 0.02)


def endless(exchange: Exchange) -> None:
    if exchange.seen.method == "HEAD":
        exchange.answer(501)
    else:
        exchange.raw(b"HTTP/1.1 200 OK\r\n\r\n")
        exchange.drip(b"x" * 65_536, 0.0)


def garbage(exchange: Exchange) -> None:
    exchange.raw(b"220 smtp.example ready\r\n\r\n")
    exchange.closing = True


def long_header(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n")
    exchange.closing = True


def old_server(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.0 200 OK\r\n\r\n")
    exchange.closing = True


def wrong_length(exchange: Exchange) -> None:
    if exchange.seen.method == "HEAD":
        exchange.answer(405)
    else:
        exchange.answer(200, b"abc", length=1_000_000)


def first_time_cut(exchange: Exchange) -> None:
    if len(exchange.server.seen) == 1:
        exchange.reset()
    else:
        exchange.answer(200)


def cookie_wall(exchange: Exchange) -> None:
    exchange.answer(302, Location="/x", Set_Cookie="a=b")


@pytest.mark.parametrize(
    ("route", "expected", "reason"),
    [
        (reply(200), (LinkState.ALIVE, 200, 1), ""),
        (reply(204), (LinkState.ALIVE, 204, 1), ""),
        (get_only, (LinkState.ALIVE, 200, 2), ""),
        (head_hangs, (LinkState.ALIVE, 206, 2), ""),
        (old_server, (LinkState.ALIVE, 200, 1), ""),
        (wrong_length, (LinkState.ALIVE, 200, 2), ""),
        (body_by_letters, (LinkState.ALIVE, 200, 2), ""),
        (endless, (LinkState.ALIVE, 200, 2), ""),
        (first_time_cut, (LinkState.ALIVE, 200, 2), ""),
        (reply(416), (LinkState.ALIVE, 416, 1), ""),
        (reply(404), (LinkState.BROKEN, 404, 2), "it answers 404 Not Found"),
        (reply(410), (LinkState.BROKEN, 410, 2), "it answers 410 Gone"),
        (reply(401), (LinkState.UNKNOWN, 401, 2), "it answers 401 Unauthorized"),
        (reply(403), (LinkState.UNKNOWN, 403, 2), "it answers 403 Forbidden"),
        (reply(500), (LinkState.UNKNOWN, 500, 2), "it answers 500 Internal Server Error"),
        (reply(799), (LinkState.UNKNOWN, 799, 2), "it answers 799"),
        (reply(301, Location="/x"), (LinkState.BROKEN, 301, 1), "it redirects in a circle"),
        (cookie_wall, (LinkState.UNKNOWN, 302, 1), "it redirects in a circle to whom keeps no cookies"),
        (reply(302), (LinkState.BROKEN, 302, 1), "it redirects (302) to nowhere"),
        (reply(302, Location="http://[x"), (LinkState.REFUSED, 302, 1), "it redirects to http://[x: it cannot be read"),
        (reply(302, Location="file:///etc/passwd"), (LinkState.REFUSED, 302, 1), "it redirects to file:///etc/passwd"),
        (reply(302, Location="http://169.254.169.254/"), (LinkState.REFUSED, 302, 1), "it redirects to http://169.254"),
        (reply(302, Location="http://127.0.0.1:1/"), (LinkState.REFUSED, 302, 1), "it redirects to http://127.0.0.1:1"),
        (Exchange.reset, (LinkState.UNKNOWN, None, 2), "the connection was cut"),
        (Exchange.hang, (LinkState.UNKNOWN, None, 2), "no answer in time"),
        (by_letters, (LinkState.UNKNOWN, None, 2), "no answer in time"),
        (garbage, (LinkState.UNKNOWN, None, 2), "an answer that is no HTTP"),
        (long_header, (LinkState.UNKNOWN, None, 2), "an answer that is no HTTP"),
    ],
)
def test_what_is_said_of_one_address(
    web: Web, server: Loopback, route: Route, expected: tuple[LinkState, int | None, int], reason: str
) -> None:
    server.routes["/x"] = route
    (found,) = check(web, "http://a.example/x", seconds_per_request=0.3)
    assert (found.state, found.status, found.requests) == expected
    assert found.reason.startswith(reason)
    assert bool(found.reason) is bool(reason)
    assert len(server.seen) == found.requests


def test_requests_are_polite_and_small(web: Web, server: Loopback) -> None:
    server.routes["/x"] = get_only
    check(web, "http://me:hunter2@a.example/x")
    head, get = server.seen
    assert (head.method, get.method, get.headers["range"]) == ("HEAD", "GET", "bytes=0-0")
    assert {one.headers["user-agent"] for one in server.seen} == {AGENT}
    assert {one.headers["accept-encoding"] for one in server.seen} == {"identity"}
    assert all("authorization" not in one.headers and "cookie" not in one.headers for one in server.seen)


@pytest.mark.parametrize(
    ("hops", "state", "final"),
    [
        ([301, 308], LinkState.MOVED, "http://a.example/2"),
        ([302, 301], LinkState.ALIVE, "http://a.example/2"),
        ([301, 302], LinkState.MOVED, "http://a.example/1"),
        ([303], LinkState.ALIVE, "http://a.example/1"),
        ([307] * 10, LinkState.ALIVE, "http://a.example/10"),
        ([302] * 11, LinkState.BROKEN, "http://a.example/11"),
    ],
)
def test_where_redirects_lead(web: Web, server: Loopback, hops: list[int], state: LinkState, final: str) -> None:
    server.routes |= {f"/{number}": reply(hop, Location=f"/{number + 1}") for number, hop in enumerate(hops)}
    server.routes[f"/{len(hops)}"] = reply(200)
    (found,) = check(web, "http://a.example/0")
    assert (found.state, found.final) == (state, final)


def test_a_moved_address_keeps_its_fragment(web: Web, server: Loopback) -> None:
    server.routes |= {"/old": reply(301, Location="/new"), "/new": reply(200)}
    found = check(web, "http://a.example/old#two", "http://a.example/old", "http://me:hunter2@a.example/old")
    assert [one.final for one in found] == ["http://a.example/new#two", *["http://a.example/new"] * 2]
    assert [one.requests for one in found] == [2, 0, 0]
    assert [one.url for one in found] == [f"http://a.example/old{mark}" for mark in ("#two", "", "")]
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.example/", "s3://bucket/x", "http://", "http://[x", "http://127.0.0.1/", "http://0x7f.1/", "\ud800"],
)
def test_what_is_not_asked(web: Web, server: Loopback, url: str) -> None:
    server.routes["*"] = reply(200)
    bad, good = check(web, url, "http://a.example/")
    assert (bad.state, bad.status, bad.requests) == (LinkState.REFUSED, None, 0)
    assert (good.state, len(server.seen)) == (LinkState.ALIVE, 1)


def test_a_name_nobody_knows_is_broken_only_if_others_are_known(web: Web, server: Loopback) -> None:
    server.routes["*"] = reply(200)
    urls = ["http://nowhere.example/1", "http://nowhere.example/2"]
    alone = check(web, *urls)
    assert [(one.state, one.requests) for one in alone] == [(LinkState.UNKNOWN, 0)] * 2
    *among, _ = check(web, *urls, "http://a.example/")
    assert [(one.state, one.requests) for one in among] == [(LinkState.BROKEN, 0)] * 2


def test_without_a_network_it_ends_at_once_but_for_numeric_hosts(server: Loopback) -> None:
    asked: list[str] = []
    server.routes["*"] = reply(200)

    def resolver(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
        asked.append(f"{host} within {seconds}")
        if host == "127.0.0.1":
            return [(host, port)]
        raise NoAnswerError.of(Cause.NAME, host)

    urls = [f"https://{number}.example/{path}" for number in range(100) for path in "abc"]
    with Web(Reach(frozenset({server.name}), resolver), proxies=Proxies(), trust=NOBODY) as web:
        *found, numeric = LinkChecker(web=web).check([*urls, server.url("/")])
    assert {one.state for one in found} == {LinkState.UNKNOWN}
    assert len(asked) < 40
    assert "as without a network" in found[-1].reason
    assert numeric.state is LinkState.ALIVE


def test_an_international_name(web: Web, server: Loopback) -> None:
    server.routes["*"] = reply(200)
    (found,) = check(web, "http://münchen.example/straße")
    assert (found.state, found.url) == (LinkState.ALIVE, "http://münchen.example/straße")
    assert (server.seen[0].host, server.seen[0].target) == ("xn--mnchen-3ya.example", "/stra%C3%9Fe")


def states(found: Sequence[LinkOutcome]) -> list[str]:
    return [one.state.value for one in found]


def test_one_strange_address_stops_nothing(web: Web, server: Loopback) -> None:
    server.routes["*"] = reply(200)
    strange = ["http://a.example/%zz%00", "http://a.example/" + "é" * 500, "http://a.example:70000/", "http://a b/"]
    found = check(web, *strange, "http://odd.example/", "http://b.example/")
    assert states(found) == ["alive", "alive", "refused", "refused", "unknown", "alive"]

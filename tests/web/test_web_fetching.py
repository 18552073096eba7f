"""Documents from a real server that misbehaves: limits of size, time and redirects; versions; certificates."""

import gzip
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import certified
from loopback import NOBODY, Exchange, Loopback, Route, reply, serving

from earthcode_platform.errors import EarthCodeError
from earthcode_platform.web.asking import AGENT, Web
from earthcode_platform.web.failures import (
    Cause,
    ForbiddenAddressError,
    MissingPageError,
    NoAnswerError,
    UnusableAnswerError,
)
from earthcode_platform.web.fetching import Answer, FetchLimits, Validators, fetch
from earthcode_platform.web.proxies import Proxies
from earthcode_platform.web.reach import Reach


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving({}) as running:
        yield running


@pytest.fixture
def web(server: Loopback) -> Iterator[Web]:
    with Web(Reach(frozenset({server.name})), proxies=Proxies(), trust=NOBODY) as opened:
        yield opened


def get(web: Web, server: Loopback, route: Route, **limits: float) -> Answer:
    server.routes["/x"] = route
    # Numbers of bytes and of redirects are whole; seconds need not be.
    held = {name: value if name == "seconds" else int(value) for name, value in limits.items()}
    return fetch(web, server.url("/x"), FetchLimits(**({"seconds": 5.0} | held)))  # type: ignore[arg-type] # numbers all


def test_a_document_and_its_version(web: Web, server: Loopback) -> None:
    found = get(web, server, reply(200, b"{}", Content_Type="Application/JSON; charset=utf-8", ETag='"1"'))
    assert found == Answer(server.url("/x"), b"{}", "application/json", Validators('"1"'))
    assert server.seen[0].headers["user-agent"] == AGENT
    assert server.seen[0].headers["host"] == server.name


def test_it_comes_again_only_if_it_changed(web: Web, server: Loopback) -> None:
    def versioned(exchange: Exchange) -> None:
        known = exchange.seen.headers.get("if-none-match") == '"1"'
        exchange.answer(304 if known else 200, b"" if known else b"{}", ETag='"1"', Last_Modified="then")

    first = get(web, server, versioned)
    again = fetch(web, server.url("/x"), validators=first.validators)
    assert (first.content, again.content, again.validators) == (b"{}", None, Validators('"1"', "then"))
    assert server.seen[1].headers["if-modified-since"] == "then"


@pytest.mark.parametrize("tag", ['"é"'.encode(), '"é"'.encode("latin-1")])
def test_a_version_that_is_no_ascii_is_asked_for_all_the_same(web: Web, server: Loopback, tag: bytes) -> None:
    def tagged(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nETag: " + tag + b"\r\n\r\n{}")

    first = get(web, server, tagged)
    assert fetch(web, server.url("/x"), validators=first.validators).content == b"{}"
    assert len(server.seen) == 2


def test_userinfo_is_neither_sent_nor_told(web: Web, server: Loopback) -> None:
    with pytest.raises(MissingPageError) as caught:
        fetch(web, f"http://me:hunter2@{server.name}/nothing")
    assert "hunter2" not in str(caught.value)
    assert "authorization" not in server.seen[0].headers


def test_redirects_are_followed_and_checked(web: Web, server: Loopback) -> None:
    server.routes["/there"] = reply(200, b"found")
    assert get(web, server, reply(302, Location="/there")).url == server.url("/there")
    for location in ("http://127.0.0.2/", "http://localhost:1/", "http://169.254.169.254/", "file:///etc/passwd"):
        with pytest.raises(ForbiddenAddressError):
            get(web, server, reply(302, Location=location))
    with pytest.raises(UnusableAnswerError, match="more than 5 times"):
        get(web, server, reply(301, Location="/x"))
    assert len(server.asked("/x")) == 1 + 4 + 6
    with pytest.raises(UnusableAnswerError, match="to nowhere"):
        get(web, server, reply(301))


@pytest.mark.parametrize(("status", "kind"), [(404, MissingPageError), (410, MissingPageError), (503, NoAnswerError)])
def test_other_answers(web: Web, server: Loopback, status: int, kind: type[EarthCodeError]) -> None:
    with pytest.raises(kind, match=str(status)):
        get(web, server, reply(status))


def test_a_document_in_gzip(web: Web, server: Loopback) -> None:
    packed = gzip.compress(b"x" * 300_000)
    assert get(web, server, reply(200, packed, Content_Encoding="gzip")).content == b"x" * 300_000
    with pytest.raises(NoAnswerError, match="damaged"):
        get(web, server, reply(200, b"no gzip at all", Content_Encoding="gzip"))
    with pytest.raises(NoAnswerError, match="too early"):
        get(web, server, reply(200, packed[:-20], Content_Encoding="gzip"))
    with pytest.raises(UnusableAnswerError, match="'br'"):
        get(web, server, reply(200, b"x", Content_Encoding="br"))


def test_a_bomb_is_not_unpacked(web: Web, server: Loopback) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    assert len(bomb) < 12_000
    with pytest.raises(UnusableAnswerError, match="more than 100000 bytes"):
        get(web, server, reply(200, bomb, Content_Encoding="gzip"), size=100_000)


def test_a_body_without_end(web: Web, server: Loopback) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\n\r\n")
        exchange.drip(b"x" * 10_000, 0.0)

    with pytest.raises(UnusableAnswerError, match="more than 100000 bytes"):
        get(web, server, endless, size=100_000)


def head_by_letters(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    exchange.drip(b"a", 0.02)


def body_by_letters(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    exchange.drip(b"a", 0.02)


@pytest.mark.parametrize("route", [head_by_letters, body_by_letters, Exchange.hang])
def test_the_time_is_that_of_the_whole(web: Web, server: Loopback, route: Route) -> None:
    began = time.monotonic()
    with pytest.raises(NoAnswerError) as caught:
        get(web, server, route, seconds=0.3)
    assert caught.value.cause is Cause.TIME
    assert 0.25 < time.monotonic() - began < 1.5


def long_header(exchange: Exchange) -> None:
    exchange.raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 300_000 + b"\r\n\r\n")
    exchange.closing = True


def garbage(exchange: Exchange) -> None:
    exchange.raw(b"SSH-2.0-OpenSSH_9.0\r\n\r\n")
    exchange.closing = True


def short_body(exchange: Exchange) -> None:
    exchange.answer(200, b"abc", length=10)


@pytest.mark.parametrize(
    ("route", "cause", "requests"),
    [
        (long_header, Cause.GARBLED, 1),
        (garbage, Cause.GARBLED, 1),
        (short_body, Cause.CUT, 2),
        (Exchange.reset, Cause.CUT, 2),
    ],
)
def test_answers_that_are_none(web: Web, server: Loopback, route: Route, cause: Cause, requests: int) -> None:
    with pytest.raises(NoAnswerError) as caught:
        get(web, server, route)
    assert (caught.value.cause, len(server.seen)) == (cause, requests)


def test_a_body_that_ends_with_the_connection(web: Web, server: Loopback) -> None:
    def old(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.0 200 OK\r\n\r\nas long as it takes")
        exchange.closing = True

    assert get(web, server, old).content == b"as long as it takes"


def test_only_the_media_types_that_are_wanted(web: Web, server: Loopback) -> None:
    server.routes["/page"] = reply(200, b"<html>", Content_Type="text/html")
    server.routes["/plain"] = reply(200, b"{}")
    wanted = FetchLimits(media=("application/*json", "text/plain"))
    with pytest.raises(UnusableAnswerError, match="text/html"):
        fetch(web, server.url("/page"), wanted)
    assert fetch(web, server.url("/plain"), wanted).content == b"{}"


def test_nobody_listens() -> None:
    with Web(Reach(frozenset({"127.0.0.1"})), proxies=Proxies()) as web, pytest.raises(NoAnswerError) as caught:
        fetch(web, "http://127.0.0.1:9/")
    assert caught.value.cause is Cause.CONNECT


def test_the_connection_goes_where_the_check_went_and_the_certificate_is_that_of_the_name(tmp_path: Path) -> None:
    trusted, client = certified(tmp_path, ["data.example", "xn--mnchen-3ya.example"])
    with serving({"*": reply(200, b"safe")}, trusted) as server:
        asked: list[str] = []

        def resolver(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
            asked.append(f"{host}:{port} within {seconds:.0f}")
            return [("127.0.0.1", server.port)]

        names = frozenset({"data.example", "xn--mnchen-3ya.example", "other.example"})
        with Web(Reach(names, resolver), proxies=Proxies(), trust=client) as web:
            assert fetch(web, "https://data.example/x").content == b"safe"
            assert fetch(web, "https://münchen.example/x").content == b"safe"
            with pytest.raises(NoAnswerError, match="certificate") as caught:
                fetch(web, "https://other.example/x")
        assert caught.value.cause is Cause.CERTIFICATE
        assert [one.host for one in server.seen] == ["data.example", "xn--mnchen-3ya.example"]
        assert [one.partition(" ")[0] for one in asked] == [
            f"{name}:443" for name in sorted(names - {"other.example"})
        ] + ["other.example:443"]
        with Web(Reach(names, resolver), proxies=Proxies()) as web, pytest.raises(NoAnswerError, match="certificate"):
            fetch(web, "https://data.example/x")


def test_a_system_without_certificates_gets_those_that_python_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = ssl.get_default_verify_paths()._replace(cafile=None, capath=None)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    loaded: list[object] = []
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda _, path: loaded.append(path))
    with Web(proxies=Proxies()) as web:
        web.prepare()
    assert [Path(str(path)).is_file() for path in loaded] == [True]

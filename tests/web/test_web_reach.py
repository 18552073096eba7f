"""Which hosts are asked: every address they resolve to is public, or the host is allowed by name."""

import socket
from collections.abc import Sequence

import pytest

from earthcode_platform.web.addresses import read_address
from earthcode_platform.web.failures import Cause, ForbiddenAddressError, NoAnswerError
from earthcode_platform.web.reach import Reach, resolve


def resolver(*ips: str) -> "tuple[list[str], Reach]":
    asked: list[str] = []

    def found(host: str, port: int, seconds: float) -> Sequence[tuple[str, int]]:
        assert seconds > 0
        asked.append(host)
        return [(ip, port) for ip in ips]

    return asked, Reach(frozenset({"data.example", "other.example:81"}), found)


def test_one_private_address_among_many_is_enough() -> None:
    _, reach = resolver("8.8.8.8", "10.0.0.1")
    with pytest.raises(ForbiddenAddressError, match="not on the public internet"):
        reach.places("example.org", 443, 1)


def test_a_resolver_that_finds_nothing() -> None:
    _, reach = resolver()
    with pytest.raises(NoAnswerError):
        reach.places("example.org", 443, 1)


def test_a_host_is_looked_up_once() -> None:
    asked, reach = resolver("8.8.8.8")
    assert reach.places("example.org", 443, 1) == reach.places("example.org", 443, 1) == [("8.8.8.8", 443)]
    assert asked == ["example.org"]


def test_hosts_that_are_allowed_by_name() -> None:
    _, reach = resolver("127.0.0.1")
    assert reach.places("data.example", 80, 1) == [("127.0.0.1", 80)]
    assert reach.places("other.example", 81, 1) == [("127.0.0.1", 81)]
    for host, port in (("other.example", 80), ("x.data.example", 80)):
        with pytest.raises(ForbiddenAddressError):
            reach.places(host, port, 1)


def test_capitals_make_no_difference() -> None:
    reach = Reach(frozenset({"Data.Example:8080"}), lambda host, port, _: [("127.0.0.1", port)] if host else [])
    assert reach.places("data.example", 8080, 1) == [("127.0.0.1", 8080)]


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "::1", "169.254.169.254"])
def test_the_real_resolver_reads_every_spelling_and_it_is_refused(host: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        Reach().places(host, 80, 1)


def test_names_that_are_not_known_and_resolvers_that_do_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoAnswerError) as caught:
        resolve("x" * 64 + ".example", 80, 1)
    assert caught.value.cause is Cause.NAME

    def fails(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "again")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(NoAnswerError) as caught:
        resolve("example.org", 80, 1)
    assert caught.value.cause is Cause.LOOKUP


@pytest.mark.parametrize(
    "url", ["http://localhost/", "http://0x7f.1/", "http://192.168.0.1/", "http://printer/", "http://[::1]/"]
)
def test_what_a_proxy_is_not_asked_for(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        Reach().check_name(read_address(url))


def test_what_a_proxy_is_asked_for() -> None:
    Reach().check_name(read_address("https://example.org/"))
    Reach(frozenset({"printer"})).check_name(read_address("http://printer/"))

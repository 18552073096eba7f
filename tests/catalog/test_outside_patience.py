"""External links against a real server: how often it is asked, how fast, and how long it is waited for."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from loopback import Exchange, Loopback, reply, serving
from outside_web import QUICK, check, web_to

from earthcode_platform.catalog.outside.checker import LinkChecker
from earthcode_platform.catalog.outside.hosts import seconds_to_wait
from earthcode_platform.models.link_outcome import LinkState
from earthcode_platform.web.asking import Web


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


def test_a_host_that_refuses_head_is_asked_no_more_for_it(web: Web, server: Loopback) -> None:
    server.routes["*"] = get_only
    found = check(web, *(f"http://a.example/{number}" for number in range(6)), at_once=1)
    assert [one.requests for one in found] == [2, 1, 1, 1, 1, 1]


def test_a_connection_is_used_again(web: Web, server: Loopback) -> None:
    server.routes |= {"*": reply(200), "/0": reply(302, Location="/7")}
    check(web, *(f"http://a.example/{number}" for number in range(6)), at_once=1)
    assert (len(server.seen), server.connections) == (7, 1)


def test_a_host_that_does_not_answer_is_left_alone(web: Web, server: Loopback) -> None:
    server.routes |= {"*": Exchange.hang, "b.example/x": reply(200)}
    urls = [*(f"http://a.example/{number}" for number in range(30)), "http://b.example/x"]
    found = check(web, *urls, seconds_per_request=0.1, failures_of_host=3)
    assert {one.state for one in found[:-1]} == {LinkState.UNKNOWN}
    assert found[-1].state is LinkState.ALIVE
    assert "did not answer 3 times in a row" in found[29].reason
    assert len(server.seen) <= 3 + 1 + 1


def distances(server: Loopback, host: str) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(one for one in server.seen if one.host == host)]


def test_a_host_is_asked_at_its_pace_and_others_do_not_wait(web: Web, server: Loopback) -> None:
    server.routes["*"] = reply(200)
    busy = [f"http://a.example/{number}" for number in range(8)]
    others = [f"http://{letter}.example/{number}" for letter in "bcd" for number in range(2)]
    check(web, *busy, *others, per_host_seconds=0.1)
    assert min(distances(server, "a.example")) >= 0.1
    assert {one.host for one in server.seen[-4:]} == {"a.example"}


@pytest.mark.parametrize(("hosts", "expected"), [("abcdefgh", 5), ("ab", 2)])
def test_so_many_at_once_and_no_more(web: Web, server: Loopback, hosts: str, expected: int) -> None:
    def slow(exchange: Exchange) -> None:
        time.sleep(0.05)
        exchange.answer(200)

    server.routes["*"] = slow
    check(web, *(f"http://{letter}.example/{n}" for letter in hosts for n in range(5)), at_once=5)
    assert server.peak == expected
    assert set(server.peaks.values()) == {1}


def test_hosts_that_ask_to_wait_are_waited_for_and_others_go_on(web: Web, server: Loopback) -> None:
    def busy(exchange: Exchange) -> None:
        # A date has whole seconds: the next but one is at least one second away.
        moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        told = {"a.example": (429, "1"), "b.example": (503, moment)}[exchange.seen.host]
        first = [one.host for one in server.seen].count(exchange.seen.host) == 1
        exchange.answer(told[0] if first else 200, **({"Retry_After": told[1]} if first else {}))

    server.routes |= {"/busy": busy, "*": reply(200)}
    waiting = [f"http://{letter}.example/{path}" for letter in "ab" for path in ("busy", "then")]
    found = check(web, *waiting, *(f"http://c.example/{n}" for n in range(5)))
    assert {one.state for one in found} == {LinkState.ALIVE}
    assert [one.requests for one in found] == [2, 1, 2, 1, 1, 1, 1, 1, 1]
    assert distances(server, "a.example")[0] > 0.8
    assert distances(server, "b.example")[0] > 0.8
    assert {one.host for one in server.seen[:7]} == {"a.example", "b.example", "c.example"}
    assert {one.host for one in server.seen[7:]} == {"a.example", "b.example"}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("120", 120.0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Thursday, 01-Jan-26 00:01:00 GMT", 60.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("1 Jan 99999999999999999999 00:00 GMT", None),
        (f"Thu, 01 Jan 2026 00:00:00 +{'9' * 30}", None),
        *((odd, None) for odd in ("", "soon", "-1", "1.5", "Thu, 99 Jan 2026 00:00:00 GMT", "\u0661")),
    ],
)
def test_what_retry_after_means(field: str, expected: float | None) -> None:
    assert seconds_to_wait(field, datetime(2026, 1, 1, tzinfo=UTC)) == expected


@pytest.mark.parametrize("header", [{"Retry_After": "3600"}, {"Retry_After": "999999999999999"}, {}])
def test_a_host_that_asks_for_too_much_is_left_alone(web: Web, server: Loopback, header: dict[str, str]) -> None:
    server.routes["*"] = reply(429, **header)
    began = time.monotonic()
    found = check(web, *(f"http://a.example/{n}" for n in range(9)), longest_pause=0, per_host_seconds=0.01)
    assert {one.state for one in found} == {LinkState.UNKNOWN}
    assert all("answers 429 and asks to wait" in one.reason for one in found)
    assert len(server.seen) <= 2
    assert time.monotonic() - began < 2


def test_a_host_that_says_wait_a_moment_for_ever(web: Web, server: Loopback) -> None:
    server.routes["*"] = reply(429, Retry_After="0")
    (found,) = check(web, "http://a.example/x")
    assert (found.state, found.status, len(server.seen)) == (LinkState.UNKNOWN, 429, 5)


def test_what_is_not_reached_in_time_is_unknown(web: Web, server: Loopback) -> None:
    server.routes["*"] = reply(200)
    began = time.monotonic()
    found = check(web, *(f"http://a.example/{n}" for n in range(9)), per_host_seconds=0.2, total_seconds=0.5)
    assert time.monotonic() - began < 2
    late = [one for one in found if one.state is LinkState.UNKNOWN]
    assert 5 <= len(late) <= 8
    assert {(one.reason, one.requests) for one in late} == {("it was not reached in time", 0)}


def test_progress_is_told_up_to_the_last(web: Web, server: Loopback) -> None:
    server.routes["*"] = reply(200)
    told: list[tuple[int, int]] = []
    urls = [f"http://a.example/{n}" for n in range(5)]
    LinkChecker(limits=QUICK, web=web).check([*urls, *urls, "ftp://x.example/"], lambda *both: told.append(both))
    assert told == [(n, 5) for n in range(1, 6)]
    assert LinkChecker(limits=QUICK, web=web).check([]) == ()

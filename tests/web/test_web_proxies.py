"""Proxies of the environment: which addresses go through which, and that a real one is used."""

import pytest
from loopback import Exchange, serving

from earthcode_platform.web.addresses import read_address
from earthcode_platform.web.asking import Web
from earthcode_platform.web.failures import Cause, ForbiddenAddressError, NoAnswerError
from earthcode_platform.web.fetching import fetch
from earthcode_platform.web.proxies import Proxies


@pytest.mark.parametrize(
    ("environment", "url", "expected"),
    [
        ({}, "https://example.org/", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "https://example.org/", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://example.org/", ""),
        ({"https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:1"}, "https://example.org/", "http://low:1"),
        ({"ALL_PROXY": "http://all:1"}, "http://example.org/", "http://all:1"),
        ({"HTTP_PROXY": "http://p:1"}, "http://example.org/", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, "http://example.org/", ""),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, "http://example.org/", ""),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "a.org, .example.org"}, "http://x.example.org/", ""),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "example.org:81"}, "http://example.org:81/", ""),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "example.org:81"}, "http://example.org/", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "example.org"}, "http://notexample.org/", "http://p:1"),
    ],
)
def test_which_proxy_is_taken(environment: dict[str, str], url: str, expected: str) -> None:
    assert Proxies.of(environment).proxy_of(read_address(url)) == expected


def test_credentials_of_a_proxy_are_sent_and_not_shown() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.answer(200, b"through the proxy")

    with serving({"*": answer}) as proxy:
        proxies = Proxies(http=f"http://me:hunter2@{proxy.name}")
        with Web(proxies=proxies) as web:
            found = fetch(web, "http://data.example/x")
        assert (found.content, proxy.seen[0].target) == (b"through the proxy", "http://data.example/x")
        assert proxy.seen[0].headers["proxy-authorization"] == "Basic bWU6aHVudGVyMg=="
        assert "hunter2" not in repr(proxies) + repr(web)


def test_a_proxy_is_not_asked_for_local_addresses() -> None:
    with serving({}) as proxy, Web(proxies=Proxies(http=f"http://{proxy.name}")) as web:
        with pytest.raises(ForbiddenAddressError):
            fetch(web, "http://169.254.169.254/latest/meta-data")
        assert proxy.seen == []


@pytest.mark.parametrize("named", ["socks5://me:hunter2@127.0.0.1:1", "http://[x", "ftp://127.0.0.1"])
def test_a_proxy_that_is_none(named: str) -> None:
    with Web(proxies=Proxies(https=named)) as web, pytest.raises(NoAnswerError) as caught:
        fetch(web, "https://data.example/x")
    assert caught.value.cause is Cause.PROXY
    assert "hunter2" not in str(caught.value)


def test_a_proxy_that_refuses() -> None:
    def refuse(exchange: Exchange) -> None:
        exchange.answer(403)

    with serving({"*": refuse}) as proxy, Web(proxies=Proxies(https=f"http://{proxy.name}")) as web:
        with pytest.raises(NoAnswerError) as caught:
            fetch(web, "https://data.example/x")
        assert (caught.value.cause, proxy.asked()) == (Cause.PROXY, [("CONNECT", "data.example:443")])

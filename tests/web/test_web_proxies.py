"""Proxies of the environment: which addresses go through which, and that a real one is used."""

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from certificates import certified
from loopback import Exchange, Route, reply, serving

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


def tunnel(port: int) -> Route:
    """A route that connects whom asks for it to a port of this machine, whatever host was named."""

    def answer(exchange: Exchange) -> None:
        exchange.closing = True
        with socket.create_connection(("127.0.0.1", port)) as far:
            exchange.raw(b"HTTP/1.1 200 Connected\r\n\r\n")

            def back() -> None:
                with suppress(OSError):
                    while piece := far.recv(65_536):
                        exchange.raw(piece)

            returning = threading.Thread(target=back, daemon=True)
            returning.start()
            with suppress(OSError):
                while piece := exchange.sock.recv(65_536):
                    far.sendall(piece)
            far.shutdown(socket.SHUT_RDWR)
            returning.join()

    return answer


def test_the_certificate_is_checked_through_a_tunnel(tmp_path: Path) -> None:
    trusted, client = certified(tmp_path, ["data.example"])
    with serving({"/x": reply(200, b"safe")}, trusted) as server, serving({"*": tunnel(server.port)}) as proxy:
        with Web(proxies=Proxies(https=f"http://{proxy.name}"), trust=client) as web:
            assert fetch(web, "https://data.example/x").content == b"safe"
            with pytest.raises(NoAnswerError) as caught:
                fetch(web, "https://other.example/x")
        assert caught.value.cause is Cause.CERTIFICATE
        assert proxy.asked() == [("CONNECT", "data.example:443"), ("CONNECT", "other.example:443")]
        assert server.asked() == [("GET", "/x")]

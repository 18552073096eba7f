"""Addresses: read into what is sent, and told public or not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earthcode_platform.web.addresses import Address, follow, is_local_name, is_public, literal, read_address
from earthcode_platform.web.failures import ForbiddenAddressError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTP://Example.ORG:80/a?b=c#d", "http://example.org/a?b=c#d"),
        ("https://example.org:8443/", "https://example.org:8443/"),
        (" https://example.org./a b/ü?q=ä|[1] ", "https://example.org/a%20b/%C3%BC?q=%C3%A4|[1]"),
        ("https://example.org/a%20b?c=%2F", "https://example.org/a%20b?c=%2F"),
        ("https://münchen.example/x", "https://xn--mnchen-3ya.example/x"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),
        ("https://me:pa@ss@example.org/x", "https://example.org/x"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://under_score.example/", "http://under_score.example/"),
    ],
)
def test_what_is_asked(url: str, expected: str) -> None:
    assert read_address(url).url == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/x",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "http://[::1",
        "http://[x]/",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://exa mple.org/",
        "https://example..org/",
        "https://example.org../",
        "https://-x.example/",
        "https://%31%32%37.0.0.1/",
        "https://good.example\\.evil.example/",
        "https://example.org/\r\nHost: evil",
        "https://example.org/\x00",
        "https://example.org/\ud800",
        "https://" + "ü" * 300 + ".example/",
        "https://example.org/" + "x" * 9000,
    ],
)
def test_what_is_not_asked(url: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        read_address(url)


def test_no_message_tells_userinfo() -> None:
    for url in ("ftp://me:hunter2@example.org/x", "https://me:hunter2@exa\u2100mple.org/", "https://me:hunter2"):
        with pytest.raises(ForbiddenAddressError) as caught:
            read_address(url)
        assert "hunter2" not in caught.value.message
    assert "hunter2" not in repr(read_address("https://me:hunter2@example.org/x"))


@settings(max_examples=40)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.org/{text}"):
        try:
            address = read_address(url)
        except ForbiddenAddressError:
            continue
        assert address.asked.isascii()
        assert not set(address.asked) & set(' \r\n\t"<>\\^`{}')
        assert read_address(address.asked) == Address(
            address.scheme, address.host, address.port, address.target, fragment=""
        )


@pytest.mark.parametrize(
    "ip",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1"),  # noqa: S104 - read
        *("192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1"),
        *("fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "3fff::1"),
        *("100::1", "4000::1", "not an address", ""),
    ],
)
def test_numeric_addresses_that_are_not_public(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "192.0.1.1", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_numeric_addresses_that_are_public(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("example.org", None),
        ("1.example", None),
    ],
)
def test_the_ways_to_spell_a_number(host: str, expected: str | None) -> None:
    assert literal(host) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("x.localhost", True),
        ("printer", True),
        ("metadata.google.internal", True),
        ("box.local", True),
        ("example.org", False),
        ("8.8.8.8", False),
        ("localhost.example.org", False),
    ],
)
def test_names_of_local_networks(host: str, *, expected: bool) -> None:
    assert is_local_name(host) is expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/b", "https://example.org/b#part"),
        ("b?x", "https://example.org/a/b?x#part"),
        ("//other.example/", "https://other.example/#part"),
        ("https://me:secret@other.example/#own", "https://other.example/#own"),
    ],
)
def test_redirects_are_resolved_and_inherit_the_fragment(location: str, expected: str) -> None:
    assert follow(read_address("https://example.org/a/#part"), location).url == expected


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.org/", "http://[x"])
def test_redirects_to_what_is_no_http_address(location: str) -> None:
    with pytest.raises(ForbiddenAddressError):
        follow(read_address("https://example.org/a"), location)

"""HTTP addresses as people write them, read into what is sent; and which numeric addresses are public."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from earthcode_platform.web.failures import ForbiddenAddressError

__all__ = ["Address", "follow", "is_local_name", "is_public", "literal", "read_address"]

_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")
_UNSENDABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_PATH: Final = "/%:@!$&'()*+,;=~"
_QUERY: Final = "/%:@!$&'()*+,;=~?[]|"
_LONGEST: Final = 8_000
"""Longest address that is asked; RFC 9110, section 4.1, recommends that servers take as many octets."""
_LONGEST_NAME: Final = 255
"""Octets of a name (RFC 1035, section 2.3.4)."""
_LOCAL: Final = ("localhost", "local", "internal", "intranet", "lan", "corp", "private", "home.arpa")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC: Final = tuple(
    map(
        ipaddress.ip_network,
        # Shared address space (RFC 6598), protocol assignments (RFC 6890), relays of 6to4 (RFC 7526), documentation
        # (RFC 9637): what `is_global` of some Python versions lets pass.
        ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20"),
    )
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it is asked: without userinfo, in ASCII."""

    scheme: str
    """`http` or `https`."""
    host: str
    """Host in lower case, in ASCII (IDNA), without a trailing dot; an IPv6 address without brackets."""
    port: int
    """Port, the scheme's own if none is written."""
    target: str
    """Path and query, percent-encoded."""
    fragment: str
    """What follows '#', as written; it is not sent."""

    @property
    def named_port(self) -> int | None:
        """The port as it is written: None if it is the scheme's own."""
        return None if self.port == _PORTS[self.scheme] else self.port

    @property
    def origin(self) -> str:
        """Scheme, host, and the port unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.named_port}" if self.named_port else "")

    @property
    def asked(self) -> str:
        """The address without its fragment."""
        return self.origin + self.target

    @property
    def url(self) -> str:
        """The address with its fragment."""
        return f"{self.asked}#{self.fragment}" if self.fragment else self.asked


def read_address(url: str) -> Address:
    """Return `url` as it is asked; userinfo in it is left out.

    >>> read_address("HTTPS://me:secret@Exämple.org./a b?x=1#part").url
    'https://xn--exmple-cua.org/a%20b?x=1#part'

    Raises:
        ForbiddenAddressError: It is no HTTP address.
    """
    text = url.strip()
    if _UNSENDABLE.search(text) or len(text) > _LONGEST:
        raise _forbidden(url, f"it holds characters that cannot be sent, or is longer than {_LONGEST} characters")
    try:
        parts = urlsplit(text)
        port, host = parts.port, parts.hostname
    except ValueError:
        # Python's own message may hold a part of the userinfo.
        raise _forbidden(url, "it cannot be read as an address") from None
    if parts.scheme not in _PORTS:
        raise _forbidden(url, f"its scheme is {parts.scheme!r}" if parts.scheme else "it has no scheme")
    if not host or port == 0:
        raise _forbidden(url, "it names no host" if not host else "its port is 0")
    target = quote(parts.path or "/", safe=_PATH) + (f"?{quote(parts.query, safe=_QUERY)}" if parts.query else "")
    return Address(parts.scheme, _host(url, host), port or _PORTS[parts.scheme], target, parts.fragment)


def follow(address: Address, location: str) -> Address:
    """Return where a redirect from `address` leads; it inherits the fragment (RFC 9110, section 10.2.2).

    Raises:
        ForbiddenAddressError: It leads to no HTTP address.
    """
    try:
        joined = urljoin(address.asked, location.strip())
    except ValueError:
        raise _forbidden(location, "it cannot be read as an address") from None
    found = read_address(joined)
    fragment = found.fragment or address.fragment
    return Address(found.scheme, found.host, found.port, found.target, fragment)


def is_public(ip: str) -> bool:
    """Tell whether a numeric address belongs to the public internet.

    Not so private, shared, loopback, link-local (with the metadata services of clouds), multicast, reserved and
    unspecified ones, nor IPv6 addresses that embed such an IPv4 address (mapped, 6to4, NAT64).
    Source: IANA special-purpose address registries.
    """
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(str(embedded))
        if address not in _UNICAST6:
            return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    listed = any(address.version == one.version and address in one for one in _NOT_PUBLIC)
    return address.is_global and not (special or listed or address.is_link_local)


def literal(host: str) -> str | None:
    """Return the numeric address that `host` spells, also in the old ways such as `0x7f.1`; None if it is a name."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def is_local_name(host: str) -> bool:
    """Tell whether a name can be one of a local network only: without a dot, or below a name kept for such use."""
    return literal(host) is None and ("." not in host or host.endswith(tuple(f".{name}" for name in _LOCAL)))


def _host(url: str, host: str) -> str:
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            raise _forbidden(url, "its host is no IPv6 address") from None
    if len(host) > _LONGEST_NAME:
        raise _forbidden(url, "the name of its host is too long")
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError as error:
            raise _forbidden(url, f"its host is no name: {error}") from None
    host = host.removesuffix(".")
    if not _HOST.fullmatch(host):
        raise _forbidden(url, "its host is no name")
    return host


def _forbidden(url: str, reason: str) -> ForbiddenAddressError:
    return ForbiddenAddressError(f"{reason}.", where=url, remedy="Name an address that begins with https://.")

"""The proxies that the environment names, as curl and most other programs read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from earthcode_platform.web.addresses import Address

__all__ = ["Proxies"]


@dataclass(frozen=True, repr=False)
class Proxies:
    """Which proxy a request goes through. Addresses of proxies may carry credentials, so none is ever shown."""

    http: str = ""
    """Proxy for `http` addresses; empty for none."""
    https: str = ""
    """Proxy for `https` addresses; empty for none."""
    direct: tuple[str, ...] = ()
    """Hosts that are asked directly, and with them all below them; `*` for all."""

    def __repr__(self) -> str:
        return f"<Proxies: {'one' if self.http or self.https else 'none'}>"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Proxies:
        """Return the proxies of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`; lower case goes first.

        Upper-case `HTTP_PROXY` is ignored in a CGI program, where a client could set it (CVE-2016-5385).
        """

        def named(name: str) -> str:
            if environment.get(name):
                return environment[name]
            if name == "http_proxy" and "REQUEST_METHOD" in environment:
                return ""
            return environment.get(name.upper(), "")

        direct = (one.strip().lower().removeprefix("*.").removeprefix(".") for one in named("no_proxy").split(","))
        every = named("all_proxy")
        return cls(named("http_proxy") or every, named("https_proxy") or every, tuple(filter(None, direct)))

    def proxy_of(self, address: Address) -> str:
        """Return the proxy for `address`; empty if it is asked directly."""
        for one in self.direct:
            host, _, port = one.partition(":")
            named = host in ("*", address.host) or address.host.endswith(f".{host}")
            if named and port in ("", str(address.port)):
                return ""
        return self.https if address.scheme == "https" else self.http

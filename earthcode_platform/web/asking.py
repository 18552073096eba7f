"""One request to one checked address: no redirect is followed, and nothing runs without an end."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Final, Self

import httpcore

from earthcode_platform import __version__
from earthcode_platform.web.addresses import Address
from earthcode_platform.web.connecting import CheckedConnections, TimedConnections
from earthcode_platform.web.failures import Cause, ForbiddenAddressError, NoAnswerError
from earthcode_platform.web.proxies import Proxies
from earthcode_platform.web.reach import Reach

__all__ = ["AGENT", "Ask", "Head", "Web"]

AGENT: Final = f"earthcode-platform/{__version__} (+https://earthcode.esa.int)"
"""How our requests name themselves (RFC 9110, section 10.1.5)."""

_CONNECTIONS: Final = 64
_IDLE: Final = 15.0
"""Seconds that an unused connection is kept."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request."""

    method: str
    """`HEAD`, `GET` or `POST`."""
    address: Address
    """What is asked."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header fields besides host and user agent."""
    content: bytes | None = None
    """What is sent; nothing if None."""


@dataclass(frozen=True, slots=True)
class Head:
    """How an answer begins."""

    status: int
    """Status code."""
    headers: Mapping[str, str]
    """Header fields by name in lower case; of a repeated one the first."""


class Web:
    """Requests to the public internet, safe to use from several threads. Close it, or use it as a context manager.

    Args:
        reach: Which hosts may be asked.
        proxies: The proxies to go through; by default those of the environment. What a proxy resolves cannot be
            checked here: then only addresses that spell a local host are refused. Hosts that only the local network
            knows belong into `NO_PROXY`.
        trust: Which certificates are trusted; by default those of the system, or Mozilla's if it has none.
        connect_seconds: How long looking a host up, and connecting to one numeric address, may take each. Most
            systems ask their resolver again after 5 seconds.
    """

    def __init__(
        self,
        reach: Reach | None = None,
        *,
        proxies: Proxies | None = None,
        trust: ssl.SSLContext | None = None,
        connect_seconds: float = 6.0,
    ) -> None:
        self._reach = reach or Reach()
        self._proxies = Proxies.of(os.environ) if proxies is None else proxies
        self._trust = trust
        self._seconds = connect_seconds
        self._pools: dict[str, httpcore.ConnectionPool] = {}
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"<Web within {self._reach}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def prepare(self) -> None:
        """Read the certificates that are trusted, so that the first request is not late."""
        _ = self._context

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    @contextmanager
    def asking(self, ask: Ask, deadline: float) -> Iterator[tuple[Head, Iterable[bytes]]]:
        """Hand out how the answer begins, and its body in pieces as they come; what is not read is not waited for.

        Args:
            ask: The request.
            deadline: When everything must be over, on the monotonic clock.

        Raises:
            ForbiddenAddressError: The address must not be asked.
            NoAnswerError: No answer came, or its body ended too early.
        """
        where = ask.address.asked
        try:
            with self._pool(ask.address).stream(
                ask.method,
                _url(ask.address),
                headers=_headers(ask),
                content=ask.content,
                extensions=_limits(deadline),
            ) as response:
                yield Head(response.status, _first(response.headers)), response.iter_stream()
        except httpcore.ProxyError as error:
            raise NoAnswerError.of(Cause.PROXY, where, str(error)) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise NoAnswerError.of(*_cause(error, where)) from None
        except (ForbiddenAddressError, NoAnswerError) as error:
            error.where = error.where or where
            raise

    def _pool(self, address: Address) -> httpcore.ConnectionPool:
        proxy = self._proxies.proxy_of(address)
        if proxy:
            self._reach.check_name(address)
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = self._opened(proxy, address)
            return self._pools[proxy]

    def _opened(self, proxy: str, address: Address) -> httpcore.ConnectionPool:
        connections = TimedConnections(self._seconds) if proxy else CheckedConnections(self._reach, self._seconds)
        return httpcore.ConnectionPool(
            ssl_context=self._context,
            proxy=_proxy(proxy, address) if proxy else None,
            max_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE,
            network_backend=connections,
        )

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._trust or _system_trust()


def _system_trust() -> ssl.SSLContext:
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        # A container or a Python of its own may come without certificates.
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _proxy(proxy: str, address: Address) -> httpcore.Proxy:
    from urllib.parse import unquote, urlsplit

    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise NoAnswerError.of(Cause.PROXY, address.asked, "the environment names one that is no http proxy")
    port = port or (443 if parts.scheme == "https" else 80)
    user = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return httpcore.Proxy(httpcore.URL(scheme=parts.scheme, host=host, port=port, target="/"), auth=user)


def _url(address: Address) -> httpcore.URL:
    return httpcore.URL(
        scheme=address.scheme.encode(),
        host=address.host.encode(),
        port=address.named_port,
        target=address.target.encode(),
    )


def _headers(ask: Ask) -> list[tuple[bytes, bytes]]:
    host = ask.address.origin.partition("://")[2]
    fields = {"Host": host, "User-Agent": AGENT, **ask.headers}
    if ask.content is not None:
        fields["Content-Length"] = str(len(ask.content))
    # As bytes: an entity tag comes back as its server wrote it, and httpcore takes no text beyond ASCII.
    return [(name.encode(), value.encode(errors="replace")) for name, value in fields.items()]


def _limits(deadline: float) -> dict[str, object]:
    # Waiting for a free place in the pool takes seconds; everything else takes the moment: see `connecting`.
    left = max(deadline - time.monotonic(), 0.001)
    return {"timeout": {"pool": left, "connect": deadline, "read": deadline, "write": deadline}}


def _first(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), _text(value))
    return found


def _text(value: bytes) -> str:
    """Return a field's text: people write UTF-8, also where the standard does not have it."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _cause(error: Exception, where: str) -> tuple[Cause, str, str]:
    inner = error.args[0] if error.args else None
    if isinstance(inner, ssl.SSLCertVerificationError):
        return Cause.CERTIFICATE, where, inner.verify_message
    if isinstance(inner, ssl.SSLError):
        return Cause.CERTIFICATE, where, inner.reason or "TLS failed"
    if isinstance(error, httpcore.TimeoutException):
        return Cause.TIME, where, "connecting" if isinstance(error, httpcore.ConnectTimeout) else ""
    if isinstance(error, httpcore.ConnectError):
        return Cause.CONNECT, where, inner.strerror or "" if isinstance(inner, OSError) else ""
    if isinstance(error, httpcore.ProtocolError) and "disconnected" not in str(error) and "closed" not in str(error):
        return Cause.GARBLED, where, str(error)[:100]
    return Cause.CUT, where, ""

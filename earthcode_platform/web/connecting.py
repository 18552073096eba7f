"""Connections of httpcore that go to checked addresses and end at a fixed moment.

httpcore hands a time limit to each single read and write. Here that number is the moment, on the monotonic clock, at
which the whole request must be over: a server that sends one byte a second cannot hold it open.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import httpcore

if TYPE_CHECKING:
    import ssl

    from earthcode_platform.web.reach import Reach

__all__ = ["CheckedConnections", "TimedConnections"]

_PLACES: Final = 4
"""How many numeric addresses of one host are tried."""


def _left(deadline: float | None) -> float:
    left = (deadline or 0.0) - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


class _TimedStream(httpcore.NetworkStream):
    """A stream whose limits are moments."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class TimedConnections(httpcore.NetworkBackend):
    """Connections to any host, such as a proxy.

    Args:
        seconds: How long connecting to one numeric address may take.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a host; `timeout` is the moment when everything must be over."""
        limit = min(self._seconds, _left(timeout))
        return _TimedStream(self._sockets.connect_tcp(host, port, limit, local_address, socket_options))


class CheckedConnections(TimedConnections):
    """Connections to hosts that may be asked, at the numeric addresses that were checked.

    Args:
        reach: Which hosts may be asked.
        seconds: How long looking the host up, and connecting to one numeric address, may take each.
    """

    def __init__(self, reach: Reach, seconds: float) -> None:
        super().__init__(seconds)
        self._reach = reach

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to one of the host's numeric addresses, all of which were checked."""
        places = self._reach.places(host, port, min(self._seconds, _left(timeout)))[:_PLACES]
        for ip, numbered in places[:-1]:
            try:
                return super().connect_tcp(ip, numbered, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        ip, numbered = places[-1]
        return super().connect_tcp(ip, numbered, timeout, local_address, socket_options)

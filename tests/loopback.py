"""A real HTTP server on loopback that behaves as badly as it is told to, and counts what it is asked."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Exchange", "Loopback", "Route", "Seen", "reply", "serving"]

Route: TypeAlias = "Callable[[Exchange], None]"
"""Answers one request."""


@dataclass(frozen=True)
class Seen:
    """A request as the server saw it."""

    at: float
    method: str
    host: str
    target: str
    headers: Mapping[str, str]


@dataclass
class Exchange:
    """One request, and the connection to answer on."""

    seen: Seen
    sock: socket.socket
    server: Loopback
    closing: bool = False

    def answer(self, status: int, body: bytes = b"", *, length: int | None = None, **headers: str) -> None:
        """Answer as a good server would; underscores in names of header fields become hyphens."""
        held = {"Content-Length": str(len(body) if length is None else length)}
        held |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in held.items())
        content = b"" if self.seen.method == "HEAD" else body
        self.raw(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + content)
        self.closing = length is not None

    def raw(self, content: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(content)

    def reset(self) -> None:
        """Cut the connection as a crashed server would (RST)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.closing = True

    def drip(self, piece: bytes, seconds: float) -> None:
        """Send `piece` again and again until the other side, or the server, has enough."""
        self.closing = True
        with suppress(OSError):
            while not self.server.stopped.wait(seconds):
                self.raw(piece)

    def hang(self) -> None:
        """Say nothing until the other side, or the server, has enough."""
        self.closing = True
        self.sock.settimeout(0.02)
        while not self.server.stopped.is_set():
            with suppress(TimeoutError):
                if not self.sock.recv(1):
                    return


@dataclass
class Loopback:
    """The server: what it answers by path, or by host and path, and what it was asked."""

    routes: dict[str, Route] = field(default_factory=dict)
    trust: ssl.SSLContext | None = None
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    peak: int = 0
    peaks: dict[str, int] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)
    _now: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http{'s' if self.trust else ''}://{self.name}{path}"

    def asked(self, path: str = "") -> list[tuple[str, str]]:
        """Method and target of the requests so far, of one path if it is named."""
        return [(one.method, one.target) for one in self.seen if not path or one.target.partition("?")[0] == path]

    def connection(self, sock: socket.socket) -> None:
        """Answer the requests of one connection."""
        with suppress(OSError):
            if self.trust is not None:
                sock = self.trust.wrap_socket(sock, server_side=True)
        buffer = b""
        with sock, suppress(OSError):
            while not self.stopped.is_set():
                while b"\r\n\r\n" not in buffer:
                    sock.settimeout(0.05)
                    with suppress(TimeoutError):
                        got = sock.recv(65536)
                        if not got:
                            return
                        buffer += got
                    if self.stopped.is_set():
                        return
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                sock.settimeout(5)
                if self._exchange(head.decode("latin-1"), sock):
                    return

    def _exchange(self, head: str, sock: socket.socket) -> bool:
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        host = headers.get("host", "").partition(":")[0]
        exchange = Exchange(Seen(time.monotonic(), method, host, target, headers), sock, self)
        with self._lock:
            self.seen.append(exchange.seen)
            self._now[host] = self._now.get(host, 0) + 1
            self.peaks[host] = max(self.peaks.get(host, 0), self._now[host])
            self.peak = max(self.peak, sum(self._now.values()))
        path = target.partition("?")[0]
        route = self.routes.get(f"{host}{path}") or self.routes.get(path) or self.routes.get("*") or reply(404)
        try:
            route(exchange)
        finally:
            with self._lock:
                self._now[host] -= 1
        return exchange.closing


def reply(status: int, body: bytes = b"", **headers: str) -> Route:
    """Return a route that always answers the same."""
    return lambda exchange: exchange.answer(status, body, **headers)


@contextmanager
def serving(routes: dict[str, Route], trust: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """Run a server until the block ends."""
    server = Loopback(routes, trust)
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        server.port = listening.getsockname()[1]
        listening.settimeout(0.05)

        def accept() -> None:
            while not server.stopped.is_set():
                with suppress(TimeoutError):
                    sock, _ = listening.accept()
                    threads.append(threading.Thread(target=server.connection, args=(sock,), daemon=True))
                    threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            server.stopped.set()
            accepting.join()
            for thread in threads:
                thread.join(6)

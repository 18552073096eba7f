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

__all__ = ["NOBODY", "Exchange", "Loopback", "Route", "Seen", "reply", "serving"]

NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What a client needs to trust nobody: reading everybody's certificates takes a while."""

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
    _here: bool = False

    def enter(self) -> None:
        """Count the request as under way."""
        self._here = True
        self.server.count(self.seen.host, 1)

    def leave(self) -> None:
        """Count the request as over."""
        if self._here:
            self._here = False
            self.server.count(self.seen.host, -1)

    def answer(self, status: int, body: bytes = b"", *, length: int | None = None, **headers: str) -> None:
        """Answer as a good server would; underscores in names of header fields become hyphens."""
        held = {"Content-Length": str(len(body) if length is None else length)}
        held |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in held.items())
        content = b"" if self.seen.method == "HEAD" else body
        # The client may ask again before this thread runs on.
        self.leave()
        self.raw(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + content)
        self.closing = length is not None

    def raw(self, content: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(content)

    def reset(self) -> None:
        """Cut the connection as a crashed server would (RST)."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.closing = True
        self.sock.close()

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
    connections: int = 0
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

    def count(self, host: str, change: int) -> None:
        """Note how many requests are under way, and how many ever were."""
        with self._lock:
            self._now[host] = self._now.get(host, 0) + change
            self.peaks[host] = max(self.peaks.get(host, 0), self._now[host])
            self.peak = max(self.peak, sum(self._now.values()))

    def connection(self, sock: socket.socket) -> None:
        """Answer the requests of one connection."""
        with suppress(OSError):
            if self.trust is not None:
                sock = self.trust.wrap_socket(sock, server_side=True)
        buffer = b""
        with sock, suppress(OSError):
            while not self.stopped.is_set():
                while b"\r\n\r\n" not in buffer:
                    sock.settimeout(0.01)
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
        self.seen.append(exchange.seen)
        exchange.enter()
        path = target.partition("?")[0]
        route = self.routes.get(f"{host}{path}") or self.routes.get(path) or self.routes.get("*") or reply(404)
        try:
            route(exchange)
        finally:
            exchange.leave()
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
        listening.settimeout(0.01)

        def accept() -> None:
            while not server.stopped.is_set():
                with suppress(TimeoutError):
                    sock, _ = listening.accept()
                    server.connections += 1
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

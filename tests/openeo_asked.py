"""One request to a provider on loopback, and how it is answered: well, or as badly as a test wants it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

__all__ = ["Asked", "Fault", "serving"]


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    handler: BaseHTTPRequestHandler

    def answer(self, status: int, content: object = None, **headers: str) -> None:
        """Answer with JSON, or with bytes as they are."""
        body = b"" if content is None else content if isinstance(content, bytes) else json.dumps(content).encode()
        head = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        head |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.handler.send_response(status)
        for name, value in head.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def error(self, status: int, code: str, message: str) -> None:
        """Answer with an error of the API."""
        self.answer(status, {"id": "1", "code": code, "message": message})

    def cut(self, content: bytes, length: int) -> None:
        """Announce `length` bytes, send fewer, and close the connection."""
        self.answer(200, content, Content_Type="image/tiff", Content_Length=str(length))
        self.handler.close_connection = True


Fault: TypeAlias = Callable[[Asked], None]
"""Answers one request in place of the back-end."""


@contextmanager
def serving(route: Callable[[Asked], None], port: int = 0) -> Iterator[int]:
    """Let `route` answer requests on loopback until the block ends; yields the port, which is free if none is given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            route(Asked(self.command, parts.path, parse_qs(parts.query), headers, body, self))

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _handle  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hangs up is no matter."""

    server = Server(("127.0.0.1", port), Handler)
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    running.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        running.join()

"""One request to the back-end on loopback, and how it is answered: well, or as badly as a test wants it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TypeAlias

__all__ = ["Asked", "Fault"]


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

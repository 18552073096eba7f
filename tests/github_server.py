"""A small GitHub on loopback: the part of its API that publishing uses, and real git repositories behind HTTP.

It keeps state as GitHub does: forks share nothing but history, pull requests belong to branches, tokens have owners.
"""

import base64
import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import git_backend
import github_documents as documents
from github_api import Api
from github_documents import Document

__all__ = ["Fault", "GitHubServer", "Seen"]


@dataclass
class Fault:
    """What is answered instead, `times` times, to API requests of a method whose path contains a text."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    path: str = ""
    times: int = 1
    page: bytes = b""
    """What is answered instead of JSON."""


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    path: str
    query: str
    authorization: str
    content: Document


class GitHubServer:
    """The server: `with GitHubServer(folder) as server`.

    Args:
        root: Folder of the repositories, as `owner/name.git`.
    """

    def __init__(self, root: Path) -> None:
        self.api = Api(root)
        self.root = root
        self.tokens: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.git_seen: list[tuple[str, str]] = []
        self.moved = ""
        self.before: Callable[[Seen], None] = lambda _: None
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.github = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.api.base = self.url

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, full_name: str, source: Path) -> Path:
        """Put a copy of a bare repository on the server; return where it is."""
        folder = self.root / f"{full_name}.git"
        subprocess.run(["git", "clone", "--quiet", "--bare", str(source), str(folder)], check=True)
        self.api.add(full_name)
        return folder

    def asked(self, method: str = "") -> list[str]:
        """Method and path of every request to the API so far, in order."""
        return [f"{seen.method} {seen.path}" for seen in self.seen if seen.method.startswith(method)]

    def login(self, authorization: str) -> str | None:
        """The owner of the token in a header, as git (Basic) or a client of the API sends it."""
        kind, _, value = authorization.partition(" ")
        token = base64.b64decode(value).decode().partition(":")[2] if kind.lower() == "basic" else value
        return self.tokens.get(token)

    def fail(self, status: int, message: str, **narrowed: object) -> None:
        """Let requests to the API fail next; `narrowed` is as for `Fault`."""
        self.faults.append(Fault(status, message, **narrowed))  # type: ignore[arg-type] # by the same names

    def respond(self, seen: Seen) -> tuple[int, Document | list[Document] | bytes, Mapping[str, str]]:
        """Answer a request to the API."""
        with self._lock:
            self.seen.append(seen)
            fault = next((found for found in self.faults if _fits(found, seen)), None)
            if fault:
                fault.times -= 1
                if not fault.times:
                    self.faults.remove(fault)
                said = fault.page or documents.refusal(fault.message, fault.status)
                return fault.status, said, fault.headers
            self.before(seen)
            login = self.login(seen.authorization)
            if login is None:
                return 401, documents.refusal("Bad credentials", 401), {}
            query = dict(parse_qsl(seen.query))
            return *self.api.answer(login, seen.method, seen.path, query, seen.content), {}


class _Server(ThreadingHTTPServer):
    """The sockets, with a way back to the state."""

    daemon_threads = True
    github: GitHubServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and content in one packet: otherwise each answer waits 40 ms for the other side's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        """One way for every method of HTTP."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = git_backend.body_of(self)
        found = git_backend.PATH.fullmatch(parts.path)
        authorization = self.headers.get("Authorization", "")
        github = self.server.github
        if found:
            github.git_seen.append((parts.path, authorization))
            self._git(found["name"], found["service"], parts.query, github.login(authorization), body)
            return
        path = parts.path.removeprefix("/api/v3")
        seen = Seen(self.command, path, parts.query, authorization, json.loads(body) if body else {})
        self._send(*github.respond(seen))

    def _git(self, name: str, service: str, query: str, login: str | None, body: bytes) -> None:
        github = self.server.github
        writes = "receive-pack" in service + query
        if github.moved:
            self._send(301, {}, {"Location": f"{github.moved}{self.path}"})
        elif login is None:
            self._send(401, {}, {"WWW-Authenticate": 'Basic realm="GitHub"'})
        elif name not in github.api.forks or github.api.forks[name].polls > 0:
            self._send(404, {}, {})
        elif writes and not github.api.may_push(login, name):
            self._send(403, {}, {})
        else:
            git_backend.serve(self, github.root, f"/{name}.git{service}", query, login, body)

    def _send(self, status: int, said: object, headers: Mapping[str, str]) -> None:
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json; charset=utf-8"} | dict(headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _fits(fault: Fault, seen: Seen) -> bool:
    return (not fault.method or fault.method == seen.method) and fault.path in seen.path

"""An openEO back-end on loopback: it speaks the API that back-ends document (1.2), and computes what it is sent.

Graphs are computed by the platform's own executor on local files, so that what comes back can be compared with what is
computed here. It misbehaves when it is told to.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from openeo_asked import Asked, Fault, serving
from openeo_jobs import Job, Jobs

from earthcode_platform.engines.openeo.capabilities import documents

__all__ = ["API", "CANARY", "OpenEOBackend", "backing"]

API = "/api/v1"
CANARY = "c4n4ry-T0ken-that-nobody-may-see"
"""Stands in every secret."""
_JOBS: tuple[tuple[str, list[str]], ...] = (
    ("/jobs", ["GET", "POST"]),
    ("/jobs/{job_id}", ["GET", "DELETE"]),
    ("/jobs/{job_id}/logs", ["GET"]),
    ("/jobs/{job_id}/results", ["GET", "POST", "DELETE"]),
    ("/validation", ["POST"]),
    ("/me", ["GET"]),
    ("/credentials/basic", ["GET"]),
    ("/credentials/oidc", ["GET"]),
    ("/collections/{collection_id}", ["GET"]),
)


@dataclass
class OpenEOBackend:
    """The back-end: its data, its users, its jobs, and how it misbehaves."""

    folder: Path
    """What it serves under `/data`, as STAC for everybody."""
    collections: dict[str, Path] = field(default_factory=dict)
    """Its collections: id, and the STAC collection that stands behind it."""
    method: str = "none"
    """How it wants to be told who asks: `none`, `basic` or `oidc`."""
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    """What answers the next requests, by method and path below the API; taken once each."""
    changed: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    """What changes an answer before it is sent, by path."""
    tokens: set[str] = field(default_factory=set)
    """Tokens that it takes."""
    given: int = 0
    """How many tokens it gave."""
    jobs: Jobs = field(init=False)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.folder)
        self.jobs.collections = self.collections

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where its users are told it is."""
        return self.origin

    def data(self, path: str) -> str:
        """The address of a file of its data."""
        return f"{self.origin}/data/{path}"

    def requests(self, method: str, path: str) -> int:
        """How often a path below the API was asked."""
        return sum(one.method == method and one.path == API + path for one in self.asked)

    def route(self, asked: Asked) -> None:
        self.asked.append(asked)
        path = asked.path.removeprefix(API)
        waiting = self.faults.get(f"{asked.method} {path}")
        if waiting:
            waiting.pop(0)(asked)
            return
        if asked.path.startswith("/data/"):
            self._file(asked, self.folder / asked.path.removeprefix("/data/"))
        elif asked.path.startswith("/oidc/"):
            self._oidc(asked)
        elif asked.path == "/.well-known/openeo":
            asked.answer(200, self._documents()[asked.path])
        elif asked.path.startswith(API):
            self._api(asked, path or "/")
        else:
            asked.error(404, "NotFound", "Resource not found.")

    def _documents(self) -> dict[str, dict[str, Any]]:
        # Every back-end of the tests says the same, but for its address.
        found: dict[str, dict[str, Any]] = json.loads(_said().replace("http://nowhere", self.origin))
        start = found["/"]
        start["endpoints"] = [*start["endpoints"], *({"path": path, "methods": each} for path, each in _JOBS)]
        start["endpoints"] = list({one["path"]: one for one in start["endpoints"]}.values())
        start["billing"] = {
            "currency": "EUR",
            "default_plan": "free",
            "plans": [{"name": "free", "description": "For tests.", "paid": False}],
        }
        found["/collections"]["collections"] = [self._collection(name) for name in self.collections]
        return found

    def _collection(self, name: str) -> dict[str, Any]:
        held: dict[str, Any] = json.loads(self.collections[name].read_text())
        dimensions = {"t": {"type": "temporal", "extent": [None, None]}}
        return {**held, "id": name, "links": [], "summaries": {}, "cube:dimensions": dimensions}

    def _api(self, asked: Asked, path: str) -> None:
        open_documents = self._documents()
        if asked.method == "GET" and path in open_documents:
            change = self.changed.get(path, lambda held: held)
            asked.answer(200, change(open_documents[path]))
        elif path.startswith("/collections/"):
            name = path.removeprefix("/collections/")
            if name in self.collections:
                asked.answer(200, self._collection(name))
            else:
                asked.error(404, "CollectionNotFound", f"Collection '{name}' does not exist.")
        elif path == "/credentials/basic":
            self._basic(asked)
        elif path == "/credentials/oidc":
            asked.answer(200, {"providers": [self._provider()]})
        elif path.startswith("/files/"):
            asked.answer(200, self.jobs.file(path, asked.query.get("signature", [""])[0]), Content_Type="image/tiff")
        elif self._known(asked):
            self._private(asked, path)

    def _private(self, asked: Asked, path: str) -> None:
        if path == "/me":
            asked.answer(200, {"user_id": "ada", "budget": 20.0, "links": []})
        elif path == "/validation":
            asked.answer(200, {"errors": self.jobs.validation(json.loads(asked.body))})
        elif path == "/jobs":
            self._jobs(asked)
        elif path.startswith("/jobs/"):
            name, _, rest = path.removeprefix("/jobs/").partition("/")
            job = self.jobs.held.get(name)
            if job is None:
                asked.error(404, "JobNotFound", f"The batch job '{name}' does not exist.")
            else:
                self._job(asked, job, rest)
        else:
            asked.error(404, "NotFound", "Resource not found.")

    def _jobs(self, asked: Asked) -> None:
        if asked.method == "GET":
            asked.answer(200, {"jobs": [job.listed() for job in self.jobs.held.values()], "links": []})
            return
        job = self.jobs.make(json.loads(asked.body), f"{self.origin}{API}")
        asked.answer(201, Location=f"{self.origin}{API}/jobs/{job.id}", OpenEO_Identifier=job.id)

    def _job(self, asked: Asked, job: Job, rest: str) -> None:
        match asked.method, rest:
            case "GET", "":
                asked.answer(200, job.described())
            case "DELETE", "":
                self.jobs.stop(job)
                del self.jobs.held[job.id]
                asked.answer(204)
            case "GET", "logs":
                asked.answer(200, {"logs": job.logs, "links": []})
            case "POST", "results":
                self.jobs.start(job)
                asked.answer(202)
            case "DELETE", "results":
                self.jobs.stop(job)
                asked.answer(204)
            case "GET", "results" if job.status == "finished":
                change = self.changed.get("results", lambda held: held)
                asked.answer(200, change(job.result()))
            case "GET", "results" if job.status == "error":
                asked.answer(424, job.logs[-1])
            case _:
                asked.error(400, "JobNotFinished", "Batch job has not finished computing the results yet.")

    def _known(self, asked: Asked) -> bool:
        sent = asked.headers.get("authorization", "").removeprefix("Bearer ")
        prefix = {"none": "", "basic": "basic//", "oidc": "oidc/idp/"}[self.method]
        if self.method == "none" or (sent.startswith(prefix) and sent.removeprefix(prefix) in self.tokens):
            return True
        if sent:
            # Some servers repeat what they were sent.
            asked.error(403, "TokenInvalid", f"The token {sent} is not valid.")
        else:
            asked.error(401, "AuthenticationRequired", "Unauthorized.")
        return False

    def _token(self) -> str:
        self.given += 1
        token = f"{CANARY}-access-{self.given}"
        self.tokens.add(token)
        return token

    def _basic(self, asked: Asked) -> None:
        right = base64.b64encode(f"ada:{CANARY}-password".encode()).decode()
        if asked.headers.get("authorization") == f"Basic {right}":
            asked.answer(200, {"access_token": self._token()})
        else:
            asked.error(403, "CredentialsInvalid", f"Not {asked.headers.get('authorization')}.")

    def _provider(self) -> dict[str, Any]:
        return {
            "id": "idp",
            "title": "Identities on loopback",
            "issuer": f"{self.origin}/oidc",
            "scopes": ["openid"],
            "default_clients": [{"id": "client", "grant_types": ["refresh_token"]}],
        }

    def _oidc(self, asked: Asked) -> None:
        if asked.path == "/oidc/.well-known/openid-configuration":
            issuer = f"{self.origin}/oidc"
            asked.answer(200, {"issuer": issuer, "token_endpoint": f"{issuer}/token", "scopes_supported": ["openid"]})
            return
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        machine = form.get("grant_type") == "client_credentials" and form.get("client_secret") == f"{CANARY}-secret"
        person = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == f"{CANARY}-refresh"
        if machine or person:
            asked.answer(200, {"access_token": self._token(), "token_type": "Bearer"})
        else:
            asked.answer(400, {"error": "invalid_grant", "error_description": asked.body.decode()})

    def _file(self, asked: Asked, path: Path) -> None:
        if not path.is_file():
            asked.answer(404)
            return
        content, wanted = path.read_bytes(), asked.headers.get("range", "")
        if not wanted:
            asked.answer(200, content, Accept_Ranges="bytes")
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(content) - 1), len(content) - 1)
        held = f"bytes {start}-{end}/{len(content)}"
        asked.answer(206, content[start : end + 1], Accept_Ranges="bytes", Content_Range=held)


@cache
def _said() -> str:
    return json.dumps(documents(f"http://nowhere{API}", production=True))


@contextmanager
def backing(backend: OpenEOBackend) -> Iterator[OpenEOBackend]:
    """Run the back-end until the block ends."""

    with serving(backend.route, 0) as backend.port:
        try:
            yield backend
        finally:
            backend.jobs.close()

"""An OGC API - Processes on loopback, with deploying of CWL: it runs the packages that it is given, in processes.

It speaks the documented part of the standard that clients need (OGC 18-062r2; 20-044 for deploying), and misbehaves
when it is told to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from openeo_asked import Asked, Fault, serving
from processes_jobs import Jobs

from earthcode_platform.application_packages.document import named
from earthcode_platform.application_packages.types import is_optional, json_schema, shape_of

__all__ = ["API", "TOKEN", "ProcessesAPI", "offering"]

API = "/ogc"
TOKEN = "c4n4ry-t0ken-that-nobody-may-see"  # noqa: S105 - of nobody
_SPEC = "http://www.opengis.net/spec/"
CONFORMS = (
    "ogcapi-common-1/1.0/conf/core",
    "ogcapi-processes-1/1.0/conf/core",
    "ogcapi-processes-1/1.0/conf/json",
    "ogcapi-processes-1/1.0/conf/dismiss",
    "ogcapi-processes-2/1.0/conf/deploy-replace-undeploy",
    "ogcapi-processes-2/1.0/conf/cwl",
)
_DUPLICATED = "https://www.opengis.net/def/exceptions/ogcapi-processes-2/1.0/duplicated-process"


@dataclass
class ProcessesAPI:
    """The provider: its data, its processes and jobs, and how it misbehaves."""

    folder: Path
    """What it serves under `/data`, as STAC for everybody."""
    jobs_in: Path | None = None
    """Where its jobs lie; in `jobs` beside its data if None."""
    token: str = ""
    """The token that it takes; anybody may use it if empty."""
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    """What answers the next requests, by method and path below the API; taken once each."""
    changed: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    """What changes an answer before it is sent, by path below the API."""
    conforms: list[str] = field(default_factory=lambda: [f"{_SPEC}{one}" for one in CONFORMS])
    takes: tuple[str, ...] = ("application/cwl+json", "application/cwl+yaml")
    """Media types of packages."""
    texts: bool = False
    """Whether items are described as texts, and not as objects that references lead to."""
    transmits: tuple[str, ...] = ("reference", "value")
    shows_packages: bool = True
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The CWL of its processes, by id."""
    jobs: Jobs = field(init=False)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.jobs_in or self.folder.parent / "jobs")

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}{API}"

    def data(self, path: str) -> str:
        """The address of a file of its data."""
        return f"{self.origin}/data/{path}"

    def requests(self, method: str, path: str) -> list[Asked]:
        """The requests of a path below the API so far."""
        return [one for one in self.asked if one.method == method and one.path == API + path]

    def route(self, asked: Asked) -> None:
        self.asked.append(asked)
        path = asked.path.removeprefix(API)
        waiting = self.faults.get(f"{asked.method} {path}")
        if waiting:
            waiting.pop(0)(asked)
        elif asked.path.startswith("/data/"):
            _file(asked, self.folder / unquote(asked.path.removeprefix("/data/")))
        elif self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            # Some servers repeat what they were sent.
            problem(asked, 401, "Unauthorized", f"not {asked.headers.get('authorization')}")
        elif path.startswith("/files/"):
            _file(asked, self.jobs.folder / unquote(path.removeprefix("/files/")))
        else:
            self._api(asked, path.rstrip("/"))

    def _api(self, asked: Asked, path: str) -> None:
        match asked.method, *path.split("/")[1:]:
            case ("GET",):
                self._say(asked, path, {"title": "Processes on loopback", "links": []})
            case "GET", "conformance":
                self._say(asked, path, {"conformsTo": self.conforms})
            case "POST", "processes":
                self._deploy(asked, "")
            case "PUT", "processes", name:
                self._deploy(asked, name)
            case "DELETE", "processes", name if name in self.packages:
                del self.packages[name]
                asked.answer(204)
            case "GET", "processes", name if name in self.packages:
                self._say(asked, "/processes/{id}", self._description(name))
            case "GET", "processes", name, "package" if name in self.packages and self.shows_packages:
                asked.answer(200, self.packages[name], Content_Type="application/cwl+json")
            case "POST", "processes", name, "execution" if name in self.packages:
                self._execute(asked, name)
            case method, "jobs", name, *rest if name in self.jobs.held:
                self._job(asked, method, name, rest)
            case _:
                problem(asked, 404, "Not found", f"there is no {path}")

    def _say(self, asked: Asked, path: str, content: object) -> None:
        asked.answer(200, self.changed.get(path, lambda held: held)(content))

    def _deploy(self, asked: Asked, replaced: str) -> None:
        media = asked.headers.get("content-type", "")
        if media not in self.takes:
            problem(asked, 415, "Unsupported media type", media)
            return
        content = yaml.safe_load(asked.body)
        content = content["executionUnit"]["value"] if media.startswith("application/ogcapppkg") else content
        name = str(_main(content)["id"]).lstrip("#")
        if replaced and replaced not in self.packages:
            problem(asked, 404, "Not found", replaced)
        elif not replaced and name in self.packages:
            problem(asked, 409, "Duplicated process", name, _DUPLICATED)
        else:
            self.packages[replaced or name] = content
            asked.answer(204 if replaced else 201, Location=f"{self.url}/processes/{name}")

    def _description(self, name: str) -> dict[str, Any]:
        main = _main(self.packages[name])
        inputs = {key: self._input(one) for key, one in named(main["inputs"], "type").items()}
        return {
            "id": name, "version": "1.0.0", "jobControlOptions": ["async-execute", "dismiss"],
            "outputTransmission": list(self.transmits), "inputs": inputs,
            "outputs": {key: {"title": key, "schema": {}} for key in named(main["outputs"], "type")},
        }  # fmt: skip

    def _input(self, one: dict[str, Any]) -> dict[str, Any]:
        stated = one["type"]
        item = {"type": "string", "format": "uri"} if self.texts else {"type": "object"}
        several = {"type": "array", "items": item}
        schema = {"Directory": item, "Directory[]": several}.get(shape_of(stated) or "") or json_schema(stated)
        return {
            "title": "An input",
            "schema": schema,
            "minOccurs": int("default" not in one and not is_optional(stated)),
        }

    def _execute(self, asked: Asked, name: str) -> None:
        if "respond-async" not in asked.headers.get("prefer", ""):
            problem(asked, 400, "Bad request", "it is executed asynchronously alone")
            return
        job = self.jobs.make(name, self.packages[name], json.loads(asked.body))
        asked.answer(201, job.described(), Location=f"{self.url}/jobs/{job.id}", Preference_Applied="respond-async")

    def _job(self, asked: Asked, method: str, name: str, rest: list[str]) -> None:
        job = self.jobs.held[name]
        match method, rest:
            case "GET", []:
                self._say(asked, "/jobs/{id}", job.described())
            case "DELETE", []:
                self.jobs.dismiss(job)
                asked.answer(200, job.described())
            case "GET", ["results"] if job.status == "successful":
                self._say(asked, "/jobs/{id}/results", self.jobs.results(job, self.url))
            case "GET", ["results"] if job.status == "failed":
                problem(asked, 500, "The job failed", job.message)
            case _:
                problem(asked, 404, "Result not ready", name)


def problem(asked: Asked, status: int, title: str, detail: str, kind: str = "about:blank") -> None:
    """Answer with a problem (RFC 9457)."""
    said = {"type": kind, "title": title, "detail": detail, "status": status}
    asked.answer(status, said, Content_Type="application/problem+json")


def _main(content: dict[str, Any]) -> dict[str, Any]:
    """Return the process of a document that is deployed: its first workflow, or what is alone in it."""
    graph: list[dict[str, Any]] = content.get("$graph") or [content]
    return next((one for one in graph if one["class"] == "Workflow"), graph[0])


def _file(asked: Asked, path: Path) -> None:
    """Answer with a file, or the part of it that is asked for."""
    if not path.is_file():
        asked.answer(404)
        return
    content, wanted = path.read_bytes(), asked.headers.get("range", "")
    media = {".json": "application/json", ".tif": "image/tiff"}.get(path.suffix, "application/octet-stream")
    if asked.method == "HEAD":
        asked.answer(200, b"", Content_Type=media, Accept_Ranges="bytes", Content_Length=str(len(content)))
    elif not wanted:
        asked.answer(200, content, Content_Type=media, Accept_Ranges="bytes")
    else:
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(content) - 1), len(content) - 1)
        held = f"bytes {start}-{end}/{len(content)}"
        asked.answer(206, content[start : end + 1], Content_Type=media, Content_Range=held)


@contextmanager
def offering(api: ProcessesAPI) -> Iterator[ProcessesAPI]:
    """Run the provider until the block ends."""

    with serving(api.route, api.port) as api.port:
        try:
            yield api
        finally:
            api.jobs.close()

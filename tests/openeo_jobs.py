"""The jobs of the back-end on loopback: graphs, computed by the platform's own executor on the back-end's files."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from factories import BOX

from earthcode_platform import checksums
from earthcode_platform.cubes.compute import compute
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.cubes.write import MEDIA_TYPES, SUFFIXES, write
from earthcode_platform.engines.openeo.executor import Executor
from earthcode_platform.engines.openeo.registry import processes
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.models.experiment import InputReference, ProductFormat
from earthcode_platform.models.pinned import PinnedInput
from earthcode_platform.process_graphs.document import read_document
from earthcode_platform.process_graphs.graph import Graph

__all__ = ["Job", "Jobs"]

SIGNATURE = "f1l3-s1gnature"
_FORMATS = {"gtiff": ProductFormat.COG, "cog": ProductFormat.COG, "netcdf": ProductFormat.NETCDF}


@dataclass
class Job:
    """One batch job."""

    id: str
    request: dict[str, Any]
    root: str
    status: str = "created"
    progress: int = 0
    logs: list[dict[str, Any]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    started: int = 0
    """How often it was started."""

    @property
    def graph(self) -> dict[str, Any]:
        found: dict[str, Any] = self.request["process"]["process_graph"]
        return found

    def listed(self) -> dict[str, Any]:
        return {"id": self.id, "status": self.status, "created": "2026-01-01T00:00:00Z", "progress": self.progress}

    def described(self) -> dict[str, Any]:
        kept = {name: self.request[name] for name in ("title", "description", "process") if name in self.request}
        return {**self.listed(), **kept, "costs": 1.5}

    def log(self, level: str, message: str) -> None:
        self.logs.append({"id": str(len(self.logs)), "level": level, "message": message, "path": []})

    def result(self) -> dict[str, Any]:
        """The answer to `GET /jobs/{job_id}/results`: a STAC item."""
        assets = {
            path.name: {
                "href": f"{self.root}/files/{self.id}/{path.name}?signature={SIGNATURE}",
                "type": MEDIA_TYPES[next(form for form, end in SUFFIXES.items() if path.suffix == end)],
                "roles": ["data"],
                "file:size": path.stat().st_size,
                "file:checksum": checksums.of_file(path),
            }
            for path in self.files
        }
        assets["process.json"] = {
            "href": f"{self.root}/jobs/{self.id}",
            "type": "application/json",
            "roles": ["process", "reproduction"],
        }
        west, south, east, north = BOX
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        return {
            "type": "Feature",
            "stac_version": "1.0.0",
            "id": self.id,
            "bbox": [west, south, east, north],
            "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {
                "datetime": None,
                "start_datetime": "2023-08-01T10:00:00Z",
                "end_datetime": "2023-08-11T10:00:00Z",
            },
            "links": [],
            "assets": assets,
        }


class Jobs:
    """All jobs of a back-end.

    Args:
        data: Its data, which are served under `/data`.
    """

    def __init__(self, data: Path) -> None:
        self.held: dict[str, Job] = {}
        self.collections: dict[str, Path] = {}
        self.made = 0
        self.hang = False
        """Whether jobs run without end."""
        self.failing: list[str] = []
        """What jobs log before they fail; they do not fail if it is empty."""
        self.refuses: list[dict[str, str]] = []
        """What the validation finds."""
        self.when_running: Callable[[Job], None] = lambda _job: None
        self.mirrors = "nowhere"
        """Address of a server that serves the same data."""
        self._data = data
        self._folder = Path(tempfile.mkdtemp(prefix="openeo-jobs-"))
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def make(self, request: dict[str, Any], root: str) -> Job:
        self.made += 1
        job = Job(f"job-{self.made}", request, root)
        self.held[job.id] = job
        return job

    def start(self, job: Job) -> None:
        job.started += 1
        job.status = "queued"
        thread = threading.Thread(target=self._run, args=(job,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def stop(self, job: Job) -> None:
        if job.status in ("queued", "running"):
            job.status = "canceled"

    def close(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(10)
        shutil.rmtree(self._folder, ignore_errors=True)

    def file(self, path: str, signature: str) -> bytes:
        if signature != SIGNATURE:
            raise PermissionError(path)
        return (self._folder / path.removeprefix("/files/")).read_bytes()

    def validation(self, process: dict[str, Any]) -> list[dict[str, str]]:
        unknown = sorted({node["process_id"] for node in process["process_graph"].values()} - processes().keys())
        found = [{"code": "ProcessUnsupported", "message": f"Process '{name}' is not available."} for name in unknown]
        return [*found, *self.refuses]

    def _run(self, job: Job) -> None:
        job.status, job.progress = "running", 10
        job.log("info", "It runs.")
        self.when_running(job)
        while self.hang and job.status == "running" and not self._ended.wait(0.01):
            continue
        if job.status != "running":
            return
        if self.failing:
            for message in self.failing:
                job.log("error", message)
            job.status = "error"
            return
        try:
            self._compute(job)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in a job is told in its logs
            job.log("error", f"{type(error).__name__}: {error}")
            job.status = "error"
            return
        job.log("info", "It is done.")
        job.status, job.progress = "finished", 100

    def _compute(self, job: Job) -> None:
        folder = self._folder / job.id
        folder.mkdir()
        written = folder / "graph.json"
        written.write_text(json.dumps({"process_graph": job.graph}))
        document = read_document(written)
        if document.graph is None or document.findings:
            raise ValueError("; ".join(map(str, document.findings)))
        form = self._format(document.graph)
        session = Session(self._inputs(document.graph), form)
        result = Executor(session).run(document.graph, {})
        cubes = session.results or [result]
        for number, cube in enumerate(compute(cubes, lambda _share: None), start=1):  # type: ignore[arg-type]
            path = folder / f"result-{number}{SUFFIXES[form]}"
            write(cube, path, form, "Result")
            job.files.append(path)

    def _format(self, graph: Graph) -> ProductFormat:
        wanted = next(
            (node.arguments.get("format") for node in graph.nodes.values() if node.process == "save_result"), ""
        )
        return _FORMATS[str(wanted or "GTiff").lower()]

    def _inputs(self, graph: Graph) -> dict[str, PinnedInput]:
        """The back-end's files behind the addresses and ids that a graph loads."""
        found = {}
        for node in graph.nodes.values():
            reference = node.arguments.get({"load_stac": "url", "load_collection": "id"}.get(node.process, ""))
            if isinstance(reference, str):
                path = self.collections.get(reference)
                if path is None:
                    where = unquote(urlsplit(reference).path)
                    path = self._data / (where[1:] if reference.startswith(self.mirrors) else where[len("/data/") :])
                held = pin_input("data", InputReference(href=path.name), path.parent)
                found[reference] = held.model_copy(update={"name": reference})
        return found

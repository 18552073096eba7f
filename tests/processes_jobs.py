"""The jobs of the provider on loopback: packages that really run, and how they can be made to misbehave."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("processes_worker.py")


@dataclass
class Job:
    """One job."""

    id: str
    process: str
    folder: Path
    request: dict[str, Any]
    status: str = "accepted"
    message: str = "waiting"
    progress: int = 0
    outputs: dict[str, Any] = field(default_factory=dict)
    running: subprocess.Popen[str] | None = None

    def described(self) -> dict[str, Any]:
        return {"jobID": self.id, "processID": self.process, "type": "process", "status": self.status,
                "message": self.message, "progress": self.progress}  # fmt: skip


@dataclass
class Jobs:
    """All jobs: what they run, or in what state they stay."""

    folder: Path
    held: dict[str, Job] = field(default_factory=dict)
    made: int = 0
    dismissed: list[str] = field(default_factory=list)
    hang: bool = False
    """They run for ever."""
    instead: dict[str, Any] | None = None
    """They end at once, with these results."""
    fails: str = ""
    """They fail at once, with this message."""
    _threads: list[threading.Thread] = field(default_factory=list)

    def make(self, process: str, package: dict[str, Any], request: dict[str, Any]) -> Job:
        self.made += 1
        folder = self.folder / f"job-{self.made}"
        (folder / "package").mkdir(parents=True)
        (folder / "package" / "app.cwl").write_text(json.dumps(package))
        (folder / "order.json").write_text(json.dumps(request["inputs"]))
        job = self.held[folder.name] = Job(folder.name, process, folder, request)
        if self.fails:
            job.status, job.message = "failed", self.fails
        elif self.instead is not None:
            job.status, job.message, job.progress = "successful", "done", 100
        elif self.hang:
            job.status, job.message, job.progress = "running", "computing", 10
        else:
            thread = threading.Thread(target=self._run, args=(job,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return job

    def _run(self, job: Job) -> None:
        command = [sys.executable, str(WORKER), str(job.folder / "order.json")]
        with (job.folder / "log").open("w") as log, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        ) as worker:  # fmt: skip
            job.running, job.status = worker, "running"
            assert worker.stdout is not None
            for line in worker.stdout:
                percent, _, step = line.strip().partition(" ")
                job.progress, job.message = int(percent), step
        if job.status == "dismissed":
            return
        if worker.returncode:
            job.message = (job.folder / "log").read_text().strip().splitlines()[-1]
            job.status = "failed"
        else:
            job.outputs = json.loads((job.folder / "outputs.json").read_text())
            job.status, job.message, job.progress = "successful", "done", 100

    def dismiss(self, job: Job) -> None:
        self.dismissed.append(job.id)
        job.status, job.message = "dismissed", "dismissed"
        if job.running is not None:
            with suppress(ProcessLookupError):
                os.killpg(job.running.pid, signal.SIGKILL)

    def close(self) -> None:
        for job in self.held.values():
            self.dismiss(job)
        for thread in self._threads:
            thread.join(20)

    def results(self, job: Job, base: str) -> dict[str, Any]:
        """Return the results, by reference or by value as the request wants each."""
        if self.instead is not None:
            return self.instead
        wanted = job.request.get("outputs", {})
        ways = {name: wanted.get(name, {}).get("transmissionMode", "reference") for name in job.outputs}
        return {name: self._result(job, value, ways[name], base) for name, value in job.outputs.items()}

    def _result(self, job: Job, value: Any, way: str, base: str) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, list):
            return [self._result(job, one, way, base) for one in value]
        path = Path(value)
        if path.is_dir():
            path = path / "catalog.json"
        href = f"{base}/files/{job.id}/{path.relative_to(job.folder).as_posix()}"
        media = "application/json" if path.suffix == ".json" else "image/tiff; application=geotiff"
        if way == "reference":
            return {"href": href, "type": media}
        if media.startswith("image"):
            return {"value": base64.b64encode(path.read_bytes()).decode(), "encoding": "base64", "mediaType": media}
        return {"value": _embedded(path, href), "mediaType": "application/geo+json"}


def _embedded(catalog: Path, href: str) -> dict[str, Any]:
    """Return a catalog as a collection of its items, with absolute addresses."""
    from urllib.parse import urljoin

    features = []
    for link in json.loads(catalog.read_text())["links"]:
        if link["rel"] == "item":
            item, at = json.loads((catalog.parent / link["href"]).read_text()), urljoin(href, link["href"])
            for asset in item["assets"].values():
                asset["href"] = urljoin(at, asset["href"])
            features.append(item)
    return {"type": "FeatureCollection", "features": features}

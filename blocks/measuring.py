"""What computing a run took: memory, and the report of Dask."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MEASURES", "REPORT", "Measured", "measured"]

MEASURES: Final = "compute.json"
"""File of a run's folder with what was measured."""
REPORT: Final = "dask-report.html"
"""File of a run's folder with the report of Dask; it opens without any other host."""
_EVERY: Final = 0.25
"""Seconds between two looks."""


@dataclass
class Measured:
    """What a run took, so far."""

    begun: float = field(default_factory=time.monotonic)
    threads: int = 0
    """Threads of all workers."""
    workers: int = 0
    """Most workers at a time."""
    here: int = 0
    """Peak of the resident memory of this process, in bytes."""
    elsewhere: int = 0
    """Peak of the memory of all workers outside this process together, in bytes."""

    def look(self) -> None:
        """Take the present into account."""
        self.here = max(self.here, psutil.Process().memory_info().rss)
        workers = _workers()
        self.workers = max(self.workers, len(workers))
        self.threads = max(self.threads, sum(int(worker["nthreads"]) for worker in workers.values()))
        apart = [one for address, one in workers.items() if not address.startswith("inproc://")]
        self.elsewhere = max(self.elsewhere, sum(int(one.get("metrics", {}).get("memory", 0)) for one in apart))

    @property
    def rows(self) -> dict[str, float]:
        """The measures by name, memory in 10^6 bytes."""
        return {
            "seconds": round(time.monotonic() - self.begun, 2),
            "workers": self.workers,
            "threads": self.threads,
            "peak_memory_mb": round(self.here / 1e6, 1),
            "peak_memory_of_workers_mb": round(self.elsewhere / 1e6, 1),
        }


@contextmanager
def measured(folder: Path) -> Iterator[Measured]:
    """Measure what happens while the context is open, and write `compute.json` and `dask-report.html` into a folder.

    The report needs the extra `report`, and a cluster; without them there is none.

    Args:
        folder: The folder of the run.
    """
    found, ended = Measured(), threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            found.look()

    watcher = threading.Thread(target=watch, name="memory", daemon=True)
    found.look()
    folder.mkdir(parents=True, exist_ok=True)
    with _reported(folder / REPORT):
        watcher.start()
        try:
            yield found
        finally:
            ended.set()
            watcher.join()
            found.look()
            (folder / MEASURES).write_text(json.dumps(found.rows, indent=2) + "\n", encoding="utf-8")


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    if _client() is None or not find_spec("bokeh"):
        yield
        return
    from distributed import performance_report

    # The report shows code: that of this line, and none of a workflow's.
    report = performance_report(filename=str(path), stacklevel=1, mode="inline")
    report.__enter__()
    try:
        yield
    finally:
        # A cluster that is gone can tell nothing, and what the run raised matters more.
        with suppress(OSError, RuntimeError):
            report.__exit__(None, None, None)


def _client() -> Any:  # noqa: ANN401 - a Client, or None
    from distributed import default_client

    try:
        return default_client()
    except ValueError:
        return None


def _workers() -> dict[str, dict[str, Any]]:
    client = _client()
    return {} if client is None else dict(client.scheduler_info(n_workers=-1)["workers"])

"""What computing a run took: processor and memory, and the report of Dask."""

from __future__ import annotations

import json
import logging
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import psutil

from earthcode_platform.cubes.compute import default_client
from earthcode_platform.provenance.costs import Meter, looking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client

    from earthcode_platform.models.run import RunCosts

__all__ = ["MEASURES", "REPORT", "Measured", "measured"]

_LOG: Final = logging.getLogger(__name__)
MEASURES: Final = "compute.json"
"""File of a run's folder with what was measured."""
REPORT: Final = "dask-report.html"
"""File of a run's folder with the report of Dask; it opens without any other host."""
_EVERY: Final = 0.25
"""Seconds between two looks."""
_ANSWER: Final = 5.0
"""Seconds to wait for what the scheduler tells of its workers."""
_LINKED: Final = re.compile(r"<link\b[^>]*\bhref=[\"']?https?:[^>]*>", re.IGNORECASE)
"""What a page takes from another host before it is shown: Dask's report its icon."""


@dataclass
class Measured:
    """What a run took, so far."""

    client: Client | None = None
    """Who is connected to the cluster that computes; None if there is none."""
    report: Path | None = None
    """The report of Dask, once it is written."""
    meter: Meter = field(default_factory=Meter)
    """Counts what this process takes."""
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
        workers = _workers(self.client)
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

    @property
    def costs(self) -> RunCosts:
        """What the record of the run keeps."""
        return self.meter.read()


@contextmanager
def measured(folder: Path) -> Iterator[Measured]:
    """Measure what happens while the context is open, and write `compute.json` and `dask-report.html` into a folder.

    The report needs the extra `report`, here and where the scheduler runs, and a cluster; without them there is none.

    Args:
        folder: The folder of the run.
    """
    found = Measured(default_client())
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with looking(found.look, _EVERY), _reported(found, folder / REPORT):
            yield found
    finally:
        (folder / MEASURES).write_text(json.dumps(found.rows, indent=2) + "\n", encoding="utf-8")


@contextmanager
def _reported(found: Measured, path: Path) -> Iterator[None]:
    # The folder of a run that goes on holds the report of its last try, or none.
    path.unlink(missing_ok=True)
    if found.client is None or not find_spec("bokeh"):
        yield
        return
    from distributed import performance_report

    # The report shows code: that of this line, and none of a workflow's.
    report = performance_report(filename=str(path), stacklevel=1, mode="inline")
    report.__enter__()
    try:
        yield
    finally:
        try:
            report.__exit__(None, None, None)
            path.write_text(_LINKED.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
            found.report = path
        except Exception as error:  # noqa: BLE001 - a cluster that is gone tells nothing, one without bokeh draws nothing
            _LOG.warning("there is no report of Dask: %s", error)


def _workers(client: Client | None) -> dict[str, dict[str, Any]]:
    """Return what the scheduler tells of its workers; nothing if it does not answer."""
    if client is None or client.scheduler is None or client.status != "running":
        return {}
    try:
        told = client.sync(client.scheduler.identity, n_workers=-1, callback_timeout=_ANSWER)
    except Exception:  # noqa: BLE001 - whoever computes tells that the cluster is gone
        return {}
    return dict(told["workers"])

"""A Dask scheduler and its workers, each a process of its own on loopback, and a map whose blocks take a while."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
from cube_factories import cube
from numpy.typing import NDArray

from earthcode_platform.cubes.file_options import read_options
from earthcode_platform.cubes.streaming.stream import Streamed
from earthcode_platform.models.experiment import ProductFormat

__all__ = ["SIDE", "DaskProcesses", "SlowMap", "environment", "running", "streamed"]

SIDE = 16
"""Rows and columns of a block."""
TESTS = Path(__file__).resolve().parent


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which a worker finds the platform and this module."""
    return os.environ | {"PYTHONPATH": f"{TESTS.parent}:{TESTS}", "OMP_NUM_THREADS": "1"} | more


@dataclass
class SlowMap:
    """A map computed by blocks, each of which takes a while and is noted in a file, by the process that does it."""

    notes: str
    side_of_map: int = 160
    seconds: float = 0.1
    side: int = SIDE
    hrefs: tuple[str, ...] = ()
    block_bytes: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return (1, 1, self.side_of_map, self.side_of_map)

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype("float32")

    @property
    def ndim(self) -> int:
        return 4

    def values(self) -> NDArray[np.float32]:
        """Return the whole map."""
        return np.arange(self.side_of_map**2, dtype="float32").reshape(self.shape)

    def __getitem__(self, key: tuple[Any, ...]) -> NDArray[np.float32]:
        time.sleep(self.seconds)
        with Path(self.notes).open("a", encoding="utf-8") as opened:
            opened.write(f"{os.getpid()} {key[-2].start} {key[-1].start}\n")
        return self.values()[key]

    def noted(self) -> list[tuple[int, int, int]]:
        """Return process, row and column of each block that was computed."""
        if not Path(self.notes).is_file():
            return []
        lines = Path(self.notes).read_text(encoding="utf-8").splitlines()
        return [tuple(map(int, line.split())) for line in lines]  # type: ignore[misc]  # three numbers in each


def streamed(source: SlowMap, folder: Path) -> tuple[Streamed, xr.DataArray]:
    """Return what writes the map as a Zarr of one block a unit, and the lazy cube of it."""
    data = da.from_array(
        source, chunks=(1, 1, SIDE, SIDE), name="blocks-slow", asarray=False, meta=np.empty(0, source.dtype)
    )
    found = cube(source.values()).astype(source.dtype).copy(data=data)
    options = read_options({"chunks": {"y": SIDE, "x": SIDE}, "shards": {"y": SIDE, "x": SIDE}}, ProductFormat.ZARR)
    path = folder / "result" / "map.zarr"
    return Streamed(found, source, path, "A map", options, "one", folder / "blocks"), found


@dataclass
class DaskProcesses:
    """A running scheduler, with workers that can be killed."""

    address: str
    scheduler: subprocess.Popen[bytes]
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self, *options: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, which nobody starts again."""
        words = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "1GiB"]
        number = len(self.workers)
        self.workers.append(_start("worker", [*words, *options], self.folder / f"worker-{number}.log", **env))
        return self.workers[-1]

    def wait_for_workers(self) -> None:
        """Return when all workers are there."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=60)

    def told(self) -> str:
        """Return what all processes wrote."""
        return "\n".join(log.read_text() for log in sorted(self.folder.glob("*.log")))


@contextmanager
def running(folder: Path, workers: int, *options: str, **env: str) -> Iterator[DaskProcesses]:
    """Run a scheduler with so many workers of one thread each, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show", *options]
    found = DaskProcesses(
        f"tcp://127.0.0.1:{port}", _start("scheduler", words, folder / "scheduler.log", **env), folder
    )
    try:
        for _ in range(workers):
            found.add_worker(**env)
        yield found
    finally:
        for process in (*found.workers, found.scheduler):
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)


def _start(kind: str, words: list[str], log: Path, **env: str) -> subprocess.Popen[bytes]:
    with log.open("wb") as told:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words],
            cwd=log.parent,
            env=environment(**env),
            stdout=told,
            stderr=subprocess.STDOUT,
        )

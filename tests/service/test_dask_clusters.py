"""Workers and schedulers that die while a product is streamed: it is finished by the others, or on the next try."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dask.config
import pytest
from dask_processes import DaskProcesses, SlowMap, environment, running, streamed
from distributed import LocalCluster, default_client

from blocks.compute import DaskCompute
from blocks.measuring import MEASURES, measured
from earthcode_platform import checksums
from earthcode_platform.cubes.streaming.stream import stream
from earthcode_platform.errors import InputError, UnavailableError

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

BLOCKS = 36


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checksum of the map as threads of this process write it."""
    folder = tmp_path_factory.mktemp("threads")
    job, _ = streamed(SlowMap(str(folder / "notes"), side_of_map=96, seconds=0), folder)
    stream(job, lambda _fraction: None)
    return checksums.of_path(job.path)


def slow(folder: Path) -> SlowMap:
    return SlowMap(str(folder / "notes"), side_of_map=96)


@contextmanager
def at_a_third(source: SlowMap, then: Callable[[], object]) -> Iterator[None]:
    """Do something when a third of the blocks is computed."""
    over = threading.Event()

    def watch() -> None:
        while len(source.noted()) < BLOCKS // 3:
            if over.wait(0.02):
                return
        then()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def on(address: str, source: SlowMap, folder: Path) -> Path:
    """Stream the map on a cluster; return where it is. Without patience: a client looks long for who is gone."""
    job, _ = streamed(source, folder)
    impatient = dask.config.set({"distributed.comm.timeouts.connect": "3s"})
    with DaskCompute(scheduler=address, timeout=8).client(), measured(folder / "run"), impatient:
        stream(job, lambda _fraction: None)
    return job.path


def kill(processes: DaskProcesses, *which: int) -> None:
    for number in which:
        processes.workers[number].send_signal(signal.SIGKILL)


def test_a_worker_dies_and_the_other_finishes(tmp_path: Path, expected: str) -> None:
    source = slow(tmp_path)
    with running(tmp_path / "dask", 2) as processes:
        processes.wait_for_workers()
        with at_a_third(source, lambda: kill(processes, 0)):
            path = on(processes.address, source, tmp_path)
    assert checksums.of_path(path) == expected
    by = [process for process, *_ in source.noted()]
    assert by[-1] == processes.workers[1].pid
    assert processes.workers[0].pid in by


def test_a_worker_of_a_local_cluster_dies_and_the_run_is_finished(
    tmp_path: Path, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = slow(tmp_path)
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        first = next(iter(cluster.workers.values())).pid
        with at_a_third(source, lambda: os.kill(first, signal.SIGKILL)):
            path = on(cluster.scheduler_address, source, tmp_path)
    assert checksums.of_path(path) == expected
    assert first in {process for process, *_ in source.noted()}


def test_all_workers_die_and_the_next_try_goes_on_where_the_first_was(tmp_path: Path, expected: str) -> None:
    source = slow(tmp_path)
    with running(tmp_path / "dask", 2) as processes:
        processes.wait_for_workers()
        with (
            at_a_third(source, lambda: kill(processes, 0, 1)),
            pytest.raises(UnavailableError, match=r"lost what it was computing|had no worker"),
        ):
            on(processes.address, source, tmp_path)
        assert not (tmp_path / "result").exists()
        before = len(source.noted())
        processes.add_worker()
        path = on(processes.address, source, tmp_path)
    assert checksums.of_path(path) == expected
    # What was under way with the workers that died is computed again, and nothing else.
    assert BLOCKS - before <= len(source.noted()) - before <= BLOCKS - before + 4
    assert before >= BLOCKS // 3


def test_a_scheduler_that_dies_ends_the_run_soon_and_what_was_measured_is_kept(tmp_path: Path) -> None:
    source = slow(tmp_path)
    begun = time.monotonic()
    with running(tmp_path / "dask", 1) as processes:
        processes.wait_for_workers()
        with (
            at_a_third(source, lambda: processes.scheduler.send_signal(signal.SIGKILL)),
            pytest.raises(UnavailableError, match="the Dask cluster lost what it was computing: "),
        ):
            on(processes.address, source, tmp_path)
        with (
            pytest.raises(UnavailableError, match="does not answer"),
            DaskCompute(scheduler=processes.address, timeout=1).client(),
        ):
            pass
    assert '"workers": 1' in (tmp_path / "run" / MEASURES).read_text()
    assert time.monotonic() - begun < 60


def hidden(folder: Path, name: str) -> dict[str, str]:
    """Return the environment of a Python in which a package is not installed."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(f"import sys\nsys.modules[{name!r}] = None\n")
    return {"PYTHONPATH": f"{folder}:{environment()['PYTHONPATH']}"}


def test_a_scheduler_without_bokeh_computes_and_draws_no_report(tmp_path: Path, expected: str) -> None:
    source = slow(tmp_path)
    with running(tmp_path / "dask", 1, **hidden(tmp_path / "without", "bokeh")) as processes:
        job, _ = streamed(source, tmp_path)
        with DaskCompute(scheduler=processes.address).client(), measured(tmp_path / "run") as took:
            default_client().wait_for_workers(1)
            stream(job, lambda _fraction: None)
    assert checksums.of_path(job.path) == expected
    assert took.report is None
    assert [path.name for path in (tmp_path / "run").iterdir()] == [MEASURES]


def test_workers_without_the_platform_are_told_of_before_anything_runs(tmp_path: Path) -> None:
    with running(tmp_path / "dask", 1, **hidden(tmp_path / "without", "earthcode_platform")) as processes:
        processes.wait_for_workers()
        with pytest.raises(InputError, match=r"a worker of the Dask cluster cannot load this platform.*constraints"):
            DaskCompute(scheduler=processes.address).client().__enter__()

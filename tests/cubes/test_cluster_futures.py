"""What a cluster computes is waited for as long as it has workers, or may get some."""

import threading
import time
from collections.abc import Iterator

import pytest
from distributed import Client, LocalCluster

from earthcode_platform.cubes.cluster_futures import address_of, awaiting, require_workers
from earthcode_platform.errors import UnavailableError


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=0, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0") as empty:
        yield empty


def test_a_cluster_without_workers_is_waited_for_and_then_named(cluster: LocalCluster) -> None:
    with Client(cluster) as client:
        with pytest.raises(UnavailableError, match=r"has had no worker for 0\.2 s\. Start workers") as none:
            require_workers(client, 0.2)
        assert none.value.where == address_of(client)
        threading.Timer(0.2, cluster.scale, [1]).start()
        require_workers(client, 20)
        assert len(client.nthreads()) == 1


def test_a_cluster_that_grows_with_its_work_begins_to(cluster: LocalCluster) -> None:
    cluster.adapt(minimum=0, maximum=1, interval="50ms")
    with Client(cluster) as client, awaiting(client, 20) as awaited:
        awaited.add([client.submit(pow, 3, 2)])
        assert awaited.value(awaited.first()) == 9


def deserted(cluster: LocalCluster, client: Client, held: object) -> None:
    """Wait for a task whose worker goes."""
    with awaiting(client, 0.5) as awaited:
        awaited.add([client.submit(lambda _held: time.sleep(0.3), held)])
        cluster.scale(0)
        awaited.value(awaited.first())


def test_what_is_lost_with_the_last_worker_ends_the_wait(cluster: LocalCluster) -> None:
    cluster.scale(1)
    with Client(cluster) as client:
        held = client.scatter([1], broadcast=True)
        with pytest.raises(UnavailableError, match="lost what it was computing"):
            deserted(cluster, client, held[0])


def test_what_is_not_done_at_the_end_is_cancelled(cluster: LocalCluster) -> None:
    cluster.scale(1)
    with Client(cluster) as client:
        with awaiting(client, 20) as awaited:
            awaited.add(client.submit(time.sleep, 0.2, pure=False) for _ in range(50))
        assert not awaited
        deadline = time.monotonic() + 10
        while client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_an_error_of_a_task_is_not_taken_for_one_of_the_cluster(cluster: LocalCluster) -> None:
    def slow() -> None:
        raise TimeoutError("the server of the data")

    cluster.scale(1)
    with Client(cluster) as client, awaiting(client, 20) as awaited:
        awaited.add([client.submit(slow)])
        with pytest.raises(TimeoutError, match="the server of the data"):
            awaited.value(awaited.first())

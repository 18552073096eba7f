"""Dask clusters that are started for a run: in this process, by a dask-gateway server, or by Kubernetes."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.errors import MissingExtraError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["gateway_cluster", "kubernetes_cluster", "local_cluster", "local_threads"]

_GIB: Final = 1024**3


def local_threads(threads: int | None, memory: int) -> int:
    """Return how many threads a cluster in this process has: those wanted, or a core each, with 1 GiB at least.

    Args:
        threads: How many are wanted.
        memory: Bytes that they may use together.
    """
    from dask.system import CPU_COUNT

    return threads or max(1, min(int(CPU_COUNT), memory // _GIB))


@contextmanager
def local_cluster(threads: int | None, memory_gib: float | None) -> Iterator[Any]:
    """Start a cluster of threads of this process, and stop it.

    Cores and memory are those that the machine, or the container, gives to this process, unless it is said otherwise.
    """
    import dask.config
    from distributed import LocalCluster
    from distributed.system import MEMORY_LIMIT

    memory = int(MEMORY_LIMIT if memory_gib is None else memory_gib * _GIB)
    # A worker that is this process would take all our memory for its data, and wait for ever for it to be freed.
    patience = {f"distributed.worker.memory.{name}": False for name in ("target", "spill", "pause", "terminate")}
    with (
        dask.config.set(patience),
        LocalCluster(
            n_workers=1,
            threads_per_worker=local_threads(threads, memory),
            memory_limit=memory,
            processes=False,
            dashboard_address="127.0.0.1:0",
        ) as cluster,
    ):
        yield cluster


@contextmanager
def gateway_cluster(address: str, workers: int, timeout: float) -> Iterator[Any]:
    """Start a cluster by a dask-gateway server, with so many workers, and stop it.

    Who we are there is in the configuration of Dask on the worker (`gateway.auth`), never in a block.

    Raises:
        MissingExtraError: The package dask-gateway is not installed.
        UnavailableError: The server does not answer, or refuses us.
    """
    try:
        from dask_gateway import Gateway
    except ImportError:
        raise _missing("dask-gateway") from None
    with ExitStack() as stack:
        try:
            gateway = stack.enter_context(Gateway(address))
            cluster = stack.enter_context(gateway.new_cluster(shutdown_on_close=True))
            cluster.scale(workers)
            stack.enter_context(cluster.get_client(set_as_default=False)).wait_for_workers(1, timeout=timeout)
        except (OSError, ValueError, RuntimeError) as error:
            raise _unavailable("dask-gateway", address, error) from error
        yield cluster


@contextmanager
def kubernetes_cluster(namespace: str, image: str, workers: int, memory_gib: float | None) -> Iterator[Any]:
    """Start a cluster by the Dask operator of a Kubernetes cluster, and delete it.

    Raises:
        MissingExtraError: The package dask-kubernetes is not installed.
        UnavailableError: Kubernetes does not answer, or has no Dask operator.
    """
    try:
        from dask_kubernetes.operator import KubeCluster
    except ImportError:
        raise _missing("dask-kubernetes") from None
    limits = {} if memory_gib is None else {"limits": {"memory": f"{memory_gib:g}Gi"}}
    with ExitStack() as stack:
        try:
            wanted = KubeCluster(namespace=namespace, image=image, n_workers=workers, resources=limits)
            cluster = stack.enter_context(wanted)
        except (OSError, ValueError, RuntimeError) as error:
            raise _unavailable("Kubernetes", namespace, error) from error
        yield cluster


def _missing(package: str) -> MissingExtraError:
    return MissingExtraError(
        f"the compute block wants a cluster by {package}, which is not installed.",
        remedy=f"Install it where runs are computed: pip install {package}. Or leave it out of the compute block.",
    )


def _unavailable(kind: str, where: str, error: Exception) -> UnavailableError:
    return UnavailableError(
        f"{kind} starts no Dask cluster: {error}.", where=where, remedy="Try again, or mend the compute block."
    )

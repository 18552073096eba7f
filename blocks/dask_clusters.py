"""Dask clusters by the address of their scheduler, or of threads of this process; each is handed out connected."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.cluster_futures import address_of
from earthcode_platform.errors import InputError, MissingExtraError, UnavailableError
from earthcode_platform.web.concealing import conceal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

__all__ = ["forget_client", "local_cluster", "local_threads", "missing", "named_cluster", "prepare_workers"]

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
def local_cluster(threads: int | None, memory_gib: float | None) -> Iterator[Client]:
    """Start a cluster of threads of this process, and stop it.

    Cores and memory are those that the machine, or the container, gives to this process, unless it is said otherwise.
    """
    import dask.config
    from distributed import Client, LocalCluster
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
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def named_cluster(scheduler: str, timeout: float) -> Iterator[Client]:
    """Connect to a scheduler that runs already; it goes on to run.

    Raises:
        InputError: The address is none, or its workers do not have this platform.
        UnavailableError: Nobody answers there.
    """
    from distributed import Client

    try:
        client = Client(scheduler, timeout=timeout)
    except ValueError as error:
        forget_client()
        raise InputError(
            f"{scheduler!r} is no address of a Dask scheduler: {error}.",
            remedy="Write it as tcp://host:port in the compute block.",
        ) from error
    except OSError as error:
        forget_client()
        raise UnavailableError(
            f"the Dask scheduler {scheduler!r} does not answer.",
            remedy="Start it, or correct the address in the compute block.",
        ) from error
    with client:
        prepare_workers(client)
        yield client


def prepare_workers(client: Client) -> None:
    """Let the workers of a cluster elsewhere conceal credentials: they read files by addresses signed for a while.

    Raises:
        InputError: A worker does not have this platform.
        UnavailableError: The scheduler is gone.
    """
    try:
        client.register_worker_callbacks(setup=conceal)
    except OSError as error:
        raise UnavailableError(f"the Dask scheduler is gone: {error}.", where=address_of(client)) from error
    except Exception as error:
        # What cannot be imported there comes back as an error of no kind in particular.
        raise InputError(
            f"a worker of the Dask cluster cannot load this platform: {error}.",
            where=address_of(client),
            remedy="Install earthcode-platform where scheduler and workers run, of the same version as here, and with "
            "the same versions of what it stands on (constraints.txt).",
        ) from error


def missing(package: str, install: str) -> MissingExtraError:
    """Return the error for a cluster whose package is not installed.

    Args:
        package: Its name.
        install: What pip has to install.
    """
    return MissingExtraError(
        f"the compute block wants a cluster by {package}, which is not installed.",
        remedy=f"Install it where runs are computed: pip install {install}. Or leave it out of the compute block.",
    )


def forget_client() -> None:
    """Undo what a client that could not be made leaves behind: Dask would go on to compute with it."""
    import dask.config

    dask.config.set(scheduler=None)

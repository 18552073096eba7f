"""What a Dask cluster computes, waited for as long as there is somebody who computes it.

Dask waits for ever for workers that may come: a run would hang where the last worker has died.
"""

from __future__ import annotations

import time
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from distributed import Client, Future

__all__ = ["PATIENCE", "Awaited", "address_of", "awaiting", "require_workers"]

PATIENCE: Final = 60.0
"""Seconds that a cluster may have no worker: a nanny or a batch system may start another."""
_LOOK: Final = 1.0
"""Seconds between two looks at the workers, while nothing is done."""


class Awaited:
    """Futures of a cluster, handed out in the order in which they are done.

    Args:
        client: Who is connected to the cluster.
        patience: Seconds that it may have no worker.
    """

    def __init__(self, client: Client, patience: float) -> None:
        self._client = client
        self._patience = patience
        self._done: SimpleQueue[Future[Any]] = SimpleQueue()
        self._running: dict[object, Future[Any]] = {}

    def __len__(self) -> int:
        """Return how many were not handed out yet."""
        return len(self._running)

    def add(self, futures: Iterable[Future[Any]]) -> None:
        """Wait for more."""
        for future in futures:
            self._running[future.key] = future
            future.add_done_callback(self._done.put)

    def first(self) -> Future[Any]:
        """Wait for one that is done, and return it.

        Raises:
            UnavailableError: There are no workers any more.
        """
        while True:
            try:
                return self._running.pop(self._done.get(timeout=_LOOK).key)
            except Empty:
                require_workers(self._client, self._patience)

    def value(self, future: Future[Any]) -> Any:  # noqa: ANN401 - whatever was computed
        """Return what one holds; it is computed again if the worker that held it has died meanwhile.

        Raises:
            UnavailableError: There are no workers any more.
        """
        wait = self._patience
        while True:
            try:
                return future.result(timeout=wait)
            except TimeoutError:
                # Of the task itself, which may read from a server that is too slow?
                if future.status == "error":
                    raise
                require_workers(self._client, self._patience)
                wait *= 2

    def cancel(self) -> None:
        """Let the cluster forget what was not handed out, if it is still there."""
        with suppress(OSError, RuntimeError, CancelledError):
            if self._running:
                self._client.cancel(list(self._running.values()))
        self._running.clear()


def address_of(client: Client) -> str:
    """Return the address of the scheduler that a client is connected to."""
    return "" if client.scheduler is None else str(client.scheduler.address)


def require_workers(client: Client, patience: float = PATIENCE) -> None:
    """Return when the cluster has a worker, which it mostly has.

    Args:
        client: Who is connected to the cluster.
        patience: Seconds to wait for the first.

    Raises:
        UnavailableError: There is none.
    """
    if client.nthreads():
        return
    begun = time.monotonic()
    # A cluster that grows with its work needs some to begin with.
    _work = client.submit(int, pure=False)
    while not client.nthreads():
        if time.monotonic() - begun > patience:
            raise UnavailableError(
                f"the Dask cluster has had no worker for {patience:g} s.",
                where=address_of(client),
                remedy="Start workers, or see in their logs why they ended; then try again.",
            )
        time.sleep(min(_LOOK, patience / 4))


@contextmanager
def awaiting(client: Client, patience: float = PATIENCE) -> Iterator[Awaited]:
    """Wait for futures while the context is open; what is not done at its end is cancelled.

    Args:
        client: Who is connected to the cluster.
        patience: Seconds that it may have no worker.

    Raises:
        UnavailableError: The cluster has no worker, or what was computed is lost with the workers or the scheduler.
    """
    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    awaited = Awaited(client, patience)
    try:
        require_workers(client, patience)
        yield awaited
    except KilledWorker as error:
        raise UnavailableError(
            f"one task ended each of the {error.allowed_failures + 1} Dask workers that ran it.",
            where=error.last_worker.address,
            remedy="Give the workers more memory, or see in their logs why they ended; try again.",
        ) from error
    except (CancelledError, OSError) as error:
        # Of a task, which may not have been able to read its data?
        if isinstance(error, OSError) and not isinstance(error, CommClosedError) and client.status == "running":
            raise
        reason = getattr(error, "reason", "") or str(error).strip(" .")
        raise UnavailableError(
            f"the Dask cluster lost what it was computing: {reason}.",
            where=address_of(client),
            remedy="See in the logs of scheduler and workers why they ended, perhaps for want of memory; try again.",
        ) from error
    finally:
        awaited.cancel()

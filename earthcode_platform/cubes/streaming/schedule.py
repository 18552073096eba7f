"""Blocks computed a few at a time, on the Dask cluster the caller is connected to or on threads.

However many blocks there are, no more are under way than keep every core busy: so neither a graph of them nor their
values are ever held together.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from urllib.parse import urlsplit

from earthcode_platform.cubes.cluster_futures import awaiting
from earthcode_platform.cubes.compute import default_client
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from distributed import Client

    from earthcode_platform.cubes.streaming.units import Box

__all__ = ["Patient", "computed", "sites", "workers"]

Result = TypeVar("Result")
_LOG: Final = logging.getLogger(__name__)
_PAUSES: Final = (0.5, 2.0, 8.0)
"""Seconds before a block is tried again whose data did not answer."""
_AHEAD: Final = 1
"""Blocks that wait for a free core."""
_LOOK: Final = 2.0
"""Seconds between two looks at how many workers a cluster has."""


@dataclass(frozen=True)
class Patient(Generic[Result]):
    """Computes blocks; one whose remote data do not answer is tried again, by itself."""

    task: Callable[[Box], Result]
    sites: tuple[str, ...] = ()
    """Where remote data come from, as `sites` tells; none if all lie here, where another try would not help."""
    pauses: tuple[float, ...] = _PAUSES

    def __call__(self, box: Box) -> Result:
        """Return what the task makes of the box.

        Raises:
            OSError: Data cannot be read; remote ones were asked several times.
        """
        from rasterio.errors import RasterioError

        try:
            return self.task(box)
        except (OSError, RasterioError) as error:
            if not self.sites:
                raise
            self._wait(box, error, self.pauses[0])
        for pause in self.pauses[1:]:
            try:
                return self._anew(box)
            except (OSError, RasterioError) as error:
                self._wait(box, error, pause)
        return self._anew(box)

    def _wait(self, box: Box, error: Exception, pause: float) -> None:
        _LOG.warning("block %s: %s; trying again in %s s", tuple(box), public(str(error)), pause)
        time.sleep(pause)

    def _anew(self, box: Box) -> Result:
        """Try again: GDAL would remember that a file could not be had, and not ask for it any more."""
        import rasterio

        with rasterio.Env(CPL_VSIL_CURL_NON_CACHED=":".join(self.sites)):
            return self.task(box)


def sites(hrefs: Iterable[str]) -> tuple[str, ...]:
    """Return where remote files come from, as GDAL's option CPL_VSIL_CURL_NON_CACHED names it, each once."""
    parsed = {(found.scheme, found.hostname) for found in map(urlsplit, hrefs) if is_remote(found.geturl())}
    return tuple(
        sorted(
            f"/vsicurl/{scheme}://{host}" if scheme.startswith("http") else f"/vsi{scheme}/" for scheme, host in parsed
        )
    )


def workers() -> int:
    """Return how many blocks are computed at the same time: the cores, or the threads of the cluster."""
    from dask.system import CPU_COUNT

    client = default_client()
    return int(CPU_COUNT) if client is None else max(1, sum(client.nthreads().values()))


def computed(task: Callable[[Box], Result], boxes: Iterable[Box]) -> Iterator[Result]:
    """Yield what a task makes of boxes as it is ready; what is not asked for is not computed far ahead.

    Args:
        task: Takes a box. On a cluster it travels to the workers.
        boxes: Which blocks, in the order in which they are begun.

    Raises:
        OSError: Data cannot be read.
        UnavailableError: The cluster has no workers, or broke off.
    """
    client = default_client()
    return _on_threads(task, boxes) if client is None else _on_cluster(task, boxes, client)


def _on_threads(task: Callable[[Box], Result], boxes: Iterable[Box]) -> Iterator[Result]:
    threads = workers()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="block")
    pending: set[Future[Result]] = set()
    try:
        for box in boxes:
            pending.add(pool.submit(task, box))
            if len(pending) >= threads + _AHEAD:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                while done:
                    yield done.pop().result()
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            while done:
                yield done.pop().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _on_cluster(task: Callable[[Box], Result], boxes: Iterable[Box], client: Client) -> Iterator[Result]:
    room = _Room()
    with awaiting(client) as awaited:
        held = client.scatter(task, hash=False, broadcast=True)
        for box in boxes:
            awaited.add([client.submit(_called, held, box, pure=False)])
            while len(awaited) >= room():
                yield awaited.value(awaited.first())
        while awaited:
            yield awaited.value(awaited.first())


class _Room:
    """How many blocks may be under way on a cluster, to which workers come and from which they go."""

    def __init__(self) -> None:
        self._most = 0
        self._looked = float("-inf")

    def __call__(self) -> int:
        if time.monotonic() - self._looked >= _LOOK:
            self._most, self._looked = workers() + _AHEAD, time.monotonic()
        return self._most


def _called(task: Callable[[Box], Result], box: Box) -> Result:
    return task(box)

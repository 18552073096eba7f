"""Lazy cubes into memory, with progress: on the Dask cluster the caller is connected to, or on threads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from earthcode_platform.cubes.cluster_futures import awaiting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import xarray as xr
    from distributed import Client

__all__ = ["compute", "default_client"]


def compute(cubes: Sequence[xr.DataArray], progress: Callable[[float], None]) -> list[xr.DataArray]:
    """Return the cubes with their values in memory, computed together so that what they share is computed once.

    With a default `distributed.Client` the work is done on its cluster, else on the threads of this process.

    Args:
        cubes: Lazy cubes.
        progress: Takes the fraction of tasks that are done, between 0 and 1, at most once per hundredth.

    Raises:
        UnavailableError: The cluster has no workers, or broke off.
    """
    report = _Hundredths(progress)
    client = default_client()
    computed = _on_threads(cubes, report) if client is None else _on_cluster(cubes, client, report)
    report(1, 1)
    return computed


class _Hundredths:
    """Passes a fraction on when it has grown by a hundredth."""

    def __init__(self, progress: Callable[[float], None]) -> None:
        self._progress = progress
        self._shown = -1

    def __call__(self, done: int, total: int) -> None:
        hundredths = 100 * done // max(1, total)
        if hundredths > self._shown:
            self._shown = hundredths
            self._progress(hundredths / 100)


def default_client() -> Client | None:
    """Return the default client; without looking further if nobody in this process has imported distributed."""
    if "distributed" not in sys.modules:
        return None
    from distributed import default_client as current

    try:
        client: Client = current()
    except ValueError:
        return None
    return client


def _on_threads(cubes: Sequence[xr.DataArray], report: _Hundredths) -> list[xr.DataArray]:
    import dask.base
    from dask.callbacks import Callback

    def finished(_key: object, _result: object, _graph: object, state: dict[str, Any], _worker: object) -> None:
        done = len(state["finished"])
        report(done, done + sum(len(state[name]) for name in ("ready", "waiting", "running")))

    with Callback(posttask=finished):  # type: ignore[no-untyped-call]  # dask annotates no callbacks
        return list(dask.base.compute(*cubes, scheduler="threads"))  # type: ignore[no-untyped-call]  # nor this


def _on_cluster(cubes: Sequence[xr.DataArray], client: Client, report: _Hundredths) -> list[xr.DataArray]:
    from distributed import futures_of

    with awaiting(client) as awaited:
        persisted = client.persist(list(cubes))
        awaited.add(futures_of(persisted))
        total = len(awaited)
        while awaited:
            awaited.first()
            report(total - len(awaited), total)
        whole = client.compute(persisted)
        awaited.add(whole)
        while awaited:
            awaited.first()
        return [awaited.value(future) for future in whole]

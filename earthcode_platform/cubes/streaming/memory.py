"""Whether a computation fits into memory, asked before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.compute import default_client
from earthcode_platform.errors import ExecutionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr

    from earthcode_platform.cubes.streaming.source import BlockSource

__all__ = ["require_room", "require_room_for_all"]

_GIB: Final = 1024**3
_BASE: Final = 256 * 1024**2
"""What a process of the platform takes with nothing computed: libraries and caches."""
_COPIES: Final = 3
"""Copies of a result that is computed as a whole: its values, as they are written, and as they are read back."""


def require_room(source: BlockSource, where: str) -> None:
    """Check that every thread can compute a block at the same time.

    Raises:
        ExecutionError: A worker has too little memory.
    """
    for limit, threads in _workers():
        _require(
            _BASE + threads * source.block_bytes,
            limit,
            "one block" if threads == 1 else f"{threads} blocks at a time",
            where,
        )


def require_room_for_all(cubes: Sequence[xr.DataArray], where: str) -> None:
    """Check that results that are computed as a whole fit into memory, at the very least.

    Raises:
        ExecutionError: There is too little memory on this machine.
    """
    needed = _BASE + _COPIES * sum(cube.nbytes for cube in cubes)
    _require(needed, min([_here(), *(limit for limit, _ in _workers(local=True))]), "the whole result", where)


def _require(needed: int, limit: int, what: str, where: str) -> None:
    if limit and needed > limit:
        raise ExecutionError(
            f"{what} would need at least {needed / _GIB:.2f} GiB of memory, and there are {limit / _GIB:.2f} GiB.",
            where=where,
            remedy="Choose a smaller window or fewer dates, save a map as COG or Zarr (which need no more for a larger "
            "area), or give the compute block more memory (cluster_memory_gib) or fewer threads.",
        )


def _here() -> int:
    """Return the bytes that this process may use, as the machine or the container says."""
    from distributed.system import MEMORY_LIMIT

    return int(MEMORY_LIMIT)


def _workers(*, local: bool = False) -> list[tuple[int, int]]:
    """Return memory and threads of each worker; of those in this process only, or of this process without a cluster."""
    from dask.system import CPU_COUNT

    client = default_client()
    if client is None:
        return [(_here(), int(CPU_COUNT))]
    known = client.scheduler_info(n_workers=-1)["workers"]
    return [
        (int(worker["memory_limit"] or 0) or _here(), int(worker["nthreads"]))
        for address, worker in known.items()
        if not local or address.startswith("inproc://")
    ]

"""Where cubes are computed."""

from collections.abc import Iterator
from contextlib import contextmanager

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.isolation.limits import Isolation, Limits
from earthcode_platform.web.concealing import conceal

__all__ = ["DaskCompute"]


class DaskCompute(Block):
    """A Dask scheduler, by address; threads of the worker's own process if none is named.

    Example:
        ```python
        from blocks.compute import DaskCompute

        compute = DaskCompute.load("BLOCK_NAME")
        with compute.client():
            cube.compute()
        ```
    """

    _block_type_name = "EarthCODE Dask compute"
    _block_type_slug = "earthcode-dask-compute"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "The Dask scheduler that computes cubes near the data."

    scheduler: str | None = Field(
        default=None, description="Address of a running scheduler, such as tcp://scheduler:8786."
    )
    threads: int | None = Field(
        default=None, ge=1, description="Threads of the local cluster; one a core if left out. Unused with a scheduler."
    )

    isolation: Isolation = Field(
        default=Isolation.NAMESPACES,
        description="How programs of a workflow (tools, notebooks, models) are kept from everything else. `process` "
        "accepts a plain limited process, which sees the worker's files and network, where the worker's machine can do "
        "no more; products say which it was.",
    )
    memory_gib: float = Field(
        default=4.0, gt=0, description="Memory in GiB that the programs of one workflow may use together."
    )
    hours: float = Field(
        default=6.0,
        gt=0,
        le=6,
        description="Hours after which the programs of one workflow are ended; the task ends after six.",
    )
    processes: int = Field(
        default=256, ge=1, description="Processes and threads that the programs of one workflow may have at a time."
    )

    timeout: float = Field(default=20.0, gt=0, description="Seconds to wait for the scheduler's first answer.")

    def for_programs(self) -> dict[str, object]:
        """Return the options of engines that run programs of a workflow: what these may use, and how isolated."""
        limits = Limits(
            seconds=self.hours * 3600, memory_bytes=int(self.memory_gib * 1024**3), processes=self.processes
        )
        return {"limits": limits, "least": self.isolation}

    @contextmanager
    def client(self) -> Iterator[str]:
        """Make the cluster Dask's current one while the context is open, and yield its address.

        Raises:
            UnavailableError: The scheduler does not answer.
        """
        from distributed import Client, LocalCluster

        if self.scheduler is None:
            with (
                LocalCluster(
                    n_workers=1, threads_per_worker=self.threads, processes=False, dashboard_address="127.0.0.1:0"
                ) as cluster,
                Client(cluster),
            ):
                yield cluster.scheduler_address
            return
        try:
            client = Client(self.scheduler, timeout=self.timeout)
        except ValueError as error:
            _forget_client()
            raise InputError(
                f"{self.scheduler!r} is no address of a Dask scheduler: {error}.",
                remedy="Write it as tcp://host:port in the compute block.",
            ) from error
        except OSError as error:
            _forget_client()
            raise UnavailableError(
                f"the Dask scheduler {self.scheduler!r} does not answer.",
                remedy="Start it, or correct the address in the compute block.",
            ) from error
        with client:
            # Workers read files by addresses that are signed for a while.
            client.register_worker_callbacks(setup=conceal)
            yield self.scheduler


def _forget_client() -> None:
    """Undo what a client that could not be made leaves behind: Dask would go on to compute with it."""
    import dask.config

    dask.config.set(scheduler=None)

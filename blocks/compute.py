"""Where cubes are computed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Self

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl, model_validator

from blocks.addresses import WithoutCredentials
from blocks.dask_clusters import gateway_cluster, kubernetes_cluster, local_cluster
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.isolation.limits import Isolation, Limits
from earthcode_platform.web.concealing import conceal

__all__ = ["DaskCompute"]


class DaskCompute(Block):
    """Where Dask computes: a scheduler by address, or a cluster for each run; if none is named, threads of the worker.

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
        default=None,
        ge=1,
        description="Threads of the local cluster; if left out one a core, each with 1 GiB of memory at least.",
    )
    cluster_memory_gib: float | None = Field(
        default=None,
        gt=0,
        description="Memory in GiB of the local cluster, or of each worker that Kubernetes starts; what does not fit "
        "is refused before it runs. If left out, the local cluster may use what the machine or container has.",
    )
    gateway: WithoutCredentials | None = Field(
        default=None, description="Address of a dask-gateway server that starts a cluster for each run."
    )
    kubernetes: str | None = Field(
        default=None, description="Namespace in which the Dask operator of Kubernetes starts a cluster for each run."
    )
    image: str = Field(
        default="ghcr.io/dask/dask:latest",
        description="Image of the workers that Kubernetes starts; it needs this platform, of the same version.",
    )
    workers: int = Field(default=2, ge=1, description="Workers of a cluster by dask-gateway or Kubernetes.")

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
            InputError: The scheduler's address is none.
            MissingExtraError: The package that starts the cluster is not installed.
            UnavailableError: The scheduler does not answer, or no cluster can be started.
        """
        from distributed import Client

        if self.scheduler is not None:
            with self._named() as client:
                yield str(client.scheduler.address)
            return
        with self._started() as cluster, Client(cluster) as client:
            if self.gateway or self.kubernetes:
                client.register_worker_callbacks(setup=conceal)
            yield str(cluster.scheduler_address)

    def _started(self) -> AbstractContextManager[Any]:
        if self.gateway is not None:
            return gateway_cluster(self.gateway, self.workers, self.timeout)
        if self.kubernetes is not None:
            return kubernetes_cluster(self.kubernetes, self.image, self.workers, self.cluster_memory_gib)
        return local_cluster(self.threads, self.cluster_memory_gib)

    @contextmanager
    def _named(self) -> Iterator[Any]:
        from distributed import Client

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
            yield client

    @model_validator(mode="after")
    def _one_cluster(self) -> Self:
        named = [name for name in ("scheduler", "gateway", "kubernetes") if getattr(self, name)]
        if len(named) > 1:
            raise ValueError(f"{' and '.join(named)} are both given; a run is computed on one cluster")
        return self


def _forget_client() -> None:
    """Undo what a client that could not be made leaves behind: Dask would go on to compute with it."""
    import dask.config

    dask.config.set(scheduler=None)

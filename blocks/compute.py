"""Where cubes are computed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Self

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, HttpUrl, SecretStr, model_validator

from blocks.addresses import WithoutCredentials
from blocks.dask_clusters import local_cluster, named_cluster
from blocks.gateway_clusters import GatewayServer, gateway_cluster
from blocks.kubernetes_clusters import kubernetes_cluster, kubernetes_options
from earthcode_platform.cubes.cluster_futures import address_of
from earthcode_platform.isolation.limits import Isolation, Limits

if TYPE_CHECKING:
    from distributed import Client

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

    model_config = ConfigDict(hide_input_in_errors=True)

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
    gateway_user: str | None = Field(
        default=None,
        description="Our name at the dask-gateway server; if left out, gateway.auth of the configuration of Dask on "
        "the worker says who we are (JupyterHub, Kerberos).",
    )
    gateway_password: SecretStr | None = Field(default=None, description="Our password there.")
    kubernetes: str | None = Field(
        default=None, description="Namespace in which the Dask operator of Kubernetes starts a cluster for each run."
    )
    image: str = Field(
        default="ghcr.io/dask/dask:latest",
        description="Image of the workers that Kubernetes starts; it needs this platform, of the same version.",
    )
    workers: int = Field(default=2, ge=1, description="Workers of a cluster by dask-gateway or Kubernetes.")
    start_timeout: float = Field(
        default=600.0, gt=0, description="Seconds to wait until such a cluster has its scheduler and its first worker."
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
            InputError: The address is none, we are refused there, or workers do not have this platform.
            MissingExtraError: The package that starts the cluster is not installed.
            UnavailableError: The scheduler does not answer, or no cluster can be started.
        """
        with self._connected() as client:
            yield address_of(client)

    def _connected(self) -> "AbstractContextManager[Client]":
        if self.scheduler is not None:
            return named_cluster(self.scheduler, self.timeout)
        if self.gateway is not None:
            password = "" if self.gateway_password is None else self.gateway_password.get_secret_value()
            server = GatewayServer(self.gateway, self.gateway_user, password, self.timeout)
            return gateway_cluster(server, self.workers, self.start_timeout)
        if self.kubernetes is not None:
            options = kubernetes_options(
                self.kubernetes, self.image, self.workers, self.cluster_memory_gib, self.start_timeout
            )
            return kubernetes_cluster(options, self.timeout)
        return local_cluster(self.threads, self.cluster_memory_gib)

    @model_validator(mode="after")
    def _one_cluster(self) -> Self:
        named = [name for name in ("scheduler", "gateway", "kubernetes") if getattr(self, name)]
        if len(named) > 1:
            raise ValueError(f"{' and '.join(named)} are both given; a run is computed on one cluster")
        return self

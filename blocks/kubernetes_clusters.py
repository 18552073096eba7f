"""Dask clusters that the Dask operator of Kubernetes starts for a run, and deletes when the run is over."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from blocks.dask_clusters import missing, prepare_workers
from earthcode_platform.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

__all__ = ["kubernetes_cluster", "kubernetes_options"]

_REFUSES: Final = range(400, 500)
"""What HTTP says to those who may not, or ask for what there is not (RFC 9110, section 15.5)."""
_IDLE: Final = 3600
"""Seconds after which the operator deletes a cluster that does nothing: that of a process which was killed."""


def kubernetes_options(
    namespace: str, image: str, workers: int, memory_gib: float | None, patience: float
) -> dict[str, Any]:
    """Return what `KubeCluster` of dask-kubernetes is made with.

    Args:
        namespace: Where scheduler and workers run.
        image: What they run.
        workers: How many.
        memory_gib: Memory that each may use, in GiB; None for no limit.
        patience: Seconds to wait for the operator and the scheduler.
    """
    limits = {} if memory_gib is None else {"limits": {"memory": f"{int(memory_gib * 1024)}Mi"}}
    return {
        "namespace": namespace,
        "image": image,
        "n_workers": workers,
        "resources": limits,
        "resource_timeout": int(patience),
        "shutdown_on_close": True,
        "idle_timeout": _IDLE,
        "quiet": True,
    }


@contextmanager
def kubernetes_cluster(options: dict[str, Any], timeout: float) -> Iterator[Client]:
    """Start a cluster by the Dask operator of a Kubernetes cluster, connect to it, and delete it.

    Who we are there is in the configuration of kubectl where runs are computed, or in the pod's service account.

    Args:
        options: What it is made with, of `kubernetes_options`.
        timeout: Seconds to wait for the scheduler's first answer.

    Raises:
        MissingExtraError: The package dask-kubernetes is not installed.
        InputError: Kubernetes refuses us, or we have no credentials there, or the workers do not have this platform.
        UnavailableError: Kubernetes does not answer, or has no Dask operator.
    """
    from distributed import Client

    if not find_spec("dask_kubernetes"):
        raise missing("dask-kubernetes", "dask-kubernetes")
    with ExitStack() as stack:
        try:
            client = stack.enter_context(Client(stack.enter_context(_cluster(options)), timeout=timeout))
        except OSError as error:
            raise _unavailable(options["namespace"], error) from error
        prepare_workers(client)
        yield client


def _cluster(options: dict[str, Any]) -> Any:  # noqa: ANN401 - a KubeCluster
    from dask_kubernetes.operator import KubeCluster

    namespace = str(options["namespace"])
    try:
        return KubeCluster(**options)
    except ValueError as error:
        raise _refused(namespace, str(error)) from error
    except Exception as error:
        # The errors of dask-kubernetes, kr8s and httpx have nothing in common but, some of them, an answer.
        response = getattr(error, "response", None)
        if response is not None and response.status_code in _REFUSES:
            raise _refused(namespace, _said(response)) from error
        raise _unavailable(namespace, error) from error


def _said(response: Any) -> str:  # noqa: ANN401 - of httpx
    """Return what the API says, as a Status (Kubernetes API conventions, response status kind), or else its code."""
    try:
        return f"{response.status_code} {response.json()['message']}"
    except (ValueError, KeyError, TypeError):
        return str(response.status_code)


def _refused(namespace: str, said: str) -> InputError:
    return InputError(
        f"Kubernetes starts no Dask cluster: {said}.",
        where=f"namespace {namespace}",
        remedy="Correct the compute block, or what the account may do in that namespace: it makes, reads and deletes "
        "daskclusters of kubernetes.dask.org, and reads pods and services.",
    )


def _unavailable(namespace: str, error: Exception) -> UnavailableError:
    return UnavailableError(
        f"Kubernetes starts no Dask cluster: {error}.",
        where=f"namespace {namespace}",
        remedy="See whether its API answers here and the Dask operator runs there; try again.",
    )

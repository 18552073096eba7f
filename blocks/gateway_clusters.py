"""Dask clusters that a dask-gateway server starts for a run, and stops when the run is over, whatever became of it."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, TypeVar

from blocks.dask_clusters import forget_client, missing, prepare_workers
from earthcode_platform.errors import EarthCodeError, InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from distributed import Client

__all__ = ["GatewayServer", "gateway_cluster"]

_LOG: Final = logging.getLogger(__name__)
_EVERY: Final = 0.5
"""Seconds between two looks at a cluster that starts."""
_LATER: Final = (408, 429)
"""Of the answers that refuse (RFC 9110, section 15.5) those to ask again after."""
_SERVER_ERROR: Final = 500
"""From here on an answer says that the server failed (RFC 9110, section 15.6)."""
_SHOWN: Final = 500
"""Characters of an answer that an error repeats."""
_TRIES: Final = 3
"""How often a cluster is told to stop, if there is no answer."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class GatewayServer:
    """A dask-gateway server, and who we are there."""

    address: str
    """Its address."""
    user: str | None
    """Our name; None for what the configuration of Dask says (`gateway.auth`)."""
    password: str = field(repr=False)
    """Our password, if it asks for one."""
    timeout: float
    """Seconds to wait for an answer."""

    def ask(self, question: Callable[[Any], Coroutine[Any, Any, Answer]]) -> Answer:
        """Return the answer of the server.

        The client of dask-gateway runs in a thread that ends with the answer: objects of it that live longer wait for
        its thread when they are collected, which may be that thread.

        Args:
            question: Takes the asynchronous client (`dask_gateway.Gateway`).

        Raises:
            InputError: The server refuses us, or there is no dask-gateway at that address.
            UnavailableError: The server does not answer, or cannot do it.
        """
        from aiohttp import ClientResponseError
        from dask_gateway import BasicAuth, Gateway

        async def asked() -> Answer:
            auth = None if self.user is None else BasicAuth(self.user, self.password)
            async with Gateway(self.address, auth=auth, asynchronous=True) as gateway:
                return await asyncio.wait_for(question(gateway), self.timeout)

        try:
            with ThreadPoolExecutor(1, "gateway") as thread:
                return thread.submit(asyncio.run, asked()).result()
        except TimeoutError as error:
            raise self.unavailable(f"gives no answer within {self.timeout:g} s") from error
        except ClientResponseError as error:
            said = f"{error.status} {error.message}"
            if error.status < _SERVER_ERROR and error.status not in _LATER:
                raise self._refused(said) from error
            raise self.unavailable(f"answers {said}") from error
        except (ValueError, TypeError) as error:
            # What it says to a cluster or an option that it does not know; or somebody else answers there.
            raise self._refused(str(error).strip() or "there is none at this address") from error
        except Exception as error:
            # The errors of dask-gateway, of aiohttp and of sockets have nothing else in common.
            raise self.unavailable(f"starts no cluster: {error}") from error

    def _refused(self, said: str) -> InputError:
        return InputError(
            f"dask-gateway refuses: {said[:_SHOWN]}.",
            where=self.address,
            remedy="Correct gateway, gateway_user or gateway_password in the compute block, or gateway.auth in the "
            "configuration of Dask where runs are computed.",
        )

    def unavailable(self, said: str) -> UnavailableError:
        """Return the error for a server that does not do, for now, what it is asked for."""
        return UnavailableError(
            f"dask-gateway {said[:_SHOWN]}.",
            where=self.address,
            remedy="Try again, ask who runs it whether a cluster may be started, or mend the compute block.",
        )


@contextmanager
def gateway_cluster(server: GatewayServer, workers: int, patience: float) -> Iterator[Client]:
    """Start a cluster of so many workers, connect to it when the first is there, and stop it.

    Args:
        server: Who starts it.
        workers: How many are wanted; they may come one after the other.
        patience: Seconds to wait for the scheduler and the first worker.

    Raises:
        MissingExtraError: The extra `gateway` is not installed.
        InputError: The server refuses us, or the workers do not have this platform.
        UnavailableError: The server does not answer, or starts no cluster.
    """
    if not find_spec("dask_gateway"):
        raise missing("dask-gateway", "'earthcode-platform[gateway]'")
    deadline = time.monotonic() + patience
    name = server.ask(lambda gateway: gateway.submit())
    try:
        with ExitStack() as stack:
            client = stack.enter_context(_connected(server, name, deadline))
            server.ask(lambda gateway: gateway.scale_cluster(name, workers))
            try:
                client.wait_for_workers(1, timeout=max(_EVERY, deadline - time.monotonic()))
            except TimeoutError as error:
                raise server.unavailable(
                    f"gave the cluster none of {workers} workers within {patience:g} s; perhaps no quota is left"
                ) from error
            prepare_workers(client)
            yield client
    finally:
        _stop(server, name)


def _connected(server: GatewayServer, name: str, deadline: float) -> Client:
    from distributed import Client

    while (found := server.ask(lambda gateway: gateway.get_cluster(name))).status.name != "RUNNING":
        if found.status.name != "PENDING":
            raise server.unavailable(f"starts no cluster: {name} is {found.status.name.lower()}; its logs are there")
        if time.monotonic() > deadline:
            raise server.unavailable(f"starts no cluster: {name} is still waiting for its turn")
        time.sleep(_EVERY)
    try:
        return Client(found.scheduler_address, security=found.security, timeout=server.timeout)
    except OSError as error:
        forget_client()
        raise server.unavailable(f"leads to no scheduler at {found.scheduler_address}: {error}") from error


def _stop(server: GatewayServer, name: str) -> None:
    """Stop a cluster; a server that does not answer is told of in the log, for what was computed is computed."""
    for left in reversed(range(_TRIES)):
        try:
            server.ask(lambda gateway: gateway.stop_cluster(name))
        except EarthCodeError as error:
            if not left:
                _LOG.warning("cluster %s may run on, stop it by hand: %s", name, error)
        else:
            return

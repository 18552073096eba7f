"""A real Prefect server on loopback, with a home of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from demo.environment import Site
from demo.port import remember
from demo.processes import Child, running
from earthcode_platform.errors import UnavailableError

__all__ = ["server", "wait_until_healthy"]

_STARTS_WITHIN: Final = 120.0
"""Seconds; a cold home on two busy cores was seen to take 20 to 40."""


@contextmanager
def server(site: Site) -> Iterator[Child]:
    """Run the server while the block runs. It answers some seconds after the block began (`wait_until_healthy`)."""
    site.server_home.mkdir(parents=True, exist_ok=True)
    arguments = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(site.port)]
    with running("server", arguments, site.logs / "server.log") as child:
        yield child


def wait_until_healthy(site: Site, child: Child) -> None:
    """Wait until the server answers, and note its port for the next time.

    Raises:
        UnavailableError: It ended by itself, or did not answer in time.
    """
    deadline = time.monotonic() + _STARTS_WITHIN
    with httpx.Client(base_url=site.api, timeout=2.0) as client:
        _wait(client, site, child, deadline)
    remember(site.port, site.port_note)


def _wait(client: httpx.Client, site: Site, child: Child, deadline: float) -> None:
    while not _healthy(client):
        child.require_alive()
        if time.monotonic() > deadline:
            raise UnavailableError(
                f"the server did not answer at {site.api}/health within {_STARTS_WITHIN:.0f} s.",
                where=str(child.log),
                remedy="Is the machine very busy? Look into the log, then try again.",
            )
        time.sleep(0.1)


def _healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").is_success
    except httpx.TransportError:
        return False

"""A real dask-gateway server on loopback, which starts schedulers and workers as processes of this machine."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from dask_processes import environment

__all__ = ["PASSWORD", "USER", "GatewayProcess", "gateway_running"]

USER, PASSWORD = "ada", "hunter2hunter2"

_CONFIGURATION = """
import sys
c.DaskGateway.backend_class = "dask_gateway_server.backends.local.UnsafeLocalBackend"
c.DaskGateway.authenticator_class = "dask_gateway_server.auth.SimpleAuthenticator"
c.DaskGateway.address = "127.0.0.1:{inner}"
c.SimpleAuthenticator.password = {password!r}
c.Proxy.address = "127.0.0.1:{port}"
c.DBBackendBase.cluster_heartbeat_period = 1
c.DBBackendBase.cluster_heartbeat_timeout = 60
c.LocalBackend.sigint_timeout = 1
c.ClusterConfig.scheduler_cmd = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
c.ClusterConfig.worker_cmd = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny"]
c.ClusterConfig.worker_memory = "1 G"
c.ClusterConfig.cluster_max_workers = {most}
"""


@dataclass
class GatewayProcess:
    """A running server."""

    address: str
    log: Path

    def clusters(self) -> list[str]:
        """Return the names of the clusters that run, or begin to."""
        from dask_gateway import BasicAuth, Gateway

        async def asked() -> list[str]:
            async with Gateway(self.address, auth=BasicAuth(USER, PASSWORD), asynchronous=True) as gateway:
                return [found.name for found in await gateway.list_clusters()]

        return asyncio.run(asked())


@contextmanager
def gateway_running(folder: Path, most: int = 2) -> Iterator[GatewayProcess]:
    """Run a server that gives each cluster so many workers at most, until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        port, inner = one.getsockname()[1], other.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    written = folder / "gateway.py"
    written.write_text(_CONFIGURATION.format(port=port, inner=inner, password=PASSWORD, most=most))
    log = folder / "gateway.log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask_gateway_server", "-f", str(written)],
            cwd=folder,
            env=environment(TMPDIR=str(folder)),
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(address, process, log)
        yield GatewayProcess(address, log)
    finally:
        # It stops its clusters and the proxy first.
        process.terminate()
        process.wait(timeout=60)


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        with suppress(httpx.TransportError):
            if httpx.get(f"{address}/api/version").is_success:
                return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)

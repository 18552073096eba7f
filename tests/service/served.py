"""A running `make serve`, and what tests ask of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

__all__ = ["Platform", "served"]

_LOCKED: Final = 503
"""What Prefect's server says while another process writes to its SQLite database."""


class _Patient(httpx.HTTPTransport):
    """Asks again where the server is busy, as Prefect's own clients do."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(20):
            answer = super().handle_request(request)
            if answer.status_code != _LOCKED:
                break
            answer.close()
            time.sleep(0.5)
        return answer


class Platform:
    """A running `make serve` with a home of its own."""

    def __init__(self, home: Path, api: str) -> None:
        self.home = home
        self.api = api

    def run(self, deployment: str, **parameters: object) -> subprocess.CompletedProcess[str]:
        """Run a deployment with `prefect deployment run … --watch` and wait for its end."""
        command = [sys.executable, "-m", "prefect", "deployment", "run", deployment, "--watch"]
        return subprocess.run(
            [*command, "--params", json.dumps(parameters)],
            env=os.environ | {"PREFECT_API_URL": self.api, "PREFECT_HOME": str(self.home / "client")},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def client(self) -> httpx.Client:
        """Return a client of the server's API."""
        return httpx.Client(base_url=self.api, timeout=30, transport=_Patient())

    def outcome(self) -> dict[str, str]:
        """Return the facts of the newest lifecycle."""
        newest = max((self.home / "runs" / "by-flow-run").iterdir(), key=lambda path: path.stat().st_mtime)
        facts: dict[str, str] = json.loads(newest.read_text())
        return facts


@contextmanager
def served(home: Path, checkout: Path) -> Iterator[Platform]:
    """Run `make serve` with a home of its own until the block ends."""
    with (home / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo", "serve"],
            cwd=checkout,
            env=os.environ | {"EARTHCODE_HOME": str(home)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 180
        while "Ctrl-C stops it" not in (home / "serve.log").read_text():
            assert process.poll() is None, (home / "serve.log").read_text()
            assert time.monotonic() < deadline, (home / "serve.log").read_text()
            time.sleep(0.5)
        port = (home / "prefect" / "port").read_text().strip()
        yield Platform(home, f"http://127.0.0.1:{port}/api")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)

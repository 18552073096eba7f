"""What the compute block asks of Kubernetes, with the package's own code, at an API that refuses it.

No Kubernetes runs here: the package is brought for these tests (the operator's clients, which it also wants, are 170 MB
and not needed), and what an operator makes of the cluster that is asked for is not shown.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from dask_processes import environment

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

BROUGHT = (
    "dask-kubernetes==2026.3.0",
    "kr8s==0.20.15",
    "python-box==8.0.0",
    "python-jsonpath==2.2.2",
    "httpx-ws==0.9.0",
    "wsproto==1.3.2",
)
TOKEN = "hunter2hunter2"  # noqa: S105 - of nobody
REFUSAL = "daskclusters.kubernetes.dask.org is forbidden: exceeded quota: science"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--no-deps", "--retries", "1"]
    done = subprocess.run([*pip, "--target", str(folder), *BROUGHT], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs pip and a package registry: {done.stderr.strip()[-200:]}")
    return folder


class Refusing(BaseHTTPRequestHandler):
    """Knows no cluster, and lets nobody make one; keeps what it was asked."""

    asked: list[tuple[str, str, Any]]

    def do_GET(self) -> None:
        if "/daskclusters/" in self.path:
            self._answer(404, "not found")
        else:
            self._answer(200, "", items=[], gitVersion="v1.34.0", major="1", minor="34")

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], content))
        self._answer(403, REFUSAL)

    def _answer(self, status: int, message: str, **more: object) -> None:
        said = {"kind": "Status", "apiVersion": "v1", "code": status, "message": message, "metadata": {}} | more
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def refusing() -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    asked: list[tuple[str, str, Any]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Refusing,), {"asked": asked})) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def started(package: Path, configuration: Path, **more: object) -> str:
    """Let the block start a cluster, in a process of its own; return everything that was said."""
    code = (
        "from blocks.compute import DaskCompute\n"
        f"DaskCompute(kubernetes='science', image='platform:1', start_timeout=20, **{more!r}).client().__enter__()\n"
    )
    env = environment(KUBECONFIG=str(configuration), PREFECT_HOME=str(configuration.parent / "prefect"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env | {"PYTHONPATH": f"{env['PYTHONPATH']}:{package}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout + done.stderr


def configured(folder: Path, server: str) -> Path:
    path = folder / "kubeconfig"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": {"server": server}}],
        "users": [{"name": "ada", "user": {"token": TOKEN}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "ada"}}],
        "current-context": "here",
    }
    path.write_text(json.dumps(content))
    return path


def test_the_cluster_that_is_asked_for_is_one_of_the_operators_definition(package: Path, tmp_path: Path) -> None:
    with refusing() as (address, asked):
        said = started(package, configured(tmp_path, address), workers=3, cluster_memory_gib=1.5)
    assert f"InputError: namespace science: Kubernetes starts no Dask cluster: 403 {REFUSAL}." in said
    assert TOKEN not in said
    # Who is refused tries again, with credentials read anew.
    path, authorization, cluster = asked[0]
    assert all(one == asked[0] for one in asked)
    assert path.endswith("/namespaces/science/daskclusters")
    assert authorization == f"Bearer {TOKEN}"
    definition = next(package.glob("dask_kubernetes/**/crds/daskcluster.yaml"))
    (version,) = yaml.safe_load(definition.read_text())["spec"]["versions"]
    jsonschema.validate(cluster, version["schema"]["openAPIV3Schema"])
    assert cluster["spec"]["idleTimeout"] == 3600
    workers = cluster["spec"]["worker"]
    assert workers["replicas"] == 3
    (container,) = workers["spec"]["containers"]
    assert (container["image"], container["resources"]) == ("platform:1", {"limits": {"memory": "1536Mi"}})
    (scheduler,) = cluster["spec"]["scheduler"]["spec"]["containers"]
    assert scheduler["image"] == "platform:1"


def test_nobody_at_the_api_and_no_credentials_are_told_of(package: Path, tmp_path: Path) -> None:
    said = started(package, configured(tmp_path, "http://127.0.0.1:1"))
    assert "UnavailableError: namespace science: Kubernetes starts no Dask cluster: All connection attempts" in said
    assert TOKEN not in said
    said = started(package, Path(os.devnull).parent / "no-such-configuration")
    assert "InputError: namespace science: Kubernetes starts no Dask cluster: Unable to find valid credentials." in said

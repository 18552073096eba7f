"""Experiments on the back-end on loopback, and the engine that runs them there."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from factories import GRAPH, declaration, stac, write_json
from openeo_asked import Asked
from openeo_backend import CANARY, OpenEOBackend, backing
from pydantic import SecretStr

from earthcode_platform.cubes.pin import pin_inputs
from earthcode_platform.engines.provider.pace import Pace
from earthcode_platform.engines.remote_openeo.backend import Authentication, Backend, Credentials
from earthcode_platform.engines.remote_openeo.engine import RemoteOpenEOEngine
from earthcode_platform.experiments.pin import pin_workflow
from earthcode_platform.experiments.read import read_declared
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["BASIC", "MACHINE", "PERSON", "QUICK", "engine", "left", "options", "pinned", "reset", "serving_scenes"]

QUICK = Pace(first=0.02, longest=0.05, patience=2.0, answer=5.0)
BASIC = Credentials(Authentication.BASIC, username="ada", password=SecretStr(f"{CANARY}-password"))
PERSON = Credentials(Authentication.REFRESH_TOKEN, refresh_token=SecretStr(f"{CANARY}-refresh"))
MACHINE = Credentials(
    Authentication.CLIENT_CREDENTIALS, client_id="machine", client_secret=SecretStr(f"{CANARY}-secret"), provider="idp"
)


@contextmanager
def serving_scenes(folder: Path, method: str = "none") -> Iterator[OpenEOBackend]:
    """Run a back-end whose data are two small scenes, at `scenes/collection.json` and as the collection SCENES."""
    path = stac(folder / "data" / "scenes")
    with backing(OpenEOBackend(folder / "data", {"SCENES": path}, method)) as backend:
        yield backend


def options(backend: OpenEOBackend, credentials: Credentials | None = None, **changes: Any) -> Backend:  # noqa: ANN401 - any field
    """Return the configuration for a back-end, quick enough for tests."""
    return Backend(**{"url": backend.url, "credentials": credentials or Credentials(), "pace": QUICK, **changes})


def engine(backend: OpenEOBackend, credentials: Credentials | None = None, **changes: Any) -> RemoteOpenEOEngine:  # noqa: ANN401 - any field
    """Return the engine for a back-end."""
    return RemoteOpenEOEngine(options(backend, credentials, **changes))


def pinned(
    backend: OpenEOBackend,
    folder: Path,
    graph: dict[str, Any] | None = None,
    hrefs: dict[str, str] | None = None,
    **changes: object,
) -> PinnedExperiment:
    """Return an experiment on the scenes of a back-end, or on the documents named for this run, pinned."""
    write_json(folder / "workflow.json", graph or GRAPH)
    inputs = {"scenes": {"href": backend.data("scenes/collection.json")}}
    write_json(folder / "experiment.yaml", declaration(**{"inputs": inputs, **changes}))
    experiment = read_declared(folder, hrefs or {}, {})
    return PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=pin_workflow(experiment, folder),
        inputs=pin_inputs(experiment.inputs, folder),
    )


def left(workspace: Path) -> set[str]:
    """Return the names of the files below a folder."""
    return {path.name for path in workspace.rglob("*") if path.is_file()}


def reset(asked: Asked) -> None:
    """Cut the connection, as a crashed server would."""
    asked.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.handler.close_connection = True
    asked.handler.connection.close()

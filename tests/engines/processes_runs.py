"""Experiments on the provider on loopback, and the engine that runs them there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cwl_pieces
import factories
from processes_api import ProcessesAPI

from earthcode_platform.engines.ogc_processes.endpoint import Endpoint
from earthcode_platform.engines.ogc_processes.engine import ProcessesEngine
from earthcode_platform.engines.provider.pace import Pace
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["QUICK", "cataloguing", "endpoint", "engine", "handed_back", "pinned", "with_catalog"]

QUICK = Pace(first=0.02, longest=0.1, patience=2.0, answer=10.0)


def endpoint(api: ProcessesAPI, **changes: Any) -> Endpoint:  # noqa: ANN401 - any field
    """Return the configuration for a provider, quick enough for tests."""
    return Endpoint(**{"url": api.url, "pace": QUICK, **changes})


def engine(api: ProcessesAPI, **changes: Any) -> ProcessesEngine:  # noqa: ANN401 - any field
    """Return the engine for a provider."""
    return ProcessesEngine(endpoint(api, **changes))


def pinned(
    api: ProcessesAPI,
    folder: Path,
    app: cwl_pieces.Document | str | None = None,
    files: dict[str, cwl_pieces.Document | str] | None = None,
    **declared: object,
) -> PinnedExperiment:
    """Return an experiment on a scene of the provider, pinned."""
    inputs = {"scenes": {"href": api.data("scenes/collection.json"), "datetime": "2023-08-01/2023-08-02"}}
    cwl_pieces.folder(folder, app, files, **{"inputs": inputs, **declared})
    return cwl_pieces.pinned(folder)


def cataloguing() -> cwl_pieces.Document:
    """Return a tool that hands a STAC catalog back, with one item of its own date."""
    item = {
        "type": "Feature", "stac_version": "1.0.0", "id": "a", "bbox": list(factories.BOX), "links": [],
        "geometry": {"type": "Point", "coordinates": [10, 45]}, "properties": {"datetime": "2020-02-02T00:00:00Z"},
        "assets": {"data": {"href": "B01.tif", "roles": ["data"], "type": "image/tiff; application=geotiff"}},
    }  # fmt: skip
    catalog = {"type": "Catalog", "stac_version": "1.0.0", "id": "c", "description": "d",
               "links": [{"rel": "item", "href": "a/a.json"}]}  # fmt: skip
    command = f"""mkdir -p out/a; cp "$1"/*/B01.tif out/a/B01.tif
    echo '{json.dumps(catalog)}' > out/catalog.json; echo '{json.dumps(item)}' > out/a/a.json"""
    return cwl_pieces.tool(command, outputs={"made": {"type": "Directory", "outputBinding": {"glob": "out"}}})


def with_catalog() -> tuple[cwl_pieces.Document, dict[str, cwl_pieces.Document | str]]:
    """Return a workflow that hands a STAC catalog back, and its tool."""
    app = cwl_pieces.workflow(outputs={"made": {"type": "Directory", "outputSource": "copy/made"}})
    return app, {"tools/copy.cwl": cataloguing()}


def handed_back(api: ProcessesAPI, **asset: object) -> dict[str, Any]:
    """Return results by value that lead to a scene of the provider, their asset changed."""
    path = api.folder / "scenes" / "scene-2023-08-01" / "scene-2023-08-01.json"
    item = json.loads(path.read_text())
    item["assets"]["B01"] |= {"href": api.data("scenes/scene-2023-08-01/B01.tif"), **asset}
    return {"made": {"value": item, "mediaType": "application/geo+json"}}

"""Small real things that many tests need: a STAC collection of GeoTIFFs, an experiment on it, and a run of it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import from_origin

from earthcode_platform import checksums
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.pinned import PinnedAsset, PinnedExperiment, PinnedInput, PinnedWorkflow
from earthcode_platform.models.run import EngineUsed, Grid, ProducedFile, RunResult

BOX = (10.0, 45.0, 10.8, 45.8)
"""The ground that the rasters cover, EPSG:4326."""
DAYS = ("2023-08-01", "2023-08-11")


def raster(path: Path, value: float = 2.0) -> Path:
    """Write a GeoTIFF of 8 by 8 pixels of 0.1 degree, float32, rising by one from `value` to the right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.full((8, 8), value, dtype="float32") + np.arange(8, dtype="float32")
    with rasterio.open(
        path, "w", driver="GTiff", width=8, height=8, count=1, dtype="float32", crs="EPSG:4326", nodata=-9999.0,
        transform=from_origin(BOX[0], BOX[3], 0.1, 0.1),
    ) as target:  # fmt: skip
        target.write(values, 1)
    return path


def stac(folder: Path) -> Path:
    """Write a STAC collection with an item a day, one band `B01` each; return the collection's path."""
    links = []
    for number, day in enumerate(DAYS):
        name = f"scene-{day}"
        asset = raster(folder / name / "B01.tif", value=2.0 + number)
        west, south, east, north = BOX
        item = {
            "type": "Feature", "stac_version": "1.1.0", "id": name, "bbox": list(BOX),
            "stac_extensions": [],
            "geometry": {"type": "Polygon", "coordinates": [
                [[west, south], [east, south], [east, north], [west, north], [west, south]]]},
            "properties": {"datetime": f"{day}T10:00:00Z", "proj:code": "EPSG:4326", "proj:shape": [8, 8],
                           "proj:transform": [0.1, 0, west, 0, -0.1, north, 0, 0, 1]},
            "links": [{"rel": rel, "href": "../collection.json"} for rel in ("collection", "root")],
            "collection": "scenes",
            "assets": {"B01": {
                "href": "./B01.tif", "type": "image/tiff; application=geotiff", "roles": ["data"],
                "file:size": asset.stat().st_size, "file:checksum": checksums.of_file(asset)}},
        }  # fmt: skip
        write_json(folder / name / f"{name}.json", item)
        links.append({"rel": "item", "href": f"./{name}/{name}.json", "type": "application/geo+json"})
    collection = {
        "type": "Collection", "stac_version": "1.1.0", "id": "scenes", "description": "Two small scenes.",
        "license": "CC-BY-4.0", "links": links,
        "extent": {"spatial": {"bbox": [list(BOX)]},
                   "temporal": {"interval": [[f"{DAYS[0]}T10:00:00Z", f"{DAYS[1]}T10:00:00Z"]]}},
    }  # fmt: skip
    return write_json(folder / "collection.json", collection)


def write_json(path: Path, content: object) -> Path:
    """Write `content` as JSON and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return path


GRAPH: dict[str, Any] = {
    "parameters": [
        {"name": "scenes", "description": "STAC", "schema": {"type": "string"}},
        {"name": "factor", "description": "What to multiply with", "schema": {"type": "number"}, "optional": True,
         "default": 1},
    ],
    "process_graph": {
        "load": {"process_id": "load_stac", "arguments": {"url": {"from_parameter": "scenes"}, "bands": ["B01"]}},
        "scaled": {"process_id": "apply", "arguments": {"data": {"from_node": "load"}, "process": {"process_graph": {
            "times": {"process_id": "multiply", "arguments": {
                "x": {"from_parameter": "x"}, "y": {"from_parameter": "factor"}}, "result": True}}}}},
        "mean": {"process_id": "reduce_dimension", "arguments": {
            "data": {"from_node": "scaled"}, "dimension": "t", "reducer": {"process_graph": {
                "m": {"process_id": "mean", "arguments": {"data": {"from_parameter": "data"}}, "result": True}}}}},
        "save": {"process_id": "save_result", "arguments": {"data": {"from_node": "mean"}, "format": "GTiff"},
                 "result": True},
    },
}  # fmt: skip
"""A small openEO process: the mean over time of one band, times a factor."""


def declaration(**changes: object) -> dict[str, Any]:
    """Return the content of a good experiment.yaml, its top-level keys replaced by `changes`."""
    return {
        "id": "small", "version": "1.0.0", "title": "A small experiment",
        "description": "The mean of two small scenes, to try the platform with.",
        "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example", "email": "ada@example.org", "organization": "Example Institute"}],
        "osc": {"project": "earthcode-examples", "themes": ["land"], "variables": ["vegetation-index"],
                "missions": ["sentinel-2"]},
        "workflow": {"kind": "openeo", "entry": "workflow.json", "title": "Mean over time"},
        "inputs": {"scenes": {"href": "./data/collection.json"}},
        "configuration": {"factor": 2},
        "product": {"id": "small-mean", "title": "Mean of two small scenes", "format": "COG"},
    } | changes  # fmt: skip


def experiment_folder(folder: Path, **changes: object) -> Path:
    """Write a whole experiment folder that passes every gate: declaration, workflow and data."""
    stac(folder / "data")
    write_json(folder / "workflow.json", GRAPH)
    # JSON is YAML: the declaration needs no YAML writer here.
    write_json(folder / "experiment.yaml", declaration(**changes))
    return folder


def pinned(folder: Path) -> PinnedExperiment:
    """Return the experiment of `experiment_folder` pinned by hand, without the code that pins."""
    experiment = Experiment.model_validate(declaration())
    data, graph = folder / "data", folder / "workflow.json"
    items = [data / f"scene-{day}" for day in DAYS]
    documents = [data / "collection.json", *(item / f"{item.name}.json" for item in items)]
    return PinnedExperiment(
        experiment=experiment,
        folder=str(folder),
        workflow=PinnedWorkflow(kind=experiment.workflow.kind, path=str(graph), checksum=checksums.of_file(graph)),
        inputs=(
            PinnedInput(
                name="scenes",
                href=str(data / "collection.json"),
                checksum=checksums.of_file(data / "collection.json"),
                documents=tuple(_pin(path, path.parent.name, "document") for path in documents),
                assets=tuple(_pin(item / "B01.tif", item.name, "B01") for item in items),
            ),
        ),
    )


def _pin(path: Path, item: str, key: str) -> PinnedAsset:
    return PinnedAsset(item=item, key=key, href=str(path), checksum=checksums.of_file(path))


def run(experiment: PinnedExperiment, workspace: Path, value: float = 5.0) -> RunResult:
    """Return the outcome of a run that wrote one small raster, made by hand."""
    data = raster(workspace / "result" / f"{experiment.experiment.product.id}.tif", value)
    quicklook = workspace / "result" / "quicklook.png"
    quicklook.write_bytes(b"\x89PNG\r\n\x1a\n")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return RunResult(
        experiment=experiment.experiment.id,
        fingerprint=experiment.fingerprint,
        engine=EngineUsed(name="openeo", version="0.1.0", libraries={"numpy": np.__version__}),
        started=moment,
        finished=moment.replace(second=3),
        quicklook=str(quicklook),
        files=(
            ProducedFile(
                path=str(data), title="Mean", media_type="image/tiff; application=geotiff; profile=cloud-optimized",
                bands=("B01",), units=("1",), bbox=BOX,
                grid=Grid(crs="EPSG:4326", shape=(8, 8), transform=(0.1, 0, 10.0, 0, -0.1, 45.8), bbox=BOX),
                start=datetime(2023, 8, 1, 10, tzinfo=UTC), end=datetime(2023, 8, 11, 10, tzinfo=UTC),
                checksum=checksums.of_path(data),
                data_checksum=checksums.of_bytes(str(value).encode()), statistics={"mean": value},
            ),
        ),
    )  # fmt: skip

"""Small experiments, runs and products, as the other stages would hand them over."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from earthcode_platform.catalog.changeset import changeset
from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.links import Link
from earthcode_platform.catalog.rules import check
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.checksums import of_bytes
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.pinned import CodeVersion, PinnedAsset, PinnedExperiment, PinnedInput, PinnedWorkflow
from earthcode_platform.models.product import Novelty, Product, StoredFile
from earthcode_platform.models.run import EngineUsed, Grid, ProducedFile, RunResult
from earthcode_platform.models.window import TimeWindow

ARCHIVE = "https://results.example/archive"
MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def experiment(**overrides: object) -> Experiment:
    """An experiment that the embedded catalog knows everything of."""
    said: dict[str, object] = {
        "id": "sst-anomaly",
        "version": "1.0.0",
        "title": "Sea surface temperature anomaly",
        "description": "How warm was the Pacific → compared with its usual self?",
        "license": "CC-BY-4.0",
        "contacts": [{"name": "Ada Example", "email": "ada@noreply.invalid", "organization": "Example Institute"}],
        "osc": {
            "project": "earthcode-examples",
            "themes": ["oceans"],
            "variables": ["sea-surface-temperature"],
            "missions": ["envisat", "amsr-e"],
            "region": "Tropical Pacific",
        },
        "workflow": {"kind": "openeo", "entry": "graph.json", "title": "Anomaly against a reference"},
        "inputs": {"sst": {"href": "stac/collection.json", "datetime": "2009-12-01/2010-02-28"}},
        "configuration": {"reference": [2006, 2010], "unit": "K"},
        "product": {"id": "sst-anomaly-el-nino-2009", "title": "SST anomaly, El Niño 2009/10"},
    }
    return Experiment.model_validate(said | overrides)


def pinned(declared: Experiment | None = None, **overrides: object) -> PinnedExperiment:
    """The experiment, pinned: one local input with a window."""
    declared = declared or experiment()
    said = PinnedExperiment(
        experiment=declared,
        folder="/home/someone/experiments/sst",
        workflow=PinnedWorkflow(
            kind=declared.workflow.kind, path="/home/someone/experiments/sst/graph.json", checksum=of_bytes(b"graph")
        ),
        inputs=(
            PinnedInput(
                name="sst",
                href="/home/someone/experiments/sst/stac/collection.json",
                checksum=of_bytes(b"collection"),
                datetime=TimeWindow.parse("2009-12-01/2010-02-28"),
                bbox=(-180, -30, 180, 30),
                assets=(
                    PinnedAsset(
                        item="ostia",
                        key="data",
                        href="/home/someone/experiments/sst/stac/ostia.nc",
                        checksum=of_bytes(b"ostia"),
                    ),
                ),
            ),
        ),
        code=CodeVersion(commit="ab" * 20, dirty=False, repository="https://example.org/experiments.git"),
    )
    return said.model_copy(update=overrides)


def run(declared: Experiment | None = None) -> RunResult:
    """A run that made one file with one band."""
    declared = declared or experiment()
    file = ProducedFile(
        path="/tmp/run/anomaly.tif",  # noqa: S108 - a path that is only named
        title="Anomaly",
        media_type="image/tiff; application=geotiff; profile=cloud-optimized",
        bands=("sea_surface_temperature_anomaly",),
        units=("K",),
        grid=Grid(crs="EPSG:4326", shape=(60, 360), transform=(1, 0, -180, 0, -1, 30), bbox=(-180, -30, 180, 30)),
        bbox=(-180, -30, 180, 30),
        start=datetime(2009, 12, 1, tzinfo=UTC),
        end=datetime(2010, 2, 28, tzinfo=UTC),
        checksum="1220" + "5" * 64,
        data_checksum=of_bytes(b"values"),
        statistics={"mean": 0.5},
    )
    return RunResult(
        experiment=declared.id,
        fingerprint="f" * 64,
        engine=EngineUsed(name="openeo", version="0.1.0", libraries={"xarray": "2026.1.0", "dask": "2026.1.0"}),
        started=MOMENT,
        finished=MOMENT,
        files=(file,),
        quicklook="/tmp/run/quicklook.png",  # noqa: S108 - a path that is only named
    )


def product(declared: Experiment | None = None, *, values: bytes = b"values", **overrides: object) -> Product:
    """The archived product of the experiment."""
    declared = declared or experiment()
    prefix = f"{declared.product.id}/{declared.version}"
    said = Product(
        id=declared.product.id,
        version=declared.version,
        experiment=declared.id,
        title=declared.product.title,
        prefix=prefix,
        collection_href=f"{ARCHIVE}/{prefix}/collection.json",
        item_href=f"{ARCHIVE}/{prefix}/item.json",
        quicklook_href=f"{ARCHIVE}/{prefix}/quicklook.png",
        experiment_href=f"{ARCHIVE}/{prefix}/experiment/experiment.yaml",
        workflow_href=f"{ARCHIVE}/{prefix}/experiment/graph.json",
        manifest_checksum=of_bytes(f"{declared.model_dump_json()}{values!r}".encode()),
        data_checksums={"data": of_bytes(values)},
        files=(
            StoredFile(key="experiment/inputs/sst/ostia/ostia.json", size=9, checksum=of_bytes(b"item")),
            StoredFile(key="experiment/inputs/sst/collection.json", size=10, checksum=of_bytes(b"archived collection")),
        ),
        bbox=(-180, -30, 180, 30),
        start=datetime(2009, 12, 1, tzinfo=UTC),
        end=datetime(2010, 2, 28, tzinfo=UTC),
        created=MOMENT,
        novelty=Novelty.NEW,
    )
    return said.model_copy(update=overrides)


def submitted(**overrides: object) -> tuple[PinnedExperiment, RunResult, Product]:
    """Everything that is published together; `overrides` are the experiment's."""
    declared = experiment(**overrides)
    return pinned(declared), run(declared), product(declared)


def published(catalog: Catalog, **overrides: object) -> Catalog:
    """The catalog after a publication that broke no rule; `overrides` are the experiment's."""
    change = changeset(catalog, *submitted(**overrides))
    after = catalog.with_edits(change.edits)
    assert [str(found) for found in check(after, change.entries) if found.severity == "error"] == []
    return after


def osc(**overrides: JsonValue) -> JsonObject:
    """The section `osc` of an experiment."""
    said: JsonObject = {
        "project": "earthcode-examples",
        "themes": ["oceans"],
        "variables": ["sea-surface-temperature"],
        "missions": ["envisat", "amsr-e"],
    }
    return said | overrides


def links_of(links: tuple[Link, ...], rel: str) -> list[tuple[str | None, str | None]]:
    """Target and title of each link with a relation."""
    return [(link.target, link.title) for link in links if link.rel == rel]


def git(repository: Path, *arguments: str) -> str:
    """What a git command says about a repository."""
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

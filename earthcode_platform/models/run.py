"""What a run of a workflow left behind."""

from datetime import datetime
from pathlib import PurePath
from typing import Literal

from pydantic import Field, JsonValue

from earthcode_platform.models.frozen import Checksum, Frozen
from earthcode_platform.models.window import BBox

__all__ = [
    "AttachedFile",
    "EngineUsed",
    "Grid",
    "ModelUsed",
    "ProducedFile",
    "RemoteJob",
    "RunCosts",
    "RunResult",
    "TableColumn",
    "TableShape",
]


class RemoteJob(Frozen):
    """A job at a provider's back-end, and what that was like."""

    backend: str
    """Address of the back-end's API, without userinfo."""
    title: str
    """What it calls itself."""
    api_version: str
    """Version of the API that was spoken."""
    version: str
    """Version of the back-end, as it says."""
    job: str
    """The job's id there."""
    processes: dict[str, Checksum]
    """The processes that the graph uses, each with the checksum of its description there: how they were defined."""
    verified: dict[str, tuple[str, ...]]
    """What of each result was compared with what the back-end announced: size, checksum, content."""
    costs: float | None = None
    """What the job cost, in the currency of the back-end; None if it does not say."""
    currency: str | None = None
    """That currency."""
    logs: tuple[str, ...] = ()
    """What the job logged, without credentials; the last lines of many."""


class EngineUsed(Frozen):
    """The engine that ran, and what it stands on."""

    name: str
    """Its entry-point name."""
    version: str
    """Its version."""
    libraries: dict[str, str]
    """Versions of the libraries that decide its numbers."""
    remote: RemoteJob | None = None
    """The job that computed, if that was not done here."""
    isolation: str = ""
    """How far programs of the workflow were kept from everything else, `namespaces` or `process`; empty if none ran."""
    without_images: tuple[str, ...] = ()
    """Container images that its tools name and that were not used: they ran with the software of the platform."""


class Grid(Frozen):
    """Where the pixels of a produced file lie."""

    crs: str
    """Coordinate reference system, as `EPSG:<code>` or WKT2."""
    shape: tuple[int, int]
    """Rows and columns."""
    transform: tuple[float, float, float, float, float, float]
    """Affine transform from column and row to the CRS, row-major (STAC projection extension, `proj:transform`)."""
    bbox: tuple[float, float, float, float]
    """West, south, east, north in the units of the CRS."""


class TableColumn(Frozen):
    """A column of a table (STAC table extension 1.2, column object)."""

    name: str
    """Its name."""
    type: str
    """What its fields hold: `string`, `int64`, `double`, `bool` or `geometry`."""
    description: str = ""
    """What that is."""


class TableShape(Frozen):
    """What a produced table looks like (STAC table extension 1.2)."""

    columns: tuple[TableColumn, ...]
    """Its columns, in order."""
    rows: int
    """How many rows it has."""
    primary_geometry: str | None = None
    """The column that holds geometries; None if there is none."""
    crs: str | None = None
    """Their coordinate reference system, as `EPSG:<code>` or WKT2."""


class ProducedFile(Frozen):
    """One file (or Zarr store) that the workflow produced."""

    path: str
    """Absolute path."""
    title: str
    """What it shows."""
    media_type: str
    """Its media type."""
    bands: tuple[str, ...]
    """Names of its bands or variables, in order."""
    units: tuple[str | None, ...] = ()
    """Units of each band (UDUNITS); None where the workflow gives none."""
    grid: Grid | None = None
    """Where its pixels lie; None for a series or a single value."""
    dimensions: dict[str, dict[str, JsonValue]] = Field(default={})
    """Its dimensions in their order, as STAC's datacube extension describes them (`cube:dimensions`)."""
    table: TableShape | None = None
    """Its columns, if it is a table."""
    data_type: str | None = None
    """Type of the stored numbers (STAC 1.1, `data_type`)."""
    nodata: float | Literal["nan"] | None = None
    """Stored number that stands for no data (STAC 1.1, `nodata`)."""
    scale: float = 1.0
    """Factor from stored numbers to values (STAC raster extension)."""
    offset: float = 0.0
    """What is added after scaling."""
    bbox: BBox
    """Its box in degrees, EPSG:4326; that of the inputs, where it has no grid."""
    start: datetime
    """First moment of the data it is computed from."""
    end: datetime
    """Last moment of the data it is computed from."""
    checksum: Checksum
    """Checksum of its bytes when the engine had written it (`checksums.of_path`)."""
    data_checksum: Checksum
    """Checksum over the decoded values, coordinates and CRS: equal for equal data, whatever the container's bytes."""
    statistics: dict[str, float]
    """minimum, maximum, mean, stddev and valid_percent over all bands, no-data left out."""
    band_statistics: tuple[dict[str, float], ...] = ()
    """The same for each band."""


class AttachedFile(Frozen):
    """A file that belongs to a product and is not its data, such as a report, a figure or an executed notebook.

    It travels with the product and differs between runs: a rerun is not held against it.
    """

    key: str
    """Its key in the STAC item's assets."""
    path: str
    """Absolute path; the names of all files of a run differ."""
    title: str
    """What it shows."""
    media_type: str
    """Its media type."""
    roles: tuple[str, ...] = ("metadata",)
    """Roles of its asset (STAC best practices, list of asset roles)."""
    checksum: Checksum
    """Checksum of its bytes when the engine had written it (`checksums.of_path`)."""


class ModelUsed(Frozen):
    """A trained model that the workflow applied, in the terms of STAC's machine learning model extension 1.5."""

    media_type: str
    """Media type of its file, which is the entry of the workflow."""
    artifact_type: str
    """How it was saved (`mlm:artifact_type`)."""
    bands: tuple[str, ...]
    """The bands it takes, in order."""
    properties: dict[str, JsonValue]
    """What the extension has for an item: `mlm:name` and the like."""


class RunCosts(Frozen):
    """What a run took of the machine that computed it."""

    cpu_seconds: float
    """Processor seconds of the process and of the programs it ran."""
    peak_bytes: int
    """Most memory that the process, or one of these programs, had at a time, whatever came before included."""
    processors: int
    """Processors of the machine."""


class RunResult(Frozen):
    """The outcome of one run of one workflow."""

    experiment: str
    """Id of the experiment."""
    fingerprint: str
    """What decided the result (`PinnedExperiment.fingerprint`)."""
    engine: EngineUsed
    """What ran it."""
    started: datetime
    """When the engine began, UTC."""
    finished: datetime
    """When the engine ended, UTC."""
    files: tuple[ProducedFile, ...]
    """What it produced, in a stable order."""
    quicklook: str
    """Absolute path of a PNG that shows the first file, as a map or as a chart."""
    attached: tuple[AttachedFile, ...] = ()
    """What else belongs to the product, in a stable order."""
    model: ModelUsed | None = None
    """The trained model that made it, if one did."""
    costs: RunCosts | None = None
    """What it took of this machine; None if nobody measured it."""

    @property
    def seconds(self) -> float:
        """Wall seconds inside the engine."""
        return (self.finished - self.started).total_seconds()

    @property
    def assets(self) -> dict[str, ProducedFile]:
        """The files by the key of their STAC asset: `data` for a single one, their stems for several."""
        if len(self.files) == 1:
            return {"data": self.files[0]}
        return {PurePath(produced.path.removesuffix(".zip")).stem: produced for produced in self.files}

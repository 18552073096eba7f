"""The values of inputs and products in figures, and what was expected of them."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import Field, JsonValue

from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.frozen import Frozen

__all__ = ["EXPECTATIONS_FILE", "BandStatistics", "ExpectationOutcome", "QualityReport", "Table"]

EXPECTATIONS_FILE: Final = "expectations.json"
"""The file beside experiment.yaml with what its author expects of the values; it may be left out."""


class Table(StrEnum):
    """What a table of statistics is about."""

    INPUTS = "inputs"
    """The input assets, before the run."""
    PRODUCT = "product"
    """The files that the workflow produced."""


class BandStatistics(Frozen):
    """One band of one asset: a row of the table that expectations are about. Its fields are the columns."""

    source: str
    """Name of the input, or `product`."""
    item: str
    """Id of the STAC item, or of the product."""
    asset: str
    """Key of the asset."""
    band: str
    """Name of the band or variable."""
    datetime: datetime | None
    """Moment of the item, UTC; the first moment of a product."""
    media_type: str | None
    """Media type of the asset."""
    size_bytes: int | None
    """Bytes of the file or store; None for a remote asset that does not declare them."""
    dtype: str
    """NumPy name of the stored type."""
    crs: str | None
    """Coordinate reference system, as `EPSG:<code>` or WKT2; None without a grid."""
    dates: int
    """How many dates it holds; 1 without a dimension of time."""
    rows: int
    """Rows that were looked at: those in the input's window."""
    columns: int
    """Columns that were looked at."""
    resolution_x: float | None
    """Width of a pixel in the units of the CRS; None without a grid."""
    resolution_y: float | None
    """Height of a pixel in the units of the CRS; None without a grid."""
    unit: str
    """Unit of the values; empty if not known."""
    count: int
    """Pixels that were looked at, over all dates."""
    valid: int
    """Those of them that hold a finite value."""
    valid_fraction: float
    """`valid / count`; 0 where nothing was looked at."""
    minimum: float | None
    """Smallest value, as all that follow with scale and offset applied and no-data left out; None without any."""
    q02: float | None
    """2nd percentile."""
    q25: float | None
    """25th percentile."""
    median: float | None
    """50th percentile."""
    q75: float | None
    """75th percentile."""
    q98: float | None
    """98th percentile."""
    maximum: float | None
    """Largest value."""
    mean: float | None
    """Arithmetic mean."""
    stddev: float | None
    """Standard deviation of the population."""


class ExpectationOutcome(Frozen):
    """One expectation of a suite, and whether it is met."""

    at: int
    """Its place in the suite, from 0."""
    type: str
    """Its name, such as `expect_column_mean_to_be_between`."""
    arguments: dict[str, JsonValue]
    """Its keyword arguments, as the suite has them."""
    severity: Severity
    """What it means if it is not met."""
    met: bool
    """Whether it is."""
    observed: str = ""
    """What was found, in words."""
    why: str = ""
    """What the author says about it (`notes` or `description`)."""

    @property
    def call(self) -> str:
        """The expectation as it would be called, conditions on rows in words."""
        given = ", ".join(f"{name}={_plain(value)}" for name, value in self.arguments.items())
        return f"{self.type}({given})"


def _plain(value: JsonValue) -> str:
    if not isinstance(value, dict) or "type" not in value:
        return repr(value)
    if value["type"] in ("and", "or"):
        parts = value.get("conditions")
        return f" {value['type']} ".join(_plain(part) for part in parts) if isinstance(parts, list) else ""
    column = value.get("column")
    name = column.get("name") if isinstance(column, dict) else column
    if value["type"] == "nullity":
        return f"<{name} is {'null' if value.get('is_null') else 'not null'}>"
    return f"<{name} {value.get('operator')} {value.get('parameter')!r}>"


class QualityReport(Frozen):
    """The expectations about one table, with everything that the verdict rests on."""

    table: Table
    """Which table."""
    suite: str
    """Name of the suite."""
    rows: tuple[BandStatistics, ...] = ()
    """The table."""
    outcomes: tuple[ExpectationOutcome, ...] = ()
    """The expectations about it, in the order of the suite."""
    library: str = ""
    """What evaluated them, with its version; empty if nothing was."""
    findings: tuple[Finding, ...] = Field(default=())
    """What came of it."""

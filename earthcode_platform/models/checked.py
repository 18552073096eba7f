"""What the gates said at one stage, for the stages after it."""

from pydantic import Field

from earthcode_platform.models.finding import Finding
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.policy import Waived
from earthcode_platform.models.quality import QualityReport

__all__ = ["Checked"]


class Checked(Frozen):
    """The findings of a stage, and the figures that some of them rest on."""

    findings: tuple[Finding, ...] = ()
    """Everything that was found, those about data quality included."""
    waived: tuple[Waived, ...] = ()
    """Findings that did not count, and who answers for them."""
    quality: QualityReport | None = None
    """What was expected of the values; None without `expectations.json`."""
    boxes: dict[str, tuple[tuple[float, float, float, float], ...]] = Field(default={})
    """Boxes in degrees of the items of each input (EPSG:4326), where they were looked up: west, south, east, north."""

"""Values that arguments of processes may have, as type hints: what `check` compares before anything runs.

Enumerations are those of the process specifications, as far as this engine supports them. A function beside a type is
the one by which the process reads the value; it raises what the reader is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias

from earthcode_platform.cubes.crs import crs_name
from earthcode_platform.engines.openeo.extents import daily_interval, interval, require_box
from earthcode_platform.engines.openeo.moments import parsed
from earthcode_platform.errors import ExecutionError

__all__ = [
    "AnomalyPeriod",
    "AtLeast",
    "Box",
    "DailyInterval",
    "DateText",
    "DateUnit",
    "DimensionType",
    "Interval",
    "Method",
    "NormalPeriod",
    "Period",
    "Places",
    "Projection",
    "Resolution",
    "Wavelength",
]

Period: TypeAlias = Literal[
    "hour", "day", "week", "dekad", "month", "season", "tropical-season", "year", "decade", "decade-ad"
]
"""What dates are aggregated by (aggregate_temporal_period)."""
NormalPeriod: TypeAlias = Literal["day", "month", "climatology-period", "season", "tropical-season"]
"""What climatological normals are computed for (climatological_normal)."""
AnomalyPeriod: TypeAlias = Literal[
    "hour",
    "day",
    "week",
    "dekad",
    "month",
    "season",
    "tropical-season",
    "year",
    "decade",
    "decade-ad",
    "climatology-period",
    "single-period",
]
"""What normals may stand for (anomaly)."""
DateUnit: TypeAlias = Literal["millisecond", "second", "minute", "hour", "day", "week", "month", "year"]
"""Steps between dates (date_shift, date_difference)."""
DimensionType: TypeAlias = Literal["spatial", "temporal", "bands", "geometry", "other"]
"""Types of dimensions (add_dimension)."""
Method: TypeAlias = Literal[
    "near",
    "bilinear",
    "cubic",
    "cubicspline",
    "lanczos",
    "average",
    "mode",
    "max",
    "min",
    "med",
    "q1",
    "q3",
    "sum",
    "rms",
]
"""Methods of resampling (resample_spatial, resample_cube_spatial)."""
DateText: TypeAlias = Annotated[str, parsed]
"""A date or time (RFC 3339)."""
Interval: TypeAlias = Annotated[Sequence[DateText | None], interval]
"""Two moments, of which the second is no part of it; null leaves an end open."""
DailyInterval: TypeAlias = Annotated[Sequence[str | None], daily_interval]
"""The same, or two times of the day."""
Box: TypeAlias = Annotated[dict[str, object], require_box]
"""A bounding box with its CRS."""
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Refuses numbers below a bound (`minimum` of JSON Schema)."""

    least: float
    """The bound, which is allowed itself."""

    def __call__(self, value: float) -> None:
        """Check one number.

        Raises:
            ExecutionError: It is below the bound.
        """
        if value < self.least:
            raise ExecutionError(f"{value} is below {self.least}.", remedy=f"Give {self.least} or more.")


def _projection(code: object) -> None:
    crs_name(f"EPSG:{code}" if isinstance(code, int) else code)


def _resolution(size: float | Sequence[float]) -> None:
    sizes = [size, size] if isinstance(size, int | float) else list(size)
    if len(sizes) != _PAIR or min(sizes) < 0:
        raise ExecutionError(f"the resolution {size!r} is no size of pixels.", remedy="Give one or two, 0 or more.")


def _wavelength(ends: Sequence[float]) -> None:
    if len(ends) != _PAIR or ends[0] > ends[1]:
        raise ExecutionError(f"{ends!r} is no range of wavelengths.", remedy="Give two micrometres: [0.7, 0.9].")


Places: TypeAlias = Annotated[int, AtLeast(0)]
"""An index, counted from zero."""
Projection: TypeAlias = Annotated[int | str, _projection]
"""A CRS: an EPSG code or WKT2."""
Resolution: TypeAlias = Annotated[float | Sequence[float], _resolution]
"""The size of a pixel, or its width and height; 0 keeps what is there."""
Wavelength: TypeAlias = Annotated[Sequence[float], _wavelength]
"""The ends of a range of wavelengths in micrometres."""

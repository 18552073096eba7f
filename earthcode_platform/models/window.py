"""Windows in time and space, as STAC and OGC API Features write them."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

__all__ = ["BBox", "TimeWindow"]

_OPEN: Final = ("..", "")


class TimeWindow:
    """A closed interval of time in UTC, written `start/end`; `..` leaves an end open (OGC API Features, `datetime`).

    A date without a time means its first moment as a start and its last microsecond as an end.

    >>> str(TimeWindow.parse("2009-12-01/2010-02-28"))
    '2009-12-01T00:00:00Z/2010-02-28T23:59:59.999999Z'
    """

    __slots__ = ("end", "start")

    def __init__(self, start: datetime | None, end: datetime | None) -> None:
        if start is None and end is None:
            raise ValueError("a time window needs a start or an end; leave the key out for all times")
        if start is not None and end is not None and start > end:
            raise ValueError(f"the time window starts at {_stamp(start)}, after its end {_stamp(end)}; swap them")
        self.start = start
        self.end = end

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `start/end`.

        Raises:
            ValueError: It is no interval of two RFC 3339 dates or times, or it is empty.
        """
        if isinstance(text, cls):
            return text
        parts = str(text).split("/")
        if not isinstance(text, str) or len(parts) != 2:  # noqa: PLR2004 - an interval has two ends
            raise ValueError(f"{text!r} is no interval; write 'start/end', for example 2023-08-01/2023-08-31")
        return cls(_moment(parts[0], last=False), _moment(parts[1], last=True))

    def contains(self, moment: datetime) -> bool:
        """Tell whether `moment` (time zone aware) lies in the window, both ends included."""
        return (self.start is None or moment >= self.start) and (self.end is None or moment <= self.end)

    def __str__(self) -> str:
        return f"{_stamp(self.start)}/{_stamp(self.end)}"

    def __repr__(self) -> str:
        return f"TimeWindow({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimeWindow) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[^/]+/[^/]+$", "examples": ["2023-08-01/2023-08-31", "2023-08-01/.."]}


def _moment(text: str, *, last: bool) -> datetime | None:
    if text in _OPEN:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no RFC 3339 date or time") from None
    if len(text) == len("2023-08-01"):
        moment = datetime.combine(moment.date(), time.min)
        moment += timedelta(days=1, microseconds=-1) if last else timedelta()
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _stamp(moment: datetime | None) -> str:
    return ".." if moment is None else moment.isoformat().replace("+00:00", "Z")


def _box(bbox: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = bbox
    if not (-180 <= west <= 180 and -180 <= east <= 180):  # noqa: PLR2004 - degrees of longitude
        raise ValueError(f"longitudes {west} and {east} must lie between -180 and 180 degrees")
    if not (-90 <= south <= 90 and -90 <= north <= 90):  # noqa: PLR2004 - degrees of latitude
        raise ValueError(f"latitudes {south} and {north} must lie between -90 and 90 degrees")
    if south >= north or west == east:
        raise ValueError(f"the box {list(bbox)} is empty; write [west, south, east, north]")
    return bbox


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


BBox = Annotated[
    tuple[float, float, float, float],
    BeforeValidator(_as_tuple),
    AfterValidator(_box),
    Field(description="West, south, east, north in degrees (EPSG:4326). West above east crosses the antimeridian."),
]
"""A box on the ground: west, south, east, north in degrees, EPSG:4326 (RFC 7946, section 5)."""

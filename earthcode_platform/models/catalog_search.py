"""What is looked for in a catalog, and what was found."""

import math
from typing import Annotated

from pydantic import AfterValidator, Field

from earthcode_platform.models.catalog_record import Box, Interval, RecordKind
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.shown import Shown

__all__ = ["Hit", "Query"]


def _box(box: Box) -> Box:
    west, south, east, north = box
    if not all(map(math.isfinite, box)):
        raise ValueError(f"the box {list(box)} holds something that is no number")
    if not (-180 <= west <= 180 and -180 <= east <= 180):  # noqa: PLR2004 - degrees of longitude
        raise ValueError(f"longitudes {west:g} and {east:g} must lie between -180 and 180 degrees")
    if not -90 <= south <= north <= 90:  # noqa: PLR2004 - degrees of latitude
        raise ValueError(f"latitudes {south:g} and {north:g} must lie between -90 and 90 degrees, south before north")
    return box


def _interval(interval: Interval) -> Interval:
    if interval.start is not None and interval.end is not None and interval.start > interval.end:
        raise ValueError(f"it starts at {interval.start.isoformat()}, after its end {interval.end.isoformat()}")
    return interval


class Query(Frozen):
    """What is looked for. All that is said must hold; of several names of one kind one is enough.

    A record without a box is never found by a box, and one without a time never by a time.
    """

    text: tuple[str, ...] = ()
    """Words; each must begin a word of the title, the id, a keyword or the description."""
    kinds: tuple[RecordKind, ...] = ()
    """Kinds of entries; all if there are none."""
    themes: tuple[str, ...] = ()
    """Themes, by id or title."""
    variables: tuple[str, ...] = ()
    """Variables, by id or title."""
    missions: tuple[str, ...] = ()
    """EO missions, by id or title."""
    projects: tuple[str, ...] = ()
    """Projects, by id or title; a project belongs to itself."""
    bbox: Annotated[Box, AfterValidator(_box)] | None = None
    """Box that must be met: west, south, east, north in degrees; its edges belong to it."""
    datetime: Annotated[Interval, AfterValidator(_interval)] | None = None
    """Interval of time that must be met; its ends belong to it."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """How many hits are wanted; all if None."""


class Hit(Frozen):
    """An entry that was found.

    Boxes, intervals, variables and missions of an experiment, a workflow or a project that has none of its own are
    those of its products.
    """

    kind: RecordKind
    """What it is."""
    id: Shown
    """Its id."""
    path: Shown
    """Path of its file inside the catalog."""
    title: Shown
    """Title."""
    description: Shown
    """Description."""
    score: int
    """How well the words fit: each counts 4 in the title, 3 in the id, 2 in a keyword, 1 in the description."""
    matched: tuple[str, ...]
    """Where the words were found."""
    project: Shown
    """Id of its project."""
    themes: tuple[Shown, ...]
    """Ids of its themes."""
    variables: tuple[Shown, ...]
    """Ids of its variables."""
    missions: tuple[Shown, ...]
    """Ids of its EO missions."""
    boxes: tuple[Box, ...]
    """Its boxes on the ground."""
    intervals: tuple[Interval, ...]
    """Its intervals of time."""

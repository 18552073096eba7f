"""Rules on what an entry of a submission says of itself, where they ask for more than the validator's."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.documents import section, text
from earthcode_platform.catalog.inspected import Inspected
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.models.finding import Finding

__all__ = ["FACT_RULES", "dates_are_utc", "extent_is_flat"]

_UTC: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)")
_BOX: Final = 4
_PRODUCT_KEYS: Final = frozenset(
    f"osc:{key}" for key in ("type", "status", "project", "region", "variables", "missions", "experiment")
)
_KEYS: Final = {
    Kind.PRODUCT: _PRODUCT_KEYS,
    Kind.PROJECT: frozenset({"osc:type", "osc:status", "osc:workflows"}),
    Kind.WORKFLOW: frozenset({"osc:project"}),
    Kind.EXPERIMENT: frozenset({"osc:project", "osc:workflow"}),
}


def dates_are_utc(entry: Inspected) -> Iterator[Finding]:
    """Yield a finding unless `created` and `updated` are RFC 3339 in UTC."""
    for key in ("created", "updated"):
        if not _is_utc(entry.facts.get(key)):
            yield entry.finding(
                "date-wrong",
                f"{key} is {entry.facts.get(key)!r}.",
                "Write RFC 3339 in UTC, such as 2026-01-31T12:00:00Z.",
            )


def extent_is_flat(entry: Inspected) -> Iterator[Finding]:
    """Yield a finding for a box that is not four numbers and an interval that is not two moments in UTC."""
    extent = section(entry.document, "extent")
    boxes = section(extent, "spatial").get("bbox")
    for box in boxes if isinstance(boxes, list) and boxes else [None]:
        if not _is_box(box):
            yield entry.finding("bbox-wrong", f"the box is {box!r}.", "Write [west, south, east, north] in degrees.")
    intervals = section(extent, "temporal").get("interval")
    for interval in intervals if isinstance(intervals, list) and intervals else [None]:
        if not _is_interval(interval):
            yield entry.finding("interval-wrong", f"the interval is {interval!r}.", "Write two moments in UTC.")


def _says_what_it_is(entry: Inspected) -> Iterator[Finding]:
    for key in ("title", "description"):
        if not text(entry.facts, key).strip():
            yield entry.finding(f"{key}-missing", f"{key} is empty.", "Write it.")


def _invents_no_keys(entry: Inspected) -> Iterator[Finding]:
    used = {key for key in entry.facts if key.startswith("osc:")}
    for key in sorted(used - _KEYS.get(entry.of_kind, frozenset())):
        yield entry.finding("key-unknown", f"a {entry.of_kind.label.lower()} has no {key!r}.", "Take the key out.")


FACT_RULES: Final[tuple[Callable[[Inspected], Iterator[Finding]], ...]] = (
    _says_what_it_is,
    _invents_no_keys,
)
"""The rules that every entry of a submission must meet."""


def _is_utc(value: JsonValue) -> bool:
    if not isinstance(value, str) or not _UTC.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_box(box: JsonValue) -> bool:
    if not isinstance(box, list) or len(box) != _BOX:
        return False
    numbers = [value for value in box if isinstance(value, int | float) and not isinstance(value, bool)]
    return len(numbers) == _BOX and numbers[1] <= numbers[3] and all(abs(value) <= 180 for value in numbers)  # noqa: PLR2004 - degrees


def _is_interval(interval: JsonValue) -> bool:
    if not isinstance(interval, list) or len(interval) != 2:  # noqa: PLR2004 - an interval has two ends
        return False
    return any(end is not None for end in interval) and all(end is None or _is_utc(end) for end in interval)

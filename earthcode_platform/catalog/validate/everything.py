"""Rules that every entry of the catalog must meet, whatever its kind.

"Validator" means the official one (open-science-catalog-validation, release candidate 15), as written down in the
project's design notes on the catalog, "What passes, what fails".
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from earthcode_platform.catalog.documents import text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.extents import boxes, intervals, is_box, is_interval, is_reversed, is_utc
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook
from earthcode_platform.models.finding import Severity

__all__ = ["EVERYTHING"]

EVERYTHING: Final = RuleBook()
"""The rules of every entry, but for those on links."""

_RECORDS: Final = (Kind.WORKFLOW, Kind.EXPERIMENT)
_COLLECTIONS: Final = (Kind.PRODUCT, Kind.PROJECT)
_LICENSE: Final = re.compile(r"various open source|[A-Za-z0-9][A-Za-z0-9.+-]*")
"""The form of an identifier; which ones there are, the schema knows."""
_LONGEST: Final = 200
_RESERVED: Final = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)|.*[<>:\"|?*\\\x00-\x1f]|.*[. ]\Z", re.IGNORECASE | re.DOTALL
)
"""Names of devices, letters that mean something else, and ends that Windows takes away."""
_VERSIONS: Final = ("1.0.0", "1.1.0")
_DATES: Final = ("created", "updated")


@EVERYTHING.gate("id-differs")
def _id_is_folder(entry: Inspection) -> Iterator[Fault]:
    """The folder's name equals `id`. Source: validator, layout."""
    found = entry.document.get("id")
    if found != entry.id:
        at = "/id" if "id" in entry.document else ""
        yield Fault(at, f"the id is {found!r}, the folder's name {entry.id!r}.", "Make them equal.", found)


@EVERYTHING.gate("id-reserved")
def _is_not_the_top(entry: Inspection) -> Iterator[Fault]:
    """Only the top of the catalog has the `id` osc: a catalog.json that has it is taken for the top. Source: layout."""
    if entry.document.get("id") == "osc" and entry.path.endswith("/catalog.json"):
        yield Fault("/id", "the id 'osc' is the catalog's own.", "Take another id and folder.", "osc")


@EVERYTHING.gate("title-missing")
def _has_title(entry: Inspection) -> Iterator[Fault]:
    """`title` is a text that is not empty. Source: validator, catalog.json and records.json."""
    yield from _text(entry, "title", optional=entry.kind in _RECORDS)


@EVERYTHING.gate("description-missing")
def _has_description(entry: Inspection) -> Iterator[Fault]:
    """`description` is a text that is not empty. Source: validator, catalog.json and records.json."""
    yield from _text(entry, "description", optional=entry.kind in _RECORDS)


@EVERYTHING.excepted("EX04", "title-missing")
def _record_has_title(entry: Inspection) -> Iterator[Fault]:
    """A record has a `title`. Source: OGC 20-004, core properties; the catalog's documentation."""
    yield from _absent(entry, "title")


@EVERYTHING.excepted("EX04", "description-missing")
def _record_has_description(entry: Inspection) -> Iterator[Fault]:
    """A record has a `description`. Source: the catalog's documentation, title and description."""
    yield from _absent(entry, "description")


@EVERYTHING.gate("stac-version-wrong")
def _has_stac_version(entry: Inspection) -> Iterator[Fault]:
    """A STAC document is of version 1.0.0 or 1.1.0, and a record is none. Source: validator, catalog.json."""
    found = entry.document.get("stac_version")
    at = "/stac_version" if "stac_version" in entry.document else ""
    if entry.kind in _RECORDS:
        if at:
            yield Fault(at, f"a record has the stac_version {found!r}.", "Take it out: a record is no Item.", found)
    elif found not in _VERSIONS:
        yield Fault(at, f"stac_version is {found!r}.", "Take 1.0.0 or 1.1.0.", found)


@EVERYTHING.gate("license-wrong")
def _has_license(entry: Inspection) -> Iterator[Fault]:
    """A collection's `license` is an SPDX identifier, various or proprietary. Source: validator, license.json."""
    found = entry.facts.get("license")
    if entry.kind not in _COLLECTIONS or (isinstance(found, str) and _LICENSE.fullmatch(found) and found != "other"):
        return
    mend = "Write an SPDX identifier, 'various' or 'proprietary'."
    yield Fault(entry.at("license"), f"license is {found!r}.", mend, found)


@EVERYTHING.gate("date-wrong")
def _dates_are_utc(entry: Inspection) -> Iterator[Fault]:
    """`created` and `updated`, where present, are RFC 3339 in UTC. Source: validator, osc.json; STAC 1.1.0."""
    yield from _dates(entry, _seen_dates(entry))


@EVERYTHING.excepted("EX02", "date-wrong")
def _further_dates_are_utc(entry: Inspection) -> Iterator[Fault]:
    """So they are in documents of STAC 1.0.0 whose schema says nothing of them. Source: STAC, common metadata."""
    if not any(key in entry.facts for key in _DATES):
        return
    seen = _seen_dates(entry)
    yield from _dates(entry, [key for key in _DATES if key not in seen])


@EVERYTHING.gate("bbox-wrong")
def _boxes_have_four_numbers(entry: Inspection) -> Iterator[Fault]:
    """A collection has at least one box of exactly four numbers. Source: validator, collection.json."""
    if entry.kind not in _COLLECTIONS:
        return
    found = boxes(entry.document)
    if not found:
        yield Fault(_extent(entry), "the extent has no box.", "Write extent.spatial.bbox.")
    for index, box in enumerate(found or ()):
        if not is_box(box):
            at = f"/extent/spatial/bbox/{index}"
            yield Fault(at, f"the box is {box!r}.", "Write [west, south, east, north] in degrees.", box)


@EVERYTHING.gate("interval-wrong")
def _intervals_have_two_ends(entry: Inspection) -> Iterator[Fault]:
    """A collection has at least one interval of two moments in UTC or null. Source: validator, collection.json."""
    if entry.kind not in _COLLECTIONS:
        return
    found = intervals(entry.document)
    if not found:
        yield Fault(_extent(entry), "the extent has no interval.", "Write extent.temporal.interval.")
    for index, interval in enumerate(found or ()):
        if not is_interval(interval):
            at = f"/extent/temporal/interval/{index}"
            yield Fault(at, f"the interval is {interval!r}.", "Write two moments in UTC, or null for open.", interval)


@EVERYTHING.strict("interval-reversed")
def _intervals_run_forward(entry: Inspection) -> Iterator[Fault]:
    """An interval does not end before it starts. Source: STAC 1.1.0, Collection, Temporal Extent Object."""
    for index, interval in enumerate(intervals(entry.document) or ()):
        if is_reversed(interval):
            at = f"/extent/temporal/interval/{index}"
            yield Fault(at, f"the interval {interval!r} ends before it starts.", "Swap or mend its ends.", interval)


@EVERYTHING.strict("theme-repeated")
def _theme_ids_stand_once(entry: Inspection) -> Iterator[Fault]:
    """A `themes` object names a concept once. Source: STAC themes extension 1.0.0, Concept Object."""
    themes = entry.facts.get("themes")
    for place, theme in enumerate(themes if isinstance(themes, list) else ()):
        concepts = theme.get("concepts") if isinstance(theme, dict) else None
        ids = [text(one, "id") for one in concepts if isinstance(one, dict)] if isinstance(concepts, list) else []
        for name, count in Counter(ids).items():
            if count > 1:
                at = f"{entry.prefix}/themes/{place}/concepts"
                yield Fault(at, f"the theme {name!r} stands {count} times.", "Keep one.", name)


@EVERYTHING.strict("id-unportable")
def _is_a_name_on_windows(entry: Inspection) -> Iterator[Fault]:
    """An id is a folder's name on Windows too, where the gate runs as well (Win32, naming files). Source: the same."""
    if _RESERVED.match(entry.id):
        message = f"Windows has no folder called {entry.id!r}."
        yield Fault("/id", message, "Take an id without special letters, of another name.", entry.id)


@EVERYTHING.strict("path-too-long")
def _fits_on_windows(entry: Inspection) -> Iterator[Fault]:
    """A path leaves room for a folder's own within the 260 characters of Windows (Win32, MAX_PATH)."""
    if len(entry.path) > _LONGEST:
        yield Fault("/id", f"the path has {len(entry.path)} characters.", "Take a shorter id.", entry.id)


@EVERYTHING.excepted("EX15", "id-refused", Severity.WARNING)
def _id_is_read_right(entry: Inspection) -> Iterator[Fault]:
    """The official validator looks for the folder's name before the first name with 'json' in it. Source: layout."""
    # Its sign for a name of a document is one letter of any kind, slashes included, between a name and 'json'.
    if ("json" in entry.id[2:] or entry.id.startswith("json")) and entry.document.get("id") == entry.id:
        message = f"the official validator refuses the id {entry.id!r} for the 'json' in it."
        yield Fault("/id", message, "Take another id and folder.", entry.id)


def _seen_dates(entry: Inspection) -> tuple[str, ...]:
    if entry.document.get("stac_version") == "1.1.0" or entry.kind in (*_RECORDS, Kind.PRODUCT):
        return _DATES
    return ("updated",) if entry.kind is Kind.PROJECT else ()


def _dates(entry: Inspection, keys: Iterable[str]) -> Iterator[Fault]:
    for key in keys:
        found = entry.facts.get(key)
        if key in entry.facts and not is_utc(found):
            mend = "Write RFC 3339 in UTC, such as 2026-01-31T12:00:00Z."
            yield Fault(entry.at(key), f"{key} is {found!r}.", mend, found)


def _text(entry: Inspection, key: str, *, optional: bool) -> Iterator[Fault]:
    if not text(entry.facts, key) and not (optional and key not in entry.facts):
        yield Fault(entry.at(key), f"{key} is empty.", "Write it.", entry.facts.get(key))


def _absent(entry: Inspection, key: str) -> Iterator[Fault]:
    if entry.kind in _RECORDS and key not in entry.facts:
        yield Fault(entry.at(key), f"{key} is missing.", "Write it.")


def _extent(entry: Inspection) -> str:
    return "/extent" if "extent" in entry.document else ""

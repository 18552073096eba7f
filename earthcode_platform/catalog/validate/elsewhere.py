"""Rules for documents that are no entry and no listing: a product's own data, and what lies where nothing belongs."""

import re
from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.documents import text
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["ELSEWHERE", "OWN_DATA", "is_own_data"]

OWN_DATA: Final = RuleBook()
"""The rules of STAC documents below a product."""
ELSEWHERE: Final = RuleBook()
"""The rules of documents outside the catalog's layout."""

_OWN: Final = re.compile(r"/products/[^/]+/.+.json")
_MISTAKEN: Final = re.compile(r".*/(?:(?:eo-missions|themes)/[^/]+/|(?:products|projects|variables)/)catalog\.json")
_TYPES: Final = ("Feature", "Collection", "Catalog")
_LONGEST: Final = 200
_VERSIONS: Final = ("1.0.0", "1.1.0")


def is_own_data(path: str) -> bool:
    """Tell whether the official validator takes the file at `path` for a product's own data."""
    return _OWN.search(f"/{path}") is not None


@OWN_DATA.gate("type-wrong")
def _is_stac(item: Inspection) -> Iterator[Fault]:
    """Data that says a STAC version is an Item, a Collection or a Catalog. Source: STAC 1.1.0, overview."""
    found = item.document.get("type")
    if "stac_version" in item.document and found not in _TYPES:
        yield Fault("/type" if "type" in item.document else "", f"type is {found!r}.", "Write 'Feature'.", found)


@OWN_DATA.gate("stac-version-wrong")
def _has_known_version(item: Inspection) -> Iterator[Fault]:
    """Its version is 1.0.0 or 1.1.0. Source: validator, everything."""
    found = item.document.get("stac_version")
    if "stac_version" in item.document and found not in _VERSIONS:
        yield Fault("/stac_version", f"stac_version is {found!r}.", "Take 1.0.0 or 1.1.0.", found)


@OWN_DATA.gate("title-missing")
def _has_title(item: Inspection) -> Iterator[Fault]:
    """A Catalog or Collection has a title. Source: validator, everything."""
    if item.document.get("type") in _TYPES[1:] and "stac_version" in item.document and not text(item.document, "title"):
        yield Fault("/title" if "title" in item.document else "", "title is empty.", "Write it.")


@OWN_DATA.excepted("EX09", "stac-version-wrong")
def _has_version(item: Inspection) -> Iterator[Fault]:
    """It says its STAC version. Source: STAC 1.1.0, Item, required fields."""
    if "stac_version" not in item.document:
        yield Fault("", "it has no stac_version.", "Write 1.0.0 or 1.1.0.")


@OWN_DATA.strict("path-too-long")
def _fits_on_windows(item: Inspection) -> Iterator[Fault]:
    """A path leaves room for a folder's own within the 260 characters of Windows. Source: Win32, MAX_PATH."""
    if len(item.path) > _LONGEST:
        yield Fault("", f"the path has {len(item.path)} characters.", "Take a shorter name.", item.path)


@ELSEWHERE.gate("place-unexpected")
def _lies_where_it_belongs(found: Inspection) -> Iterator[Fault]:
    """Every STAC document lies in the catalog's layout. Source: validator, layout."""
    if "stac_version" in found.document and not _is_mistaken(found):
        yield _misplaced(found)


@ELSEWHERE.excepted("EX14", "place-unexpected")
def _lies_in_no_copy(found: Inspection) -> Iterator[Fault]:
    """A folder that looks like one of the catalog's, and is none, is no place either. Source: layout."""
    if "stac_version" in found.document and _is_mistaken(found):
        yield _misplaced(found)


@ELSEWHERE.excepted("EX09", "place-unexpected")
def _is_no_stray_record(found: Inspection) -> Iterator[Fault]:
    """A record is a workflow's or an experiment's. Source: the catalog's documentation, layout."""
    if "stac_version" not in found.document:
        yield _misplaced(found)


def _is_mistaken(found: Inspection) -> bool:
    """Tell whether the official validator takes the document for one in its place: nothing below it gives it away."""
    return _MISTAKEN.fullmatch(found.path) is not None and not (found.rel("child") or found.rel("item"))


def _misplaced(found: Inspection) -> Fault:
    return Fault("", f"the catalog has no place for {found.path!r}.", "Move the file, or take it out.", found.path)

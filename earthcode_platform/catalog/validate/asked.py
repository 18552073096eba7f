"""Which schemas a document must meet, and which documents the official validator passes over."""

import re
from itertools import zip_longest
from typing import Final, NamedTuple

from earthcode_platform.catalog.documents import JsonObject, texts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.inspection import Inspection

__all__ = ["Asked", "is_passed_over", "schemas_asked"]

_OFFICIAL: Final = "https://esa-earthcode.github.io/open-science-catalog-validation/schemas"
_TYPES: Final = {"Feature": "item", "Collection": "collection", "Catalog": "catalog"}
_APPLIED: Final = (Kind.PRODUCT, Kind.PROJECT, Kind.WORKFLOW, Kind.EXPERIMENT)
_RECORDS: Final = (Kind.WORKFLOW, Kind.EXPERIMENT)
_VERSION: Final = re.compile(
    r"[v^~<>=]*(\d+)(?:\.([x*]|\d+)(?:\.([x*]|\d+)(?:\.(?:[x*]|\d+))?(?:-([\da-z-]+(?:\.[\da-z-]+)*))?(?:\+[\da-z.-]+)?)?)?",
    re.IGNORECASE,
)
_CURRENT: Final = "1.0.0"
"""What nearly all documents say."""
_MANY: Final = "FeatureCollection"
_FIRST: Final = (1, 0, 0)
_FIRST_DRAFT: Final = ("rc", "1")


class Asked(NamedTuple):
    """A schema that a document must meet."""

    url: str
    """Its address."""
    exception: str
    """Number of the exception, if the official validator does not hold the document against it; else empty."""


def schemas_asked(entry: Inspection) -> list[Asked]:
    """Return the schemas that a document must meet.

    They are those of the catalog for its kind, of STAC for its type and version, and of each extension it names. A
    document without a STAC version has the catalog's profile of OGC API Records instead.
    """
    found: list[Asked] = []
    if entry.kind is not None:
        found.append(Asked(f"{_OFFICIAL}/{entry.kind.value}/children.json", "" if entry.kind in _APPLIED else "EX02"))
    elif entry.listing is not None:
        found.append(Asked(f"{_OFFICIAL}/{entry.listing.value}/parent.json", ""))
    is_record = "stac_version" not in entry.document
    version, kind = entry.document.get("stac_version"), _TYPES.get(str(entry.document.get("type")))
    if is_record and (entry.kind is None or entry.kind in _RECORDS):
        found.append(Asked(f"{_OFFICIAL}/records.json", ""))
    elif isinstance(version, str) and kind:
        found.append(Asked(f"https://schemas.stacspec.org/v{version}/{kind}-spec/json-schema/{kind}.json", ""))
    extensions = dict.fromkeys(texts(entry.document, "stac_extensions"))
    return [*found, *(Asked(url, "EX11" if is_record else "") for url in extensions)]


def is_passed_over(document: JsonObject) -> bool:
    """Tell whether the official validator skips a document and yet finds nothing wrong with it.

    It does so if the STAC version is no text or older than 1.0.0-rc.1, and with a FeatureCollection.
    """
    version = document.get("stac_version", _CURRENT)
    if version == _CURRENT:
        return "stac_version" in document and document.get("type") == _MANY
    if not isinstance(version, str):
        return True
    found = _VERSION.fullmatch(version)
    if found is None:
        return False
    return _is_older(found) or document.get("type") == _MANY


def _is_older(found: re.Match[str]) -> bool:
    for held, wanted in zip(found.group(1, 2, 3), _FIRST, strict=True):
        if held is not None and held not in "xX*" and int(held) != wanted:
            return int(held) < wanted
        if held is None and wanted:
            return True
    draft = found[4]
    if draft is None:
        return False
    for mine, first in zip_longest(draft.split("."), _FIRST_DRAFT, fillvalue="0"):
        if mine != first:
            return int(mine) < int(first) if mine.isdecimal() and first.isdecimal() else mine < first
    return False

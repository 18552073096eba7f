"""Rules for EO missions: STAC Catalogs."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import has_type
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["MISSION"]

MISSION: Final = RuleBook()
"""The rules of EO missions."""


@MISSION.gate("type-wrong")
def _is_catalog(entry: Inspection) -> Iterator[Fault]:
    """An EO mission is a Catalog. Source: validator, eo-missions/children.json."""
    yield from has_type(entry, "Catalog")

"""Rules for EO missions: STAC Catalogs."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import children_are, has_access, has_type
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["MISSION"]

MISSION: Final = RuleBook()
"""The rules of EO missions."""


@MISSION.gate("type-wrong")
def _is_catalog(entry: Inspection) -> Iterator[Fault]:
    """An EO mission is a Catalog. Source: validator, eo-missions/children.json."""
    yield from has_type(entry, "Catalog")


@MISSION.gate("via-missing")
def _has_access(entry: Inspection) -> Iterator[Fault]:
    """At least one `via` link says what the mission is. Source: validator, EO mission."""
    yield from has_access(entry)


MISSION.gate("child-wrong")(children_are(Kind.PRODUCT))

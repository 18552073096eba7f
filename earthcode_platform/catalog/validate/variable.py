"""Rules for variables: STAC Catalogs with themes."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.addresses import THEMES
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import (
    children_are,
    has_access,
    has_type,
    names_extensions,
)
from earthcode_platform.catalog.validate.references import required_themes, theme_references
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["VARIABLE"]

VARIABLE: Final = RuleBook()
"""The rules of variables."""


@VARIABLE.gate("type-wrong")
def _is_catalog(entry: Inspection) -> Iterator[Fault]:
    """A variable is a Catalog. Source: validator, variables/children.json."""
    yield from has_type(entry, "Catalog")


@VARIABLE.gate("extension-missing")
def _has_extensions(entry: Inspection) -> Iterator[Fault]:
    """A variable names the themes extension. Source: validator, variable."""
    yield from names_extensions(entry, THEMES)


@VARIABLE.gate("via-missing")
def _has_access(entry: Inspection) -> Iterator[Fault]:
    """At least one `via` link says what is measured. Source: validator, variable."""
    yield from has_access(entry)


@VARIABLE.gate("theme-unknown")
def _has_themes(entry: Inspection) -> Iterator[Fault]:
    """A themes object has the catalog's scheme; its concepts exist and are linked. Source: validator, variable."""
    yield from required_themes(entry)


@VARIABLE.strict("theme-unlinked")
def _has_every_theme(entry: Inspection) -> Iterator[Fault]:
    """The concepts of the second and further themes objects are held to the same. Source: docs/decisions/0009."""
    seen = set(theme_references(entry, first=True))
    yield from (fault for fault in theme_references(entry, first=False) if fault not in seen)


VARIABLE.gate("child-wrong")(children_are(Kind.PRODUCT))

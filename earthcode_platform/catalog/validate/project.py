"""Rules for projects: STAC Collections with the osc, themes and contacts extensions."""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.addresses import CONTACTS, OSC, THEMES
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.contacts import emails, technical_officer
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import (
    children_are,
    has_access,
    has_status,
    has_type,
    invents_no_keys,
    names_extensions,
)
from earthcode_platform.catalog.validate.references import references, required_themes, theme_references
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook

__all__ = ["PROJECT"]

PROJECT: Final = RuleBook()
"""The rules of projects."""

_KEYS: Final = frozenset({"osc:type", "osc:status", "osc:workflows"})


@PROJECT.gate("type-wrong")
def _is_project(entry: Inspection) -> Iterator[Fault]:
    """A project is a Collection with `osc:type` project. Source: validator, projects/children.json."""
    yield from has_type(entry, "Collection", "osc:type", "project")


@PROJECT.gate("status-wrong")
def _has_status(entry: Inspection) -> Iterator[Fault]:
    """`osc:status` is planned, ongoing or completed. Source: osc extension 1.0.0."""
    yield from has_status(entry)


@PROJECT.gate("extension-missing")
def _has_extensions(entry: Inspection) -> Iterator[Fault]:
    """A project names the osc, themes and contacts extensions. Source: validator, project."""
    yield from names_extensions(entry, OSC, THEMES, CONTACTS)


@PROJECT.gate("key-unknown")
def _invents_no_keys(entry: Inspection) -> Iterator[Fault]:
    """No `osc:` keys but the extension's. Source: osc extension 1.0.0, project_fields."""
    yield from invents_no_keys(entry, _KEYS)


@PROJECT.gate("via-missing")
def _has_access(entry: Inspection) -> Iterator[Fault]:
    """At least one `via` link says where the project presents itself. Source: validator, project."""
    yield from has_access(entry)


@PROJECT.gate("officer-wrong")
def _has_technical_officer(entry: Inspection) -> Iterator[Fault]:
    """A contact is the technical officer, with a name and a valid e-mail. Source: validator, project."""
    yield from technical_officer(entry)


@PROJECT.gate("theme-unknown")
def _has_themes(entry: Inspection) -> Iterator[Fault]:
    """A themes object has the catalog's scheme; its concepts exist and are linked. Source: validator, project."""
    yield from required_themes(entry)


@PROJECT.strict("theme-unlinked")
def _has_every_theme(entry: Inspection) -> Iterator[Fault]:
    """The concepts of the second and further themes objects are held to the same. Source: docs/decisions/0009."""
    seen = set(theme_references(entry, first=True))
    yield from (fault for fault in theme_references(entry, first=False) if fault not in seen)


@PROJECT.strict("email-wrong")
def _has_valid_emails(entry: Inspection) -> Iterator[Fault]:
    """Every e-mail address of every contact is one. Source: STAC contacts extension 0.1.1."""
    yield from emails(entry)


PROJECT.gate("child-wrong")(children_are(Kind.PRODUCT))
PROJECT.gate("workflow-unknown")(references("osc:workflows", Kind.WORKFLOW))

"""Rules for products: STAC Collections with the osc and themes extensions."""

import re
from collections.abc import Iterator
from typing import Final

from earthcode_platform.catalog.addresses import OSC, THEMES
from earthcode_platform.catalog.documents import sections
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.contacts import emails
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.kinds_of_document import (
    has_access,
    has_status,
    has_type,
    invents_no_keys,
    names_extensions,
)
from earthcode_platform.catalog.validate.references import back_links, references, required_themes, theme_references
from earthcode_platform.catalog.validate.rulebook import Fault, RuleBook
from earthcode_platform.models.finding import Severity

__all__ = ["PRODUCT"]

PRODUCT: Final = RuleBook()
"""The rules of products."""

_DOI: Final = re.compile(r"10\.\d{4,9}/\S+")
_KEYS: Final = frozenset(
    f"osc:{key}" for key in ("type", "status", "project", "region", "variables", "missions", "experiment")
)


@PRODUCT.gate("type-wrong")
def _is_product(entry: Inspection) -> Iterator[Fault]:
    """A product is a Collection with `osc:type` product. Source: validator, products/children.json."""
    yield from has_type(entry, "Collection", "osc:type", "product")


@PRODUCT.gate("status-wrong")
def _has_status(entry: Inspection) -> Iterator[Fault]:
    """`osc:status` is planned, ongoing or completed. Source: osc extension 1.0.0."""
    yield from has_status(entry)


@PRODUCT.gate("extension-missing")
def _has_extensions(entry: Inspection) -> Iterator[Fault]:
    """A product names the osc and themes extensions. Source: validator, product."""
    yield from names_extensions(entry, OSC, THEMES)


@PRODUCT.gate("key-unknown")
def _invents_no_keys(entry: Inspection) -> Iterator[Fault]:
    """No `osc:` keys but the extension's. Source: osc extension 1.0.0, product_fields."""
    yield from invents_no_keys(entry, _KEYS)


@PRODUCT.gate("via-missing")
def _has_access(entry: Inspection) -> Iterator[Fault]:
    """At least one `via` link says where the product is. Source: validator, product."""
    yield from has_access(entry)


@PRODUCT.gate("theme-unknown")
def _has_themes(entry: Inspection) -> Iterator[Fault]:
    """A themes object has the catalog's scheme; its concepts exist and are linked. Source: validator, product."""
    yield from required_themes(entry)


@PRODUCT.strict("theme-unlinked")
def _has_every_theme(entry: Inspection) -> Iterator[Fault]:
    """The concepts of the second and further themes objects are held to the same. Source: docs/decisions/0009."""
    seen = set(theme_references(entry, first=True))
    yield from (fault for fault in theme_references(entry, first=False) if fault not in seen)


@PRODUCT.strict("email-wrong")
def _has_valid_emails(entry: Inspection) -> Iterator[Fault]:
    """Every e-mail address of every contact is one. Source: STAC contacts extension 0.1.1."""
    yield from emails(entry)


@PRODUCT.strict("doi-wrong")
def _has_valid_dois(entry: Inspection) -> Iterator[Fault]:
    """`sci:doi` and the DOIs of publications are names, not links. Source: STAC scientific extension 1.0.0."""
    named = [("/sci:doi", entry.document.get("sci:doi"))] if "sci:doi" in entry.document else []
    for index, publication in enumerate(sections(entry.document, "sci:publications")):
        if "doi" in publication:
            named.append((f"/sci:publications/{index}/doi", publication["doi"]))
    for pointer, value in named:
        if not (isinstance(value, str) and _DOI.fullmatch(value)):
            yield Fault(pointer, f"{value!r} is no DOI.", "Write it as 10.1234/name, without an address.", value)


PRODUCT.gate("project-unknown")(references("osc:project", Kind.PROJECT, required=True))
PRODUCT.gate("variable-unknown")(references("osc:variables", Kind.VARIABLE))
PRODUCT.gate("mission-unknown")(references("osc:missions", Kind.MISSION))
PRODUCT.gate("experiment-unknown")(references("osc:experiment", Kind.EXPERIMENT))
# Source of all back links: the catalog's documentation; nobody checks them.
PRODUCT.strict("back-link-missing")(back_links("osc:project", Kind.PROJECT, "child"))
PRODUCT.strict("back-link-missing")(back_links("themes", Kind.THEME, "child"))
PRODUCT.strict("back-link-missing")(back_links("osc:variables", Kind.VARIABLE, "child"))
PRODUCT.strict("back-link-missing")(back_links("osc:missions", Kind.MISSION, "child"))
PRODUCT.strict("record-link-missing", Severity.WARNING)(back_links("osc:experiment", Kind.EXPERIMENT, "child"))

"""What documents of several kinds say of themselves: type, status, extensions, conformance, keys, access, children."""

import posixpath
from collections.abc import Iterator

from earthcode_platform.catalog.addresses import RECORD_CORE
from earthcode_platform.catalog.documents import texts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.validate.inspection import Inspection
from earthcode_platform.catalog.validate.rulebook import Check, Fault

__all__ = [
    "children_are",
    "has_access",
    "has_status",
    "has_type",
    "invents_no_keys",
    "is_record_core",
    "names_extensions",
    "says",
]


def has_type(entry: Inspection, wanted: str, key: str = "", value: str = "") -> Iterator[Fault]:
    """Yield a fault unless `type` is `wanted` and, among the facts, `key` is `value`."""
    found = entry.document.get("type")
    if found != wanted:
        yield Fault("/type" if "type" in entry.document else "", f"type is {found!r}.", f"Write {wanted!r}.", found)
    if key:
        yield from says(entry, key, value)


def says(entry: Inspection, key: str, value: str) -> Iterator[Fault]:
    """Yield a fault unless, among the facts, `key` is `value`."""
    held = entry.facts.get(key)
    if held != value:
        yield Fault(entry.at(key), f"{key} is {held!r}.", f"Write {value!r}.", held)


def has_status(entry: Inspection) -> Iterator[Fault]:
    """Yield a fault unless `osc:status` is one of the three."""
    found = entry.facts.get("osc:status")
    if found not in ("planned", "ongoing", "completed"):
        yield Fault(entry.at("osc:status"), f"osc:status is {found!r}.", "Take planned, ongoing or completed.", found)


def names_extensions(entry: Inspection, *needed: str) -> Iterator[Fault]:
    """Yield a fault for each of `needed` that `stac_extensions` lacks."""
    held = texts(entry.document, "stac_extensions")
    for url in needed:
        if url not in held:
            yield Fault(
                "/stac_extensions" if "stac_extensions" in entry.document else "",
                f"stac_extensions lacks {url}.",
                "Add it.",
            )


def is_record_core(entry: Inspection) -> Iterator[Fault]:
    """Yield a fault unless a record conforms to the core of OGC API Records (OGC 20-004)."""
    if RECORD_CORE not in texts(entry.document, "conformsTo"):
        at = "/conformsTo" if "conformsTo" in entry.document else ""
        yield Fault(at, f"conformsTo lacks {RECORD_CORE}.", "Add it.", entry.document.get("conformsTo"))


def invents_no_keys(entry: Inspection, allowed: frozenset[str]) -> Iterator[Fault]:
    """Yield a fault for each key of the osc extension that it does not define."""
    for key in entry.facts:
        if key.startswith("osc:") and key not in allowed:
            yield Fault(entry.at(key), f"the osc extension has no {key!r} here.", "Take the key out.", key)


def has_access(entry: Inspection) -> Iterator[Fault]:
    """Yield a fault unless at least one `via` link says where more is to be found."""
    if not any(link.href for link in entry.rel("via")):
        yield Fault("/links" if "links" in entry.document else "", "it has no 'via' link.", "Add one to the data.")


def children_are(kind: Kind) -> Check:
    """Return the rule that `child` links are spelled as those to entries of one kind."""

    def check(entry: Inspection) -> Iterator[Fault]:
        for link in entry.rel("child"):
            folder, name = posixpath.split(link.href.rstrip("/"))
            if name != kind.file or posixpath.basename(posixpath.dirname(folder)) != kind.value:
                yield Fault(
                    f"/links/{link.index}/href",
                    f"the child {link.href!r} is no {kind.label} of the catalog.",
                    f"Link {kind.value} as children only.",
                    link.href,
                )

    return check

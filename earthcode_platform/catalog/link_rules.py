"""Rules on the links of an entry: they lead somewhere, say the right title, and the entry is found from above."""

from collections.abc import Callable, Iterator
from typing import Final

from earthcode_platform.catalog.inspected import Inspected
from earthcode_platform.catalog.kinds import ROOT, Kind
from earthcode_platform.catalog.links import JSON, PUBLISHED_AT, Link
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.redaction import public

__all__ = ["LINK_RULES"]

_VIA: Final = (JSON, "application/pdf", "application/zip", "text/html", "text/plain")


def _leads_up(entry: Inspected) -> Iterator[Finding]:
    for relation, target in (("root", ROOT), ("parent", entry.of_kind.listing)):
        found = entry.rel(relation)
        if [link.target for link in found] != [target]:
            yield entry.finding(
                f"{relation}-wrong",
                f"its {relation!r} links lead to {[link.href for link in found]}.",
                f"There must be one, to {target}.",
            )


def _is_listed_once(entry: Inspected) -> Iterator[Finding]:
    listing, relation = entry.of_kind.listing, entry.of_kind.listed_as
    count = sum(link.rel == relation and link.target == entry.path for link in entry.catalog.links(listing))
    if count != 1:
        yield entry.finding("listing-wrong", f"{listing} names it {count} times as {relation!r}.", "Name it once.")


def _links_lead_somewhere(entry: Inspected) -> Iterator[Finding]:
    for link in entry.links:
        if not link.href or (link.target is not None and link.target not in entry.catalog):
            yield entry.finding(
                "link-dangling", f"the {link.rel!r} link to {link.href!r} leads nowhere.", "Mend its href."
            )


def _titles_are_those_of_the_targets(entry: Inspected) -> Iterator[Finding]:
    for link in entry.links:
        wanted = _title_wanted(entry, link)
        if wanted is not None and link.title != wanted:
            yield entry.finding(
                "link-title-wrong",
                f"the {link.rel!r} link to {link.href!r} is titled {link.title!r}, its target {wanted!r}.",
                "Write the target's title.",
            )


def _title_wanted(entry: Inspected, link: Link) -> str | None:
    if link.target is None or link.target not in entry.catalog or not link.target.endswith(".json"):
        return None
    title = entry.catalog.title(link.target)
    if link.rel != "related":
        return title if link.rel in ("root", "parent", "child", "item") else None
    kind = Kind.of(link.target)
    return f"{kind[0].label}: {title}" if kind else None


def _media_types_are_allowed(entry: Inspected) -> Iterator[Finding]:
    html = ("text/html",) if entry.of_kind is Kind.WORKFLOW else ()
    allowed = {"via": _VIA, "related": (JSON, *html)} | dict.fromkeys(("root", "parent", "child", "item"), (JSON,))
    for link in entry.links:
        if link.rel in allowed and link.media_type not in allowed[link.rel]:
            yield entry.finding(
                "link-type-wrong",
                f"the {link.rel!r} link to {link.href!r} has the type {link.media_type!r}.",
                f"Take one of {', '.join(allowed[link.rel])}.",
            )


def _self_is_where_it_is_served(entry: Inspected) -> Iterator[Finding]:
    for link in entry.rel("self"):
        if link.href != PUBLISHED_AT + entry.path:
            yield entry.finding("self-wrong", f"its 'self' link is {link.href!r}.", "Leave it out.")


def _can_be_followed_from_elsewhere(entry: Inspected) -> Iterator[Finding]:
    for link in entry.links:
        if link.target is None and link.href.startswith(("/", "file:")):
            yield entry.finding(
                "link-local",
                f"the {link.rel!r} link to {link.href!r} leads to a file of one machine.",
                "Give the archive a public address before the entry is merged into a catalog that others read.",
                severity=Severity.WARNING,
            )


def _carries_no_credentials(entry: Inspected) -> Iterator[Finding]:
    for link in entry.links:
        if public(link.href) != link.href:
            yield entry.finding(
                "link-credentials",
                f"the {link.rel!r} link to {link.href!r} carries a user name, password, key or signature.",
                "Name the public address; a catalog is read by everybody.",
            )


LINK_RULES: Final[tuple[Callable[[Inspected], Iterator[Finding]], ...]] = (
    _leads_up,
    _is_listed_once,
    _links_lead_somewhere,
    _titles_are_those_of_the_targets,
    _media_types_are_allowed,
    _self_is_where_it_is_served,
    _can_be_followed_from_elsewhere,
    _carries_no_credentials,
)
"""The rules that every entry of a submission must meet."""

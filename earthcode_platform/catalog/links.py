"""The links of a catalog: where they point, how they are spelled, and how they are built."""

import posixpath
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.kinds import Kind

__all__ = ["JSON", "PUBLISHED_AT", "Link", "link_to", "read_links", "related_to", "relative", "target_of"]

JSON: Final = "application/json"
"""Media type of every link inside the catalog."""

PUBLISHED_AT: Final = "https://esa-earthcode.github.io/open-science-catalog-metadata/"
"""Where the Open Science Catalog is served; an address below it means a file of the catalog."""


_PLAIN: Final = re.compile(r"(?:\.\.?/)*[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
"""A relative address as nearly all links have it: dots at its beginning alone."""


_OUTSIDE: Final = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a document."""

    index: int
    """Its place in the array `links`."""
    rel: str
    """Its relation; empty if it has none."""
    href: str
    """Its address as written; empty if it has none."""
    target: str | None
    """Path of the catalog's file it points at; None if it points outside."""
    media_type: str
    """Its media type; empty if it has none."""
    title: str | None
    """Its title; None if it has none."""


def relative(source: str, target: str) -> str:
    """Return the address of `target` as the document at `source` writes it.

    >>> relative("products/a/collection.json", "themes/land/catalog.json")
    '../../themes/land/catalog.json'
    >>> relative("products/catalog.json", "products/a/collection.json")
    './a/collection.json'
    """
    path = posixpath.relpath(target, posixpath.dirname(source) or ".")
    return path if path.startswith("..") else f"./{path}"


def target_of(source: str, href: str) -> str | None:
    """Return the catalog's path that `href` means in the document at `source`; None if it leads outside.

    >>> target_of("products/a/collection.json", "../../themes/land/catalog.json")
    'themes/land/catalog.json'
    """
    if _PLAIN.fullmatch(href):
        return _plain_target(source, href)
    if href.startswith(_OUTSIDE) and not href.startswith(PUBLISHED_AT):
        return None
    if href.startswith(PUBLISHED_AT):
        return posixpath.normpath(href.removeprefix(PUBLISHED_AT))
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"):
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), parts.path))
    return None if path.startswith("..") else path


def _plain_target(source: str, href: str) -> str | None:
    """Do for a plain address what the general way does, in a third of the time: a catalog has 17 000 of them."""
    folders = source.split("/")[:-1]
    while href.startswith("."):
        up, _, href = href.partition("/")
        if up == "..":
            if not folders:
                return None
            folders.pop()
    return "/".join([*folders, href])


def read_links(source: str, document: JsonObject) -> tuple[Link, ...]:
    """Return the links of `document`, which lies at `source`, in order; what is no object is left out."""
    found = document.get("links")
    if not isinstance(found, list):
        return ()
    return tuple(_link(source, index, link) for index, link in enumerate(found) if isinstance(link, dict))


def _link(source: str, index: int, link: JsonObject) -> Link:
    href = _text(link.get("href"))
    title = _text(link["title"]) if "title" in link else None
    return Link(index, _text(link.get("rel")), href, target_of(source, href), _text(link.get("type")), title)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def link_to(rel: str, source: str, target: str, title: str) -> JsonObject:
    """Return the link from the document at `source` to the one at `target`, whose title is `title`."""
    return {"rel": rel, "href": relative(source, target), "type": JSON, "title": title}


def related_to(source: str, kind: Kind, entry: str, title: str) -> JsonObject:
    """Return the `related` link to an entry: its title is the kind's label, a colon and the entry's title."""
    return link_to("related", source, kind.path(entry), f"{kind.label}: {title}")

"""The items that a STAC API finds for an input, page by page.

A collection of an API is searched with the window of the input (STAC API 1.0, item search; or the items of OGC API -
Features, where that is all there is). An API that has grown would answer otherwise the next time: what it finds is
kept, item by item, and never asked for again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from earthcode_platform.cubes.assets import data_assets
from earthcode_platform.cubes.download import download
from earthcode_platform.cubes.refusal import refusal
from earthcode_platform.cubes.stac import (
    LIMIT_BYTES,
    Document,
    Item,
    is_remote,
    item_of,
    items_of,
    mapping,
    parsed,
    read_document,
    resolve,
    sequence,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import JsonValue

    from earthcode_platform.models.experiment import InputReference
    from earthcode_platform.models.window import BBox, TimeWindow

__all__ = ["LIMIT_FOUND", "found_items", "is_searched"]

LIMIT_FOUND: Final = 2_000
"""Most items that an input may find: each travels with the experiment from then on."""
_PAGE: Final = 100
_LIMIT_PAGES: Final = 1_000
_UNSENT: Final = ("host", "content-length", "transfer-encoding", "connection", "cookie")
"""Header fields that a page must not set for the request of the next one."""


@dataclass(frozen=True, slots=True)
class _Query:
    """A request for a page of items."""

    href: str
    body: dict[str, JsonValue] | None = None
    """What is posted; None for GET."""
    headers: Mapping[str, str] = field(default_factory=dict)


def is_searched(root: Document) -> bool:
    """Tell whether the items of a document are found by a search: an API's collection, or a page of its answers."""
    if not is_remote(root.href):
        return False
    rels = {text(link, "rel") for link in sequence(root.content, "links")}
    if root.kind == "FeatureCollection":
        return True
    return ("items" in rels and "item" not in rels) or (root.kind == "Catalog" and "search" in rels)


def found_items(root: Document, reference: InputReference) -> list[Item]:
    """Return the items that an API finds in the window of an input, each once, with absolute hrefs.

    Of each item only what is needed is kept: its assets with data, and the address of its own document.

    Raises:
        RefusedError: It is a whole API, finds nothing or too much, or its answers are no items (`inputs-*`).
        UnavailableError: It did not answer.
    """
    found: dict[str, Item] = {}
    for page in _pages(root, reference):
        _require_few(page, len(found))
        for item in items_of(page):
            found.setdefault(item.id, _kept(item))
    if not found:
        raise refusal(
            "inputs-empty-window",
            root.href,
            f"the API finds no item in {_window(reference)}.",
            f"Widen the window; the collection says it covers {_extent(root)}.",
        )
    return list(found.values())


def _pages(root: Document, reference: InputReference) -> Iterator[Document]:
    if root.kind == "FeatureCollection":
        yield root
        yield from _following(root, _Query(root.href))
        return
    for query in _queries(root, reference):
        page = _asked(query)
        yield page
        yield from _following(page, query)


def _following(page: Document, query: _Query) -> Iterator[Document]:
    seen = {_key(query)}
    following = _next(page, query)
    while following is not None:
        if _key(following) in seen or len(seen) > _LIMIT_PAGES:
            raise refusal("inputs-not-stac", page.href, "its pages lead in a circle.", "Tell the API's provider.")
        seen.add(_key(following))
        page, query = _asked(following), following
        yield page
        following = _next(page, query)


def _key(query: _Query) -> str:
    return json.dumps([query.href, query.body], sort_keys=True)


def _asked(query: _Query) -> Document:
    content = None if query.body is None else json.dumps(query.body).encode()
    page = parsed(download(query.href, LIMIT_BYTES, content, query.headers), query.href)
    if page.kind != "FeatureCollection":
        remedy = "Name a collection of a STAC API, or its items."
        raise refusal("inputs-not-stac", query.href, f"the answer is a {page.kind}, not a collection of items.", remedy)
    return page


def _next(page: Document, query: _Query) -> _Query | None:
    """Return the request for the next page as its link says (STAC API 1.0, item search, paging)."""
    link = next((link for link in sequence(page.content, "links") if text(link, "rel") == "next"), None)
    if link is None or not text(link, "href"):
        return None
    href = resolve(text(link, "href"), page.href)
    headers = {
        name: value
        for name, value in mapping(link, "headers").items()
        if isinstance(value, str) and name.lower() not in _UNSENT
    }
    if text(link, "method").upper() != "POST":
        return _Query(href, None, headers)
    body = mapping(link, "body")
    return _Query(href, {**(query.body or {}), **body} if link.get("merge") is True else body, headers)


def _queries(root: Document, reference: InputReference) -> Iterator[_Query]:
    """Yield the searches for a window: one, or two where it crosses the antimeridian, which many servers get wrong."""
    if root.kind == "Catalog":
        titles = [text(link, "href") for link in sequence(root.content, "links") if text(link, "rel") == "child"]
        shown = ", ".join(titles[:3]) or "…/collections/<id>"
        raise refusal(
            "inputs-whole-api", root.href, "this is a whole STAC API.", f"Name one of its collections: {shown}."
        )
    endpoint = _endpoint(root)
    for box in _boxes(reference.bbox):
        yield _query(endpoint, root, reference.datetime, box)


def _boxes(box: BBox | None) -> tuple[BBox | None, ...]:
    if box is None or box[0] < box[2]:
        return (box,)
    west, south, east, north = box
    return (west, south, 180.0, north), (-180.0, south, east, north)


def _endpoint(root: Document) -> dict[str, JsonValue]:
    """Return the link by which a collection is searched, made absolute: its API's search, or else its items."""
    links = sequence(root.content, "links")
    above = next((resolve(text(link, "href"), root.href) for link in links if text(link, "rel") == "root"), None)
    landing = read_document(above) if above and is_remote(above) and above != root.href else None
    searches = [link for link in sequence(landing.content, "links") if text(link, "rel") == "search"] if landing else []
    searches = [link for link in searches if "geo+json" in text(link, "type") or not text(link, "type")]
    for method in ("POST", "GET", ""):
        for link in searches:
            if text(link, "method").upper() == method and landing is not None:
                return {**link, "href": resolve(text(link, "href"), landing.href)}
    items = next(link for link in links if text(link, "rel") == "items")
    return {**items, "href": resolve(text(items, "href"), root.href)}


def _query(endpoint: dict[str, JsonValue], root: Document, window: TimeWindow | None, box: BBox | None) -> _Query:
    href, posted = text(endpoint, "href"), text(endpoint, "method").upper() == "POST"
    asked: dict[str, Any] = {"limit": _PAGE}
    if text(endpoint, "rel") == "search":
        asked["collections"] = [text(root.content, "id")]
    if window is not None:
        asked["datetime"] = str(window)
    if box is not None:
        asked["bbox"] = list(box)
    if posted:
        return _Query(href, asked)
    plain = {name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in asked.items()}
    parts = urlsplit(href)
    return _Query(urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(plain)))))))


def _require_few(page: Document, before: int) -> None:
    told = page.content.get("numberMatched", mapping(page.content, "context").get("matched"))
    matched = told if isinstance(told, int) else 0
    count = max(matched, before + len(sequence(page.content, "features")))
    if count > LIMIT_FOUND:
        raise refusal(
            "inputs-too-many",
            page.href,
            f"the API finds {count} items, and an input may stand on {LIMIT_FOUND}.",
            "Choose a smaller window (datetime, bbox).",
        )


def _kept(item: Item) -> Item:
    links = sequence(item.content, "links")
    own = next((resolve(text(link, "href"), item.document.href) for link in links if text(link, "rel") == "self"), "")
    base = own or item.document.href
    assets: dict[str, JsonValue] = {
        key: {**asset, "href": resolve(text(asset, "href"), base)} for key, asset in data_assets(item.content).items()
    }
    canonical: list[JsonValue] = [{"rel": "canonical", "href": own, "type": "application/geo+json"}] if own else []
    return item_of({**item.content, "assets": assets, "links": canonical}, item.document)


def _window(reference: InputReference) -> str:
    told = [f"datetime {reference.datetime}"] if reference.datetime else []
    told += [f"bbox {list(reference.bbox)}"] if reference.bbox else []
    return " and ".join(told) or "all it has"


def _extent(root: Document) -> str:
    extent = mapping(root.content, "extent")
    intervals, boxes = mapping(extent, "temporal").get("interval"), mapping(extent, "spatial").get("bbox")
    return f"{json.dumps(intervals)} in time and {json.dumps(boxes)} in space"

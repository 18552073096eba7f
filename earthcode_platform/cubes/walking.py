"""From a STAC document to every item below it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.access import carried
from earthcode_platform.cubes.refusal import refusal
from earthcode_platform.cubes.stac import Document, items_of, read_document, resolve, sequence, text
from earthcode_platform.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.cubes.stac import Item
    from earthcode_platform.models.finding import Finding

__all__ = ["LIMIT_DOCUMENTS", "collect"]

LIMIT_DOCUMENTS: Final = 10_000
"""Most STAC documents that one input may stand on."""
_READERS: Final = 8
"""Documents read at once; most of the time is waiting for a disk or a server."""


def collect(root: Document) -> tuple[list[Document], list[Item]]:
    """Walk breadth-first from `root` and return the documents read and the items found, each once.

    Links of `rel` item, child and (between pages of items) next are followed; a document is read once, so loops end.

    Raises:
        RefusedError: Documents below it cannot be read; the findings name each.
        UnavailableError: A server did not answer.
    """
    documents, items, seen, level = [root], items_of(root), {root.href}, _links(root)
    while level := [href for href in dict.fromkeys(level) if href not in seen]:
        seen.update(level)
        if len(seen) > LIMIT_DOCUMENTS:
            raise refusal(
                "inputs-too-many",
                root.href,
                f"more than {LIMIT_DOCUMENTS} documents hang below it.",
                "Name a collection or an item collection that holds only what the experiment needs.",
            )
        read = _read_all(level)
        documents += read
        items += [item for document in read for item in items_of(document)]
        level = [href for document in read for href in _links(document)]
    _require_distinct(items, root.href)
    return documents, items


def _require_distinct(items: Sequence[Item], where: str) -> None:
    counted = Counter(item.id for item in items)
    for identifier in (found for found, count in counted.items() if count > 1):
        raise refusal("inputs-not-stac", where, f"two items have the id {identifier!r}.", "Give each item its own id.")


def _read_all(hrefs: Sequence[str]) -> list[Document]:
    with ThreadPoolExecutor(_READERS) as pool:
        read = list(pool.map(carried(_read_or_refuse), hrefs))
    findings: list[Finding] = [found for entry in read if isinstance(entry, RefusedError) for found in entry.findings]
    RefusedError.if_any(findings)
    return [entry for entry in read if isinstance(entry, Document)]


def _read_or_refuse(href: str) -> Document | RefusedError:
    try:
        return read_document(href)
    except RefusedError as error:
        return error


def _links(document: Document) -> list[str]:
    followed = ("next",) if document.kind == "FeatureCollection" else ("item", "child")
    if document.kind == "Feature":
        return []
    links = sequence(document.content, "links")
    wanted = [link for link in links if text(link, "rel") in followed and text(link, "method") in ("", "GET")]
    return [resolve(text(link, "href"), document.href) for link in wanted if text(link, "href")]

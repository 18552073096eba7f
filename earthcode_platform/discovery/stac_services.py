"""STAC APIs and static STAC catalogs, searched with pystac-client, whose every request is ours."""

import warnings
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import pystac
from pystac_client import Client
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from pystac_client.warnings import DoesNotConformTo

from earthcode_platform.discovery.asker import MALFORMED, Asker
from earthcode_platform.discovery.fitting import fits, flat_box, moment
from earthcode_platform.errors import EarthCodeError, UnknownNameError
from earthcode_platform.models.found_data import DataQuery, FoundData, SearchedData, Service
from earthcode_platform.web.addresses import read_address
from earthcode_platform.web.failures import ForbiddenAddressError, UnusableAnswerError

__all__ = ["search_stac"]

_SHOWN: Final = 600
"""Characters of a description that are kept."""


class _GuardedIO(StacApiIO):
    """Reads documents through the guarded web only: a document of the web never leads to a file of this machine."""

    def __init__(self, asker: Asker) -> None:
        super().__init__(max_retries=None)
        self._asker = asker

    def request(
        self,
        href: str,
        method: str | None = None,
        headers: dict[str, str] | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> str:
        """Return what is at `href`; the library's headers say nothing that a search needs."""
        del headers
        if (method or "GET").upper() == "POST":
            return self._asker.post_json(href, parameters or {}).decode("utf-8", errors="replace")
        return self._asker.get(href, parameters).decode("utf-8", errors="replace")

    def read_text(self, source: pystac.link.HREF, *args: object, **kwargs: object) -> str:
        """Return the text at an address, and refuse whatever is none."""
        href = str(source.get_absolute_href() if isinstance(source, pystac.Link) else source)
        if not href.startswith(("http://", "https://")):
            raise ForbiddenAddressError("it is no address with http or https.", where=href)
        text: str = super().read_text(source, *args, **kwargs)
        return text


def search_stac(url: str, query: DataQuery, asker: Asker, service: Service) -> SearchedData:
    """Return the collections that fit, or the items of one collection.

    Args:
        url: Address of the API's landing page, or of the catalog.
        query: What is looked for.
        asker: Who asks.
        service: Whether it is an API or a catalog of files.

    Raises:
        UnknownNameError: There is no such collection.
        InputError: Its answers are no STAC, or must not be asked for.
        UnavailableError: It did not answer.
    """
    with warnings.catch_warnings():
        # The library warns of every API that does not list what it conforms to; we look at what comes.
        warnings.simplefilter("ignore")
        try:
            guarded = _GuardedIO(asker)
            api = service is Service.STAC_API
            root = Client.open(url, stac_io=guarded) if api else guarded.read_stac_object(url)
            found = _found(root, query, service)
            kept = list(islice(found, query.limit + 1))
        except EarthCodeError:
            raise
        except (APIError, DoesNotConformTo, pystac.STACError, *MALFORMED) as error:
            if isinstance(error.__context__, EarthCodeError):
                raise error.__context__ from None
            raise UnusableAnswerError(
                f"its answers are no STAC: {type(error).__name__}: {str(error)[:200]}.",
                where=read_address(url).asked,
                remedy="Name the landing page of a STAC API, or a STAC catalog.",
            ) from error
    return SearchedData(service=service, found=tuple(kept[: query.limit]), more=len(kept) > query.limit)


def _found(root: pystac.STACObject, query: DataQuery, service: Service) -> Iterator[FoundData]:
    if query.collection is None:
        for collection in _collections(root):
            told = _told(collection)
            if _collection_fits(query, collection):
                yield told
        return
    collections = {one.id: one for one in _collections(root)}
    if query.collection not in collections:
        raise UnknownNameError.among("collection", query.collection, collections, where=_address(root))
    for item in _items(root, collections[query.collection], query, service):
        properties = item.properties
        start = item.common_metadata.start_datetime or item.datetime
        end = item.common_metadata.end_datetime or item.datetime
        box = flat_box(item.bbox)
        if fits(
            query,
            (item.id, properties.get("title"), properties.get("description")),
            [box] if box else [],
            [(start, end)],
        ):
            yield _told_item(item)


def _collections(root: pystac.STACObject) -> Iterator[pystac.Collection]:
    """Yield the collections of an API, or those of a catalog of files; what lies below a collection is its own."""
    if isinstance(root, pystac.Collection):
        yield root
    elif isinstance(root, Client):
        api = root.get_search_link() is not None
        for child in root.get_collections() if api else root.get_children():
            yield from _collections(child)


def _items(
    root: pystac.STACObject, collection: pystac.Collection, query: DataQuery, service: Service
) -> Iterable[pystac.Item]:
    if service is Service.STAC or not isinstance(root, Client):
        return collection.get_items(recursive=True)
    # That it has a search link says that it can be searched; not every API lists what it conforms to.
    root.add_conforms_to("ITEM_SEARCH")
    post = any(link.rel == "search" and link.extra_fields.get("method") == "POST" for link in root.links)
    when = None if query.datetime is None else str(query.datetime)
    box = None if query.bbox is None else list(query.bbox)
    most = query.limit + 1
    search = root.search(
        method="POST" if post else "GET",
        collections=[collection.id],
        bbox=box,
        datetime=when,
        max_items=most,
        limit=min(100, most),
    )
    return search.items()


def _collection_fits(query: DataQuery, collection: pystac.Collection) -> bool:
    boxes = [box for one in collection.extent.spatial.bboxes if (box := flat_box(one)) is not None]
    times = [(moment(one[0]), moment(one[1])) for one in collection.extent.temporal.intervals]
    texts = (collection.id, collection.title, collection.description, *(collection.keywords or ()))
    return fits(query, texts, boxes, times)


def _told(collection: pystac.Collection) -> FoundData:
    boxes, times = collection.extent.spatial.bboxes, collection.extent.temporal.intervals
    start, end = times[0] if times else (None, None)
    return FoundData(
        id=collection.id,
        title=collection.title or collection.id,
        kind="collection",
        description=(collection.description or "")[:_SHOWN],
        href=_address(collection),
        license=collection.license or "",
        bbox=flat_box(boxes[0]) if boxes else None,
        start=start.isoformat() if start else "",
        end=end.isoformat() if end else "",
    )


def _told_item(item: pystac.Item) -> FoundData:
    start = item.common_metadata.start_datetime or item.datetime
    end = item.common_metadata.end_datetime or item.datetime
    return FoundData(
        id=item.id,
        title=str(item.properties.get("title") or item.id),
        kind="item",
        description=str(item.properties.get("description") or "")[:_SHOWN],
        href=_address(item),
        license=str(item.properties.get("license") or ""),
        bbox=flat_box(item.bbox),
        start=start.isoformat() if start else "",
        end=end.isoformat() if end else "",
    )


def _address(found: pystac.STACObject) -> str:
    href = found.get_self_href() or ""
    return href if href.startswith(("http://", "https://")) else ""

"""OGC API - Records and CSW 2.0.2, searched with OWSLib, whose every request is ours."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from lxml import etree
from owslib.catalogue.csw2 import CatalogueServiceWeb
from owslib.fes import And, BBox, PropertyIsLike
from owslib.ogcapi.records import Records
from owslib.ows import ExceptionReport

from earthcode_platform.discovery.asker import MALFORMED, Asker
from earthcode_platform.discovery.fitting import flat_box
from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.found_data import DataQuery, FoundData, SearchedData, Service
from earthcode_platform.web.failures import UnusableAnswerError

__all__ = ["search_csw", "search_records"]

_SHOWN: Final = 600
_STAC: Final = ("application/geo+json", "application/json", "application/stac+json")
_LINKED: Final = ("item", "items", "collection", "data", "enclosure", "child", "describedby", "alternate", "source")
"""Relations by which a record leads to a STAC document, if its address or title says that it is one."""
_CSW: Final = "{http://www.opengis.net/cat/csw/2.0.2}"
_SAFE: Final = {"resolve_entities": False, "no_network": True, "huge_tree": False}


class _GuardedRecords(Records):  # type: ignore[misc]  # OWSLib has no types
    """OGC API - Records, asked through the guarded web."""

    def __init__(self, url: str, landing: bytes, asker: Asker) -> None:
        super().__init__(url, json_=landing.decode("utf-8", errors="replace"))
        self._asker = asker

    def _request(
        self,
        method: str = "GET",
        path: str | None = None,
        data: str | None = None,  # noqa: ARG002 - OWSLib's signature
        as_dict: bool = True,  # noqa: ARG002, FBT001, FBT002 - OWSLib's signature
        kwargs: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        if method != "GET":
            raise UnusableAnswerError(f"a search sends no {method}.", where=self.url)
        answer = json.loads(self._asker.get(self._build_url(path), kwargs or {}))
        if not isinstance(answer, dict):
            raise UnusableAnswerError("its answer is no JSON object.", where=self.url)
        return answer


def search_records(url: str, landing: bytes, query: DataQuery, asker: Asker) -> SearchedData:
    """Return the records of all record collections, or of one, that an OGC API finds (OGC 20-004r1, section 7.5).

    Raises:
        UnknownNameError: There is no such collection of records.
        InputError: Its answers are no records.
        UnavailableError: It did not answer.
    """
    api = _GuardedRecords(url, landing, asker)
    try:
        names = [str(one) for one in api.records()]
        if query.collection is not None and query.collection not in names:
            raise UnknownNameError.among("collection of records", query.collection, names, where=url)
        asked: dict[str, Any] = {"limit": query.limit + 1}
        if query.text:
            asked["q"] = " ".join(query.text)
        if query.bbox is not None:
            asked["bbox"] = list(query.bbox)
        if query.datetime is not None:
            asked["datetime_"] = str(query.datetime)
        found: list[FoundData] = []
        for name in [query.collection] if query.collection else names:
            page = api.collection_items(name, **dict(asked))
            found += [_record(one) for one in page.get("features", []) if isinstance(one, dict)]
    except MALFORMED as error:
        raise UnusableAnswerError(
            f"its answers are no records: {type(error).__name__}: {str(error)[:200]}.", where=url
        ) from error
    kept = tuple(found[: query.limit])
    return SearchedData(service=Service.RECORDS, found=kept, more=len(found) > query.limit)


def _record(content: dict[str, Any]) -> FoundData:
    said = content.get("properties") or {}
    links = [one for one in content.get("links") or [] if isinstance(one, dict)]
    stac = [str(one["href"]) for one in links if _is_stac(one)]
    interval = (content.get("time") or {}).get("interval") or ["", ""]
    return FoundData(
        id=str(content.get("id", "")),
        title=str(said.get("title") or content.get("id", "")),
        kind="record",
        description=str(said.get("description") or "")[:_SHOWN],
        href=next(iter(stac), ""),
        elsewhere=tuple(
            str(one["href"])
            for one in links
            if one.get("rel") in ("enclosure", "data", "item") and one.get("href") not in stac
        )[:5],
        license=str(said.get("license") or ""),
        bbox=flat_box(content.get("bbox")) or _box_of(content.get("geometry")),
        start=_open(interval[0]),
        end=_open(interval[-1]),
    )


def _is_stac(link: dict[str, Any]) -> bool:
    media = str(link.get("type", "")).partition(";")[0].strip()
    told = f"{link.get('href', '')} {link.get('title', '')} {link.get('type', '')}".lower()
    return link.get("rel") in _LINKED and media in _STAC and "stac" in told and str(link.get("href")).startswith("http")


def _box_of(geometry: object) -> tuple[float, float, float, float] | None:
    points = list(_points(geometry.get("coordinates"))) if isinstance(geometry, dict) else []
    if not points:
        return None
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _points(coordinates: object) -> Iterator[tuple[float, float]]:
    if not isinstance(coordinates, list) or not coordinates:
        return
    if isinstance(coordinates[0], int | float):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for one in coordinates:
        yield from _points(one)


def _open(value: object) -> str:
    return "" if value in (None, "..") else str(value)


class _GuardedCatalogue(CatalogueServiceWeb):  # type: ignore[misc]  # OWSLib has no types
    """CSW 2.0.2, asked through the guarded web, with XML that names nothing outside itself."""

    def __init__(self, url: str, asker: Asker) -> None:
        super().__init__(url, skip_caps=True)
        self._asker = asker

    def _invoke(self) -> None:
        content = etree.tostring(self.request, encoding="utf-8", xml_declaration=True)
        self.response = self._asker.post(self.url, content, "application/xml")
        root = etree.fromstring(self.response, etree.XMLParser(**_SAFE))
        if root.tag.endswith("ExceptionReport"):
            raise ExceptionReport(etree.ElementTree(root), self.owscommon.namespace)
        if root.tag != f"{_CSW}GetRecordsResponse":
            raise ValueError(f"the answer is {root.tag!r}")
        self._exml = etree.ElementTree(root)
        self.exceptionreport = None


def search_csw(url: str, query: DataQuery, asker: Asker) -> SearchedData:
    """Return the records that a catalogue service finds (OGC 07-006r1, section 10.8): Dublin Core, full.

    A time is not asked for: Dublin Core has no field of that meaning. A note says so.

    Raises:
        InputError: Its answers are no records.
        UnavailableError: It did not answer.
    """
    catalogue = _GuardedCatalogue(url, asker)
    try:
        catalogue.getrecords2(
            constraints=_constraints(query),
            esn="full",
            maxrecords=query.limit + 1,
            startposition=1,
            typenames="csw:Record",
        )
    except (ExceptionReport, etree.XMLSyntaxError, *MALFORMED) as error:
        told = " ".join(str(getattr(error, "msg", "") or error).split())[:200]
        raise UnusableAnswerError(f"its answer holds no records: {told}.", where=url) from error
    found = [_dublin(record) for record in catalogue.records.values()]
    notes = ("the service was not asked for a time: its records say none.",) if query.datetime else ()
    matched = int(catalogue.results.get("matches", len(found)))
    return SearchedData(service=Service.CSW, found=tuple(found[: query.limit]), more=matched > query.limit, notes=notes)


def _constraints(query: DataQuery) -> list[object]:
    conditions: list[object] = [
        PropertyIsLike("csw:AnyText", f"%{word}%", wildCard="%", singleChar="_", escapeChar="\\") for word in query.text
    ]
    if query.bbox is not None:
        west, south, east, north = query.bbox
        # Latitude first: the order of EPSG:4326, which the URN wants.
        conditions.append(BBox([south, west, north, east], crs="urn:ogc:def:crs:EPSG::4326"))
    return [And(conditions)] if len(conditions) > 1 else conditions


def _dublin(record: Any) -> FoundData:  # noqa: ANN401 - OWSLib has no types
    addresses = [*_urls(record.references), *_urls(record.uris)]
    stac = [url for url in addresses if "stac" in url.lower() and url.startswith("http")]
    return FoundData(
        id=str(record.identifier or ""),
        title=str(record.title or record.identifier or ""),
        kind="record",
        description=str(record.abstract or "")[:_SHOWN],
        href=next(iter(stac), ""),
        elsewhere=tuple(url for url in addresses if url not in stac)[:5],
        license=str(record.license or next(iter(record.rights), "") or ""),
        bbox=_corners(record.bbox),
    )


def _urls(held: Iterable[dict[str, Any]]) -> list[str]:
    return [str(one["url"]) for one in held if one.get("url")]


def _corners(box: Any) -> tuple[float, float, float, float] | None:  # noqa: ANN401 - OWSLib has no types
    try:
        return float(box.minx), float(box.miny), float(box.maxx), float(box.maxy)
    except (AttributeError, TypeError, ValueError):
        return None

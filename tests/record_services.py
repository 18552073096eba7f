"""An OGC API Records and a CSW 2.0.2 on loopback, over the same few records."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from earthcode_platform.cubes.extent import intersects
from earthcode_platform.models.window import TimeWindow

__all__ = ["Record", "RecordServices", "serving_records"]

CONFORMS = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"
FILTER = "{http://www.opengis.net/ogc}"
GML = "{http://www.opengis.net/gml}"


@dataclass
class Record:
    """A record of both services."""

    id: str
    title: str
    abstract: str
    bbox: tuple[float, float, float, float]
    dates: tuple[str, str]
    links: list[dict[str, str]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Everything that is searched."""
        return f"{self.id} {self.title} {self.abstract}".casefold()


@dataclass
class RecordServices:
    """What both answer with, and what they were asked."""

    records: list[Record]
    csw_prolog: str = ""
    """What stands before the answer of the CSW, such as a document type."""
    csw_answer: str = ""
    """What the CSW answers instead."""
    records_answer: str = ""
    """What the API answers instead, when it is asked for records."""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    """Method, path and what was asked, of each request."""
    origin: str = ""
    """Where they listen."""

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str, str]:
        """Return status, media type and text."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((method, parts.path, body.decode() or query))
        if parts.path == "/csw":
            return 200, "application/xml", self._csw(method, query, body)
        if self.records_answer and parts.path.endswith("/items"):
            return 200, "application/json", self.records_answer
        found = self._records(parts.path, query)
        return (404, "text/plain", "no") if found is None else (200, "application/json", json.dumps(found))

    def _records(self, path: str, query: dict[str, str]) -> dict[str, Any] | None:
        if path == "/":
            conformance = {
                "rel": "http://www.opengis.net/def/rel/ogc/1.0/conformance",
                "href": f"{self.origin}/conformance",
            }
            return {"title": "Records", "links": [conformance, {"rel": "data", "href": f"{self.origin}/collections"}]}
        if path == "/conformance":
            return {"conformsTo": [CONFORMS]}
        if path == "/collections":
            return {"collections": [{"id": "data", "itemType": "record"}, {"id": "roads", "itemType": "feature"}]}
        if path != "/collections/data/items":
            return None
        words = query.get("q", "").casefold().split()
        box = tuple(float(edge) for edge in query["bbox"].split(",")) if "bbox" in query else None
        window = TimeWindow.parse(query["datetime"]) if "datetime" in query else None
        fitting = [
            one
            for one in self._fitting(words, box)
            if window is None or (str(window.start)[:10] <= one.dates[1] and one.dates[0] <= str(window.end)[:10])
        ]
        return {"type": "FeatureCollection", "numberMatched": len(fitting), "links": [],
                "features": [_feature(one) for one in fitting[: int(query.get("limit", 10))]]}  # fmt: skip

    def _fitting(self, words: list[str], box: tuple[float, ...] | None) -> list[Record]:
        return [
            one
            for one in self.records
            if all(word in one.words for word in words)
            and (box is None or intersects((box[0], box[1], box[2], box[3]), one.bbox))
        ]

    def _csw(self, method: str, query: dict[str, str], body: bytes) -> str:
        if method == "GET":
            if query.get("request") != "GetCapabilities":
                return '<r:ExceptionReport xmlns:r="http://www.opengis.net/ows" version="1.2.0"/>'
            return '<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" version="2.0.2"/>'
        if self.csw_answer:
            return self.csw_answer
        asked = ET.fromstring(body)  # noqa: S314 - of our own test
        words = [str(one.text).strip("%").casefold() for one in asked.iter(f"{FILTER}Literal")]
        corners = [[float(edge) for edge in str(one.text).split()] for one in
                   (*asked.iter(f"{GML}lowerCorner"), *asked.iter(f"{GML}upperCorner"))]  # fmt: skip
        # Latitude first, as the URN of the CRS says.
        box = (corners[0][1], corners[0][0], corners[1][1], corners[1][0]) if corners else None
        fitting = self._fitting(words, box)
        shown = fitting[: int(asked.get("maxRecords", "10"))]
        written = "".join(map(_dublin, shown))
        return (
            f'{self.csw_prolog}<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/" '
            'xmlns:ows="http://www.opengis.net/ows" version="2.0.2">'
            f'<csw:SearchResults numberOfRecordsMatched="{len(fitting)}" numberOfRecordsReturned="{len(shown)}" '
            f'nextRecord="0" elementSet="full">{written}</csw:SearchResults></csw:GetRecordsResponse>'
        )


def _feature(one: Record) -> dict[str, Any]:
    west, south, east, north = one.bbox
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "id": one.id, "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
        "time": {"interval": list(one.dates)},
        "properties": {"type": "dataset", "title": one.title, "description": one.abstract, "license": "CC-BY-4.0"},
        "links": one.links,
    }  # fmt: skip


def _dublin(one: Record) -> str:
    west, south, east, north = one.bbox
    references = "".join(f"<dct:references>{escape(link['href'])}</dct:references>" for link in one.links)
    return (
        f"<csw:Record><dc:identifier>{escape(one.id)}</dc:identifier><dc:title>{escape(one.title)}</dc:title>"
        f"<dct:abstract>{escape(one.abstract)}</dct:abstract><dc:rights>CC-BY-4.0</dc:rights>{references}"
        '<ows:BoundingBox crs="urn:ogc:def:crs:EPSG::4326">'
        f"<ows:LowerCorner>{south} {west}</ows:LowerCorner><ows:UpperCorner>{north} {east}</ows:UpperCorner>"
        "</ows:BoundingBox></csw:Record>"
    )


@contextmanager
def serving_records(services: RecordServices) -> Iterator[RecordServices]:
    """Serve both until the block ends: the landing page of the records at /, the CSW at /csw."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            status, media, text = services.answer(self.command, self.path, body)
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    services.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield services
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A STAC API on loopback: item search with paging by POST or GET, over items that may grow while it serves."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from earthcode_platform.cubes.extent import intersects
from earthcode_platform.models.window import TimeWindow

__all__ = ["StacApi", "serving_items"]


@dataclass
class StacApi:
    """What the server answers with, and what it was asked."""

    items: list[dict[str, Any]]
    paging: Literal["post", "post-merged", "get", "features"] = "post"
    """How pages follow each other; features: no item search, only the items of a collection."""
    page: int = 2
    """Most items on a page, whatever is asked for."""
    matched: int | None = None
    """What it says it found; how many if None."""
    circle: bool = False
    """Whether the next page is always the same one."""
    next_host: str = ""
    """Another host that the links to next pages name."""
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    """Method, path and what was asked, of each request."""
    origin: str = ""
    """Where it listens."""

    @property
    def collection(self) -> str:
        """The address of its collection."""
        return f"{self.origin}/collections/scenes"

    def answer(self, method: str, target: str, body: dict[str, Any]) -> object:
        """Return the document at `target`; None if there is none."""
        parts = urlsplit(target)
        asked = body if method == "POST" else {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((method, parts.path, asked))
        if parts.path == "/":
            return self._landing()
        if parts.path == "/collections/scenes":
            extent = {
                "temporal": {"interval": [["2020-01-01T00:00:00Z", None]]},
                "spatial": {"bbox": [[-180, -90, 180, 90]]},
            }
            links = [{"rel": "root", "href": "../"}, {"rel": "items", "href": "./scenes/items"}]
            said = {"title": "Scenes", "description": "Scenes of a test.", "license": "CC-BY-4.0"}
            return {
                "type": "Collection",
                "stac_version": "1.0.0",
                "id": "scenes",
                **said,
                "extent": extent,
                "links": links,
            }
        if parts.path in ("/search", "/collections/scenes/items"):
            return self._page(method, parts.path, asked)
        return None

    def _landing(self) -> dict[str, Any]:
        kinds = {"post": ["GET", "POST"], "post-merged": ["POST"], "get": ["GET"], "features": []}[self.paging]
        search = [
            {"rel": "search", "href": f"{self.origin}/search", "method": kind, "type": "application/geo+json"}
            for kind in kinds
        ]
        child = {"rel": "child", "href": self.collection}
        return {"type": "Catalog", "stac_version": "1.0.0", "id": "api", "description": "d", "links": [*search, child]}

    def _page(self, method: str, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        found = [content for content in self.items if _meets(content, asked)]
        start = int(asked.get("token") or 0)
        shown = found[start : start + self.page]
        features = [
            {**content, "links": [{"rel": "self", "href": f"{self.collection}/items/{content['id']}"}]}
            for content in shown
        ]
        matched = len(found) if self.matched is None else self.matched
        links = [self._next(method, path, asked, 0 if self.circle else start + len(shown))]
        last = start + len(shown) >= len(found) and not self.circle
        stamp = datetime.now(UTC).isoformat()
        return {"type": "FeatureCollection", "features": features, "timeStamp": stamp, "numberMatched": matched,
                "links": [] if last else links}  # fmt: skip

    def _next(self, method: str, path: str, asked: dict[str, Any], at: int) -> dict[str, Any]:
        href = f"{self.next_host or self.origin}{path}"
        if method == "POST":
            merged = self.paging == "post-merged"
            body = {"token": str(at)} if merged else {**asked, "token": str(at)}
            return {"rel": "next", "method": "POST", "href": href, "body": body, "merge": merged}
        query = "&".join(f"{name}={value}" for name, value in {**asked, "token": at}.items())
        return {"rel": "next", "href": f"{href}?{query}"}


def _meets(content: dict[str, Any], asked: dict[str, Any]) -> bool:
    window, box = asked.get("datetime"), asked.get("bbox")
    moment = datetime.fromisoformat(content["properties"]["datetime"])
    numbers = [float(edge) for edge in box.split(",")] if isinstance(box, str) else box
    inside = numbers is None or intersects(tuple(numbers), tuple(content["bbox"]))
    return inside and (window is None or TimeWindow.parse(window).contains(moment))


@contextmanager
def serving_items(api: StacApi) -> Iterator[StacApi]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body: dict[str, Any]) -> None:
            found = api.answer(self.command, self.path, body)
            content = json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/geo+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A server of schemas on loopback, and schemas fetched from it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from loopback import NOBODY, Exchange, Loopback, Route, serving

from earthcode_platform.catalog.validate.schema_cache import CacheLimits
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.web.asking import Web
from earthcode_platform.web.failures import Cause, NoAnswerError
from earthcode_platform.web.proxies import Proxies
from earthcode_platform.web.reach import Reach

__all__ = ["AT_ONCE", "MAIN", "OTHER", "fetching", "serving_schemas", "told", "versioned"]

MAIN = "http://stac.example/x/schema.json"
OTHER = "http://other.example/y.json"
HOSTS = frozenset({"stac.example", "other.example", "gone.example"})
AT_ONCE = timedelta(0)


def versioned(schema: object) -> Route:
    """A schema that says its version, and 304 to whom has it."""
    body = json.dumps(schema).encode()
    tag = f'"{len(body)}"'

    def answer(exchange: Exchange) -> None:
        if exchange.seen.headers.get("if-none-match") == tag:
            exchange.answer(304, ETag=tag)
        else:
            exchange.answer(200, body, ETag=tag, Content_Type="application/json")

    return answer


@contextmanager
def serving_schemas() -> Iterator[Loopback]:
    """A server of three schemas, of which one refers to the others."""
    main = {"properties": {"x": {"$ref": "part.json#/definitions/x"}, "y": {"$ref": OTHER}}}
    part = {"definitions": {"x": {"type": "string"}}}
    routes = {
        "stac.example/x/schema.json": versioned(main),
        "stac.example/x/part.json": versioned(part),
        "other.example/y.json": versioned({"type": "number"}),
    }
    with serving(routes) as running:
        yield running


@contextmanager
def fetching(server: Loopback, cache: Path) -> Iterator[Callable[..., Schemas]]:
    """Schemas fetched through a resolver to which every host is the server, but `gone.example` is nowhere."""

    def resolver(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
        assert (port, seconds > 0) == (80, True)
        if host == "gone.example":
            raise NoAnswerError.of(Cause.NAME, host)
        return [("127.0.0.1", server.port)]

    with Web(Reach(HOSTS, resolver), proxies=Proxies(), trust=NOBODY) as web:

        def made(fresh: timedelta = timedelta(hours=1), *, offline: bool = False, **limits: float) -> Schemas:
            held = CacheLimits(fresh=fresh, **limits)  # type: ignore[arg-type] # all that tests pass are numbers
            return Schemas.fetched(cache, offline=offline, web=web, limits=held)

        yield made


def told(schemas: Schemas, url: str = MAIN, document: object = None) -> list[str]:
    """Return the pointers of what a schema has against a document; by default one that names it and has a wrong x."""
    named = {"stac_extensions": [url], "x": 1, "y": 2} if document is None else document
    assert isinstance(named, dict)
    return [fault.pointer for fault in schemas.faults(url, named)]

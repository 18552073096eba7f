"""External addresses beside what was known of them before."""

import json
from collections.abc import Iterator

import pytest
from loopback import Loopback, reply, serving
from watched_catalogs import with_assets

from earthcode_platform.catalog.outside.checker import LinkChecker
from earthcode_platform.catalog.outside.limits import LinkLimits
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.watch.links import ask
from earthcode_platform.models.watch_report import LinkLook

PRODUCT = "products/delivered/collection.json"
QUICK = LinkLimits(per_host_seconds=0, seconds_per_request=2, total_seconds=10)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving({"/good": reply(200, b"x"), "/gone": reply(404), "/down": reply(503)}) as running:
        yield running


def catalog(server: Loopback, *paths: str) -> Catalog:
    return with_assets({}, *({"rel": "via", "href": server.url(path)} for path in paths))


def look(server: Loopback, named: Catalog, before: LinkLook | None = None) -> LinkLook:
    return ask(named, LinkChecker(None, QUICK, allowed=frozenset({server.name})), before)


def test_what_is_broken_is_found_and_everything_is_counted(server: Loopback) -> None:
    named = catalog(server, "/good", "/gone", "/down")
    found = look(server, named)
    assert found.states == {"alive": 1, "broken": 1, "unknown": 1}
    assert found.addresses == 3
    assert found.requests == len(server.seen) >= 3
    assert [(one.code, one.file, one.pointer) for one in found.findings] == [
        ("catalog-external-broken", PRODUCT, "/links/1/href")
    ]


def test_a_finding_stands_while_its_server_is_down(server: Loopback) -> None:
    first = look(server, catalog(server, "/gone", "/good"))
    server.routes["/gone"] = reply(503)
    assert look(server, catalog(server, "/good", "/gone"), first).findings == first.findings
    assert look(server, catalog(server, "/good"), first).findings == ()
    server.routes["/gone"] = reply(200, b"x")
    assert look(server, catalog(server, "/gone"), first).findings == ()
    assert len(first.findings) == 1


def test_progress_is_told_of_all_addresses(server: Loopback) -> None:
    seen: list[tuple[int, int]] = []
    checker = LinkChecker(None, QUICK, allowed=frozenset({server.name}))
    ask(catalog(server, "/good", "/gone"), checker, None, lambda done, of: seen.append((done, of)))
    assert seen[-1] == (2, 2)


def test_no_userinfo_is_told(server: Loopback) -> None:
    named = with_assets({}, {"rel": "via", "href": server.url("/gone").replace("//", "//ada:hunter2@")})
    found = look(server, named)
    assert len(found.findings) == 1
    assert "hunter2" not in json.dumps(found.model_dump(mode="json"))
    server.routes["/gone"] = reply(503)
    assert look(server, named, found).findings == found.findings

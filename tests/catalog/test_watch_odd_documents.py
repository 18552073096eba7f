"""No document stops the watch, or keeps a run from being remembered."""

import json
from pathlib import Path

import pytest
from watched_catalogs import catalog_of, looked, night

from earthcode_platform.catalog.outside.findings import link_findings
from earthcode_platform.catalog.outside.places import external_links, shown
from earthcode_platform.catalog.watch import page
from earthcode_platform.catalog.watch.assets import compare
from earthcode_platform.catalog.watch.files import Files
from earthcode_platform.catalog.watch.memory import WatchMemory
from earthcode_platform.catalog.watch.settle import settle
from earthcode_platform.models.link_outcome import LinkOutcome
from earthcode_platform.models.watch_report import LinkLook

LINK = {"rel": "via", "href": "https://a.example/x", "file:checksum": "1220"}
ODD = {"links": [LINK], "assets": {"d": LINK}}
ODD_DOCUMENTS = [
    json.dumps(ODD).encode("utf-16"),
    json.dumps(ODD).encode("utf-32-le"),
    b"\xef\xbb\xbf" + json.dumps(ODD).encode(),
    b'{"links": [], "links": [%s], "assets": 3, "assets": {"d": 3, "d": %s}}' % ((json.dumps(LINK).encode(),) * 2),
    json.dumps({"l\ud800nks": 0, "links": [LINK], "assets": {"a/b~c\0\ud800": LINK | {"href": "x://\ud800"}}}).encode(),
    b'{"links": [{"rel": "via", "href": "https://a.example/\xe9", "file:checksum": "1220"}]}',
    b"",
]


@pytest.mark.parametrize("content", ODD_DOCUMENTS)
@pytest.mark.parametrize("path", ["products/odd/collection.json", "x/\udcff.json", "catalog.json"])
def test_no_document_is_too_odd_for_the_whole_watch(tmp_path: Path, path: str, content: bytes) -> None:
    catalog = catalog_of({path: content})
    assets = compare(catalog, Files(), night(0))
    urls = [shown(url) for url in external_links(catalog)]
    broken = {"state": "broken", "status": 404, "final": "", "reason": "gone", "requests": 1, "checked": night(0)}
    found = link_findings(catalog, [LinkOutcome.model_validate({"url": url, **broken}) for url in urls])
    memory = WatchMemory(tmp_path, print)
    looks = (looked(catalog), LinkLook(findings=found), assets)
    watched = settle(memory, catalog, "here", looks, lambda _: None)
    assert memory.last() is not None
    json.dumps([page.rows(watched), page.summary(watched), page.changes(watched)]).encode()
    again = settle(memory, catalog, "here", (looked(catalog), None, None), lambda _: None)
    assert again.drift.new == ()

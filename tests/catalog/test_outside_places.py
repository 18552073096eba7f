"""Addresses outside the catalog: which, where, and what their outcomes mean."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.outside.findings import link_findings
from earthcode_platform.catalog.outside.places import LinkPlace, external_links, shown
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.models.catalog_finding import CatalogFinding
from earthcode_platform.models.link_outcome import LinkOutcome, LinkState

ITEM = "products/a/item.json"


def catalog(**documents: object) -> Catalog:
    return Catalog({ITEM: json.dumps(documents, indent=1).encode()})


def links(*hrefs: str) -> list[dict[str, str]]:
    return [{"rel": "via", "href": href} for href in hrefs]


def outcome(url: str, state: LinkState, **more: str) -> LinkOutcome:
    held = {"final": "", "reason": "it answers 404 Not Found"} | more
    return LinkOutcome(url=url, state=state, status=None, requests=1, checked=datetime.now(UTC), **held)


def test_links_and_assets_with_their_places() -> None:
    found = external_links(
        catalog(
            links=[*links("https://a.example/", "../b.json", "ftp://c.example/"), "no object", {"rel": "x"}],
            assets={"a/b": {"href": "s3://bucket/x"}, "c": {"href": "./c.tif"}, "d": {"href": "https://a.example/"}},
        )
    )
    assert found == {
        "https://a.example/": (LinkPlace(ITEM, "/links/0/href"), LinkPlace(ITEM, "/assets/d/href")),
        "ftp://c.example/": (LinkPlace(ITEM, "/links/2/href"),),
        "s3://bucket/x": (LinkPlace(ITEM, "/assets/a~1b/href"),),
    }


def test_what_is_inside_or_cannot_be_read_has_none() -> None:
    own = "https://esa-earthcode.github.io/open-science-catalog-metadata/products/a/collection.json"
    assert external_links(catalog(links=links(own, "www.example.org", "mailto:me@example.org"))) == {}
    assert external_links(Catalog({"a.json": b"{", "b.json": b"[]", "c.txt": b"https://a.example/"})) == {}
    assert external_links(catalog(links="none", assets=[1])) == {}


def test_the_real_catalog(real_folder: Path) -> None:
    found = external_links(read_catalog(real_folder))
    assert len(found) == 2579
    assert len({url for url, places in found.items() for one in places if one.pointer.startswith("/links")}) == 2275
    secret = [url for url in found if "@" in url.split("/")[2]]
    assert all("@" not in shown(url) for url in secret)


def test_a_finding_for_each_place(edited: Callable[[str, bytes], Catalog], embedded: Catalog) -> None:
    path = "themes/land/catalog.json"
    document = dict(embedded.document(path))
    held = document["links"]
    assert isinstance(held, list)
    document["links"] = [*held, *links("https://a.example/x", "https://b.example/", "https://a.example/x")]
    text = json.dumps(document, indent=2).encode()
    found = link_findings(
        edited(path, text),
        [
            outcome("https://b.example/", LinkState.MOVED, final="https://b.example/new"),
            outcome("https://a.example/x", LinkState.BROKEN),
        ],
    )
    lines = text.decode().splitlines()
    assert [(one.code, one.severity, one.value) for one in found] == [
        ("catalog-external-broken", "error", '"https://a.example/x"'),
        ("catalog-external-moved", "warning", '"https://b.example/"'),
        ("catalog-external-broken", "error", '"https://a.example/x"'),
    ]
    assert all(json.loads(one.value) in lines[one.line - 1] for one in found)
    assert [one.pointer for one in found] == [f"/links/{len(held) + index}/href" for index in range(3)]
    assert found[1].mend == "Write https://b.example/new."


def test_of_what_lives_or_is_unknown_there_is_no_finding() -> None:
    held = catalog(links=links("https://a.example/", "https://b.example/", "ftp://c.example/"))
    states = {"https://a.example/": LinkState.ALIVE, "https://b.example/": LinkState.UNKNOWN}
    assert link_findings(held, [outcome(url, state) for url, state in states.items()]) == ()
    refused = link_findings(held, [outcome("ftp://c.example/", LinkState.REFUSED, reason="its scheme is 'ftp'")])
    assert [(one.code, one.severity) for one in refused] == [("catalog-external-refused", "warning")]
    assert "its scheme is 'ftp'" in refused[0].message
    assert link_findings(held, [outcome("https://elsewhere.example/", LinkState.BROKEN)]) == ()


def told(found: tuple[CatalogFinding, ...]) -> str:
    return "".join(one.model_dump_json() for one in found)


@pytest.mark.parametrize(
    "href", ["https://me:hunter2@a.example/x", "https://a.example/x?token=hunter2", "https://\ud800/"]
)
def test_secrets_and_what_is_no_text_are_not_told(href: str) -> None:
    held = catalog(links=links(href))
    assert list(external_links(held)) == [href]
    found = link_findings(held, [outcome(shown(href), LinkState.BROKEN)])
    assert len(found) == 1
    assert "hunter2" not in told(found)


def test_of_two_addresses_that_look_alike_the_worse_counts() -> None:
    held = catalog(links=links("https://a.example/?token=1", "https://a.example/?token=2"))
    look = shown("https://a.example/?token=1")
    for pair in ([LinkState.BROKEN, LinkState.ALIVE], [LinkState.ALIVE, LinkState.BROKEN]):
        assert len(link_findings(held, [outcome(look, state) for state in pair])) == 2

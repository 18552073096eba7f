"""Links into documents that other people wrote: found where they are, added where they are not, and nothing else."""

import json
from collections import Counter

import pytest

from earthcode_platform.catalog.documents import texts
from earthcode_platform.catalog.draft import Draft
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.links import PUBLISHED_AT
from earthcode_platform.catalog.snapshot import Catalog

PRODUCT = "products/p/collection.json"
SOURCE = "themes/land/catalog.json"


def holding(*links: dict[str, str]) -> Draft:
    return Draft(Catalog({SOURCE: json.dumps({"links": links}, indent=1).encode()}))


def links_in(draft: Draft) -> list[dict[str, str]]:
    links: list[dict[str, str]] = json.loads(draft.edits[SOURCE])["links"]
    return links


def test_the_whole_real_catalog_can_be_linked_line_by_line(real_files: dict[str, bytes]) -> None:
    draft = Draft(Catalog(real_files))
    for kind in (Kind.PROJECT, Kind.THEME, Kind.VARIABLE, Kind.MISSION):
        for entry in draft.catalog.ids(kind):
            draft.link(kind.path(entry), "child", PRODUCT, "Title → é")
            if kind is Kind.PROJECT:
                draft.relate(kind.path(entry), Kind.WORKFLOW, "w", "Workflow title")
                draft.name(kind.path(entry), "osc:workflows", "w")
    assert len(draft.edits) == 208 + 6 + 1246 + 81
    for path, after in draft.edits.items():
        before = real_files[path]
        old, new = Counter(before.splitlines(keepends=True)), Counter(after.splitlines(keepends=True))
        for line in old - new:
            # What went came back with a comma, or with the line end that a last line had not.
            kept = line.rstrip()
            assert new[kept + b"," + line[len(kept) :]] > old[kept + b"," + line[len(kept) :]], (path, line)
        assert (b"\r\n" in after) == (b"\r\n" in before)
        assert after.count(b"\n") - after.count(b"\r\n") == before.count(b"\n") - before.count(b"\r\n") or (
            b"\r\n" not in before
        ), path
        expected = json.loads(before)
        expected["links"].append(json.loads(after)["links"][len(expected["links"])])
        if path.startswith("projects/"):
            expected["links"].append(json.loads(after)["links"][-1])
            expected["osc:workflows"] = [*texts(expected, "osc:workflows"), "w"]
        assert json.loads(after) == expected


@pytest.mark.parametrize("href", ["../../products/p/collection.json", PUBLISHED_AT + PRODUCT])
def test_a_link_that_is_there_stays_as_it_is(href: str) -> None:
    draft = holding({"rel": "child", "href": href, "title": "T"})
    draft.link(SOURCE, "child", PRODUCT, "T")
    assert draft.edits == {}


def test_a_wrong_or_missing_title_is_mended_in_place() -> None:
    draft = holding(
        {"rel": "child", "href": "../../products/p/collection.json", "title": "Old"},
        {"rel": "child", "href": "../../products/p/collection.json"},
        {"rel": "item", "href": "../../products/p/collection.json", "title": "Other"},
    )
    draft.link(SOURCE, "child", PRODUCT, "New")
    assert [link["title"] for link in links_in(draft)] == ["New", "New", "Other"]


def test_links_are_taken_out_all_of_them() -> None:
    link = {"rel": "child", "href": "../../products/p/collection.json", "title": "T"}
    other = {"rel": "child", "href": "../../products/q/collection.json", "title": "Q"}
    draft = holding(link, other, link)
    draft.unlink(SOURCE, "child", PRODUCT)
    assert links_in(draft) == [other]
    draft.unlink(SOURCE, "related", PRODUCT)
    assert links_in(draft) == [other]


def test_edits_build_on_each_other_and_cancel_out() -> None:
    draft = holding({"rel": "root", "href": "../../catalog.json"})
    draft.link(SOURCE, "child", PRODUCT, "T")
    draft.link(SOURCE, "child", "products/q/collection.json", "Q")
    assert len(links_in(draft)) == 3
    draft.unlink(SOURCE, "child", "products/q/collection.json")
    draft.unlink(SOURCE, "child", PRODUCT)
    assert draft.edits == {}


def test_only_titles_that_said_the_old_one_change() -> None:
    href = "../../products/p/collection.json"
    draft = holding(
        {"rel": "child", "href": href, "title": "Old"},
        {"rel": "related", "href": href, "title": "Product: Old"},
        {"rel": "via", "href": href, "title": "Access to Old"},
        {"rel": "child", "href": "../../products/q/collection.json", "title": "Old"},
    )
    draft.retitle(PRODUCT, "Old", "New")
    assert [link["title"] for link in links_in(draft)] == ["New", "Product: New", "Access to Old", "Old"]

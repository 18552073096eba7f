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


def test_what_the_real_catalog_says_already_is_no_edit(real_files: dict[str, bytes]) -> None:
    draft = Draft(Catalog(real_files))
    links = 0
    for path in real_files:
        if not path.endswith(".json"):
            continue
        titles: dict[tuple[str, str], set[str | None]] = {}
        for link in draft.catalog.links(path):
            titles.setdefault((link.rel, link.target or ""), set()).add(link.title)
        for (rel, target), (title, *others) in titles.items():
            if target and title is not None and not others:
                draft.link(path, rel, target, title)
                links += 1
        for workflow in texts(draft.catalog.document(path), "osc:workflows"):
            draft.name(path, "osc:workflows", workflow)
    assert links > 10000
    assert draft.edits == {}


def test_every_real_project_is_named_into_and_out_of_to_the_byte(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    draft = Draft(catalog)
    for project in catalog.ids(Kind.PROJECT):
        path = Kind.PROJECT.path(project)
        draft.name(path, "osc:workflows", "w")
        draft.relate(path, Kind.WORKFLOW, "w", "W")
    assert len(draft.edits) == 208
    for path in list(draft.edits):
        draft.unlink(path, "related", Kind.WORKFLOW.path("w"))
        draft.unname(path, "osc:workflows", "w")
    assert draft.edits == {}


def test_a_link_leaves_a_real_file_with_its_lines_only(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    for number, path in enumerate(sorted(path for path in real_files if path.endswith(".json"))):
        links = [link for link in catalog.links(path) if link.target]
        if number % 5 or not links:
            continue
        gone = links[number % len(links)]
        draft = Draft(catalog)
        draft.unlink(path, gone.rel, gone.target or "")
        before, after = real_files[path], draft.edits[path]
        assert after is not None
        expected = json.loads(before)
        expected["links"] = [
            link
            for link, read in zip(expected["links"], catalog.links(path), strict=True)
            if (read.rel, read.target) != (gone.rel, gone.target)
        ]
        assert json.loads(after) == expected, path
        old, new = Counter(before.splitlines()), Counter(after.splitlines())
        # The line that is the last of its list now has lost its comma, or stands behind the bracket that went.
        for line in new - old:
            assert line.strip() in (b"}", b"]", b'"links": [],', b'"links": []') or line + b"," in old, (path, line)


def test_a_name_is_taken_out_wherever_it_stands() -> None:
    source = "projects/p/collection.json"
    draft = Draft(Catalog({source: b'{"osc:workflows": ["a", "b", "a"], "links": []}'}))
    draft.unname(source, "osc:workflows", "a")
    assert draft.edits == {source: b'{"osc:workflows": ["b"], "links": []}'}
    draft.unname(source, "osc:workflows", "b")
    assert draft.edits == {source: b'{"osc:workflows": [], "links": []}'}
    last = Draft(Catalog({source: b'{"links": [], "osc:workflows": ["a"]}'}))
    last.unname(source, "osc:workflows", "other")
    assert last.edits == {}
    last.unname(source, "osc:workflows", "a")
    assert last.edits == {source: b'{"links": []}'}
    none = Draft(Catalog({source: b'{"links": [], "osc:workflows": []}'}))
    none.unname(source, "osc:workflows", "a")
    none.unname(source, "osc:missions", "a")
    assert none.edits == {}


def test_a_file_is_taken_away_and_written_again() -> None:
    draft = holding({"rel": "root", "href": "../../catalog.json"})
    draft.remove(SOURCE)
    draft.remove("never/there.json")
    assert draft.edits == {SOURCE: None}
    assert SOURCE not in draft.merged
    draft.write(SOURCE, draft.catalog.content(SOURCE))
    assert draft.edits == {}

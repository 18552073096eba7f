"""Many edits of one document at once are the same as one after the other, and take no longer than they must."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from earthcode_platform.catalog import edit
from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.mend.steps import AddLink, DropLink, Edit, Put, edited
from earthcode_platform.errors import InputError

LINKS = st.lists(st.dictionaries(st.sampled_from(["rel", "href", "é"]), st.text(max_size=3), max_size=2), max_size=5)
STYLES = st.sampled_from(
    [
        {"indent": 2},
        {"indent": 4, "ensure_ascii": False},
        {"indent": "\t"},
        {"indent": None},
        {"indent": None, "separators": (",", ":")},
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", ""])


def written(links: list[dict[str, str]], style: dict[str, Any], end: str) -> bytes:
    text = json.dumps({"id": "x", "links": links, "after": 1}, **style) + "\n"
    return (text.replace("\n", end) if end else text.rstrip("\n")).encode()


@given(LINKS, STYLES, ENDS, st.lists(LINKS, max_size=3))
@settings(max_examples=80, deadline=None)
def test_values_added_at_once(
    links: list[dict[str, str]], style: dict[str, Any], end: str, values: list[JsonValue]
) -> None:
    content = written(links, style, end)
    one_by_one = content
    for value in values:
        one_by_one = edit.append(one_by_one, "/links", value)
    assert edit.extend(content, "/links", values) == one_by_one


@given(LINKS, STYLES, ENDS, st.sets(st.integers(0, 4)))
@settings(max_examples=80, deadline=None)
def test_members_removed_at_once(
    links: list[dict[str, str]], style: dict[str, Any], end: str, indexes: set[int]
) -> None:
    content = written(links, style, end)
    gone = {index for index in indexes if index < len(links)}
    one_by_one = content
    for index in sorted(gone, reverse=True):
        one_by_one = edit.remove(one_by_one, "/links", index)
    assert edit.remove_all(content, "/links", gone) == one_by_one


@given(LINKS, STYLES, ENDS, st.dictionaries(st.integers(0, 4), st.text(max_size=3)))
@settings(max_examples=80, deadline=None)
def test_values_replaced_at_once(
    links: list[dict[str, str]], style: dict[str, Any], end: str, values: dict[int, str]
) -> None:
    content = written(links, style, end)
    wanted: dict[str, JsonValue] = {f"/links/{at}": new for at, new in values.items() if at < len(links)}
    one_by_one = content
    for pointer, value in wanted.items():
        one_by_one = edit.replace(one_by_one, pointer, value)
    after = edit.replace_all(content, wanted)
    assert json.loads(after) == json.loads(one_by_one)
    assert len(after.splitlines()) == len(one_by_one.splitlines())


def test_all_edits_speak_of_the_document_as_it_was() -> None:
    content = b'{"links": [{"rel": "a", "title": "x"}, {"rel": "b"}, {"rel": "c"}]}'
    link: JsonObject = {"rel": "new"}
    edits: list[Edit] = [
        DropLink(0),
        AddLink(link),
        Put("/links/2/title", "third"),
        Put("/links/0/title", "y"),
        AddLink({"rel": "new"}),
        DropLink(0),
    ]
    assert edited(content, edits) == b'{"links": [{"rel": "b"}, {"rel": "c", "title": "third"}, {"rel": "new"}]}'


@pytest.mark.parametrize("edits", [[DropLink(3)], [Put("/nothing/here", 1)], [Put("/links/9/title", 1)]])
def test_an_edit_that_cannot_be_made_is_refused(edits: list[Edit]) -> None:
    with pytest.raises(InputError):
        edited(b'{"links": []}', edits)


def test_two_thousand_edits_of_one_document_take_no_minutes() -> None:
    content = written([{"rel": "item", "href": f"{at}"} for at in range(2000)], {"indent": 2}, "\n")
    puts: list[Edit] = [Put(f"/links/{at}/href", "other") for at in range(1000)]
    adds: list[Edit] = [AddLink({"rel": f"{at}"}) for at in range(1000)]
    start = time.process_time()
    links = json.loads(edited(content, [*puts, *adds, *map(DropLink, range(1000, 1500))]))["links"]
    # A quarter of a second on a quiet machine; with a scan of the document for each it would be a minute.
    assert time.process_time() - start < 5
    assert len(links) == 2500
    assert [links[at]["href"] for at in (0, 999, 1000)] == ["other", "other", "1500"]

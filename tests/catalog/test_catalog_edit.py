"""Edits change the lines they must, whatever style the file has, and can be undone."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from earthcode_platform.catalog import edit
from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.scan import locate, members, root
from earthcode_platform.errors import InputError

LINK: JsonObject = {
    "rel": "child",
    "href": "../../products/é/collection.json",
    "type": "application/json",
    "title": "A → ẗitle",
}


def assert_only_inserted(before: bytes, after: bytes) -> None:
    """Between the equal first and last lines at most one old line stands, and it has gained a comma."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    first = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    rest = zip(reversed(old[first:]), reversed(new[first:]), strict=False)
    last = next((n for n, (a, b) in enumerate(rest) if a != b), min(len(old), len(new)) - first)
    replaced, inserted = old[first : len(old) - last], new[first : len(new) - last]
    assert len(inserted) > len(replaced), (replaced, inserted)
    assert len(replaced) <= 1, (replaced, inserted)
    for line in replaced:
        kept = line.rstrip()
        assert inserted[0] == kept + b"," + line[len(kept) :]


def test_every_real_file_takes_a_link_with_inserted_lines_only(real_files: dict[str, bytes]) -> None:
    paths = [path for path in real_files if path.endswith(".json")]
    assert len(paths) > 2000
    for path in paths:
        before = real_files[path]
        expected = json.loads(before)
        expected["links"].append(LINK)
        after = edit.append(before, "/links", LINK)
        assert json.loads(after) == expected, path
        assert_only_inserted(before, after)
        assert edit.remove(after, "/links", len(expected["links"]) - 1) == before, path


def test_every_real_project_takes_a_new_array_and_a_further_value(real_files: dict[str, bytes]) -> None:
    projects = [path for path in real_files if path.startswith("projects/") and path.endswith("collection.json")]
    assert len(projects) > 200
    for path in projects:
        before = real_files[path]
        expected = json.loads(before)
        if "osc:workflows" in expected:
            after = edit.append(before, "/osc:workflows", "w")
            expected["osc:workflows"].append("w")
            assert_only_inserted(before, after)
        else:
            after = edit.add_member(before, "", "osc:workflows", ["w"])
            expected["osc:workflows"] = ["w"]
            assert_only_inserted(before, after)
            # A key stands twice in some of them, so the parser's count is no index.
            assert edit.remove(after, "", len(members(after, root(after))) - 1) == before
        assert json.loads(after) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{\n  "links": [\n    1\n  ]\n}\n', b'{\n  "links": [\n    1,\n    {\n      "a": 2\n    }\n  ]\n}\n'),
        (b'{\n\t"links": []\n}', b'{\n\t"links": [\n\t\t{\n\t\t\t"a": 2\n\t\t}\n\t]\n}'),
        (b'{"links":[]}', b'{"links":[{"a":2}]}'),
        (b'{"links": [{"a": 1}], "z": 0}', b'{"links": [{"a": 1}, {"a": 2}], "z": 0}'),
        (b'{"links":[ 1 , 3 ]}', b'{"links":[ 1 , 3 , {"a":2} ]}'),
        (
            b'{\r\n    "links": [\r\n        {"a": 1}  \r\n    ]\r\n}',
            b'{\r\n    "links": [\r\n        {"a": 1},  \r\n        {"a": 2}\r\n    ]\r\n}',
        ),
        (
            b'{\n  "links": [{\n    "a": 1\n  }]\n}\n',
            b'{\n  "links": [{\n    "a": 1\n  }, {\n    "a": 2\n  }]\n}\n',
        ),
        (
            b'{\n  "links": [\n      {\n          "a": 1\n      }\n  ]\n}',
            b'{\n  "links": [\n      {\n          "a": 1\n      },\n      {\n          "a": 2\n      }\n  ]\n}',
        ),
        (b'\xef\xbb\xbf{\n"links": [\n1\n]\n}', b'\xef\xbb\xbf{\n"links": [\n1,\n{\n"a": 2\n}\n]\n}'),
    ],
    ids=["two spaces", "tab and empty", "compact", "one line", "odd spaces", "crlf", "hugging", "four in two", "none"],
)
def test_the_inserted_value_takes_the_style_of_its_neighbours(before: bytes, after: bytes) -> None:
    assert edit.append(before, "/links", {"a": 2}) == after


def test_escapes_are_kept_and_taken_up() -> None:
    before = b'{\n  "title": "Earth\\u2019s",\n  "links": []\n}'
    assert b'"title": "\\u2192"' in edit.append(before, "/links", {"title": "→"})
    mixed = '{\n  "title": "Earth\\u2019s é",\n  "links": []\n}'.encode()
    after = edit.append(mixed, "/links", {"title": "→"})
    assert '"title": "→"'.encode() in after
    assert 'Earth\\u2019s é"'.encode() in after


def test_replacing_a_title_changes_its_line_only() -> None:
    before = b'{\r\n  "links": [\r\n    { "title" : "old", "rel":"x" }\r\n  ]\r\n}'
    assert edit.replace(before, "/links/0/title", "né") == before.replace(b'"old"', '"né"'.encode())


def test_the_last_of_two_equal_keys_counts() -> None:
    before = b'{"links": [1], "links": [2]}'
    assert json.loads(edit.append(before, "/links", 3)) == {"links": [2, 3]}


def test_pointers_are_escaped_as_rfc_6901_says() -> None:
    content = b'{"a/b": {"m~n": [10, 20]}}'
    span = locate(content, "/a~1b/m~0n/1").value
    assert content[span.start : span.end] == b"20"


def test_removing_in_the_middle_takes_whole_lines() -> None:
    before = b'{\n  "links": [\n    1,\n    2,\n    3\n  ]\n}\n'
    assert edit.remove(before, "/links", 1) == before.replace(b"    2,\n", b"")
    assert edit.remove(b'{"links": [1]}', "/links", 0) == b'{"links": []}'


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b'{"links": {}}', "/links"),
        (b'{"other": []}', "/links"),
        (b'{"links": [', "/links"),
        (b'{"links" []}', "/links"),
        (b"{links: []}", "/links"),
        (b'{"a": 1 "links": []}', "/links"),
        (b"", "/links"),
    ],
)
def test_what_is_no_array_or_no_json_is_refused(content: bytes, pointer: str) -> None:
    with pytest.raises(InputError):
        edit.append(content, pointer, 1)


def test_a_member_is_added_once() -> None:
    with pytest.raises(InputError, match="already"):
        edit.add_member(b'{"a": 1}', "", "a", 2)
    with pytest.raises(InputError, match="no member 3"):
        edit.remove(b'{"links": [1]}', "/links", 3)


def test_deep_nesting_is_no_obstacle() -> None:
    content = b'{"deep": ' + b"[" * 5000 + b"]" * 5000 + b', "links": [1]}'
    assert edit.append(content, "/links", 2).endswith(b'"links": [1, 2]}')


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[dict[str, JsonValue], bytes]:
    """A JSON object with an array `links` and its text in some style, consistent or not."""
    value = draw(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
    links = draw(st.lists(VALUES, max_size=4))
    value["links"] = links
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    unit = draw(st.sampled_from(["", " ", "  ", "    ", "\t"]))
    escapes = draw(st.booleans())
    pads = st.sampled_from(["", "", "", " ", "  "])
    breaks = draw(st.sampled_from([st.sampled_from(kinds) for kinds in ([True], [False], [True, False])]))

    def written(part: object, depth: int) -> Iterator[str]:
        if not isinstance(part, dict | list) or not part:
            yield json.dumps(part, ensure_ascii=escapes)
            return
        broken = draw(breaks)
        lead = newline + unit * depth if broken else draw(pads)
        yield "{" if isinstance(part, dict) else "["
        for number, member in enumerate(part):
            yield (draw(pads) + "," + draw(pads) if number else "") + (lead if broken else draw(pads))
            if isinstance(part, dict):
                yield json.dumps(member, ensure_ascii=escapes) + draw(pads) + ":" + draw(pads)
            yield from written(part[member] if isinstance(part, dict) else member, depth + 1)
        yield draw(pads) + (newline + unit * (depth - 1) if broken else "")
        yield "}" if isinstance(part, dict) else "]"

    text = "".join(written(value, 1)) + draw(st.sampled_from(["", newline]))
    return value, text.encode(errors="surrogatepass" if escapes else "strict")


@settings(max_examples=150, deadline=None)
@given(documents(), VALUES)
def test_insertion_into_any_document_is_exact_and_undone_exactly(
    document: tuple[dict[str, JsonValue], bytes], new: JsonValue
) -> None:
    value, before = document
    links = json.loads(before)["links"]
    after = edit.append(before, "/links", new)
    assert json.loads(after) == {**value, "links": [*links, new]}
    assert edit.remove(after, "/links", len(links)) == before
    place = locate(before, "/links").value
    assert after.startswith(before[: place.start])
    assert after.endswith(before[place.end :])


@settings(max_examples=100, deadline=None)
@given(documents(), st.text(min_size=6), VALUES)
def test_a_member_added_to_any_document_is_undone_exactly(
    document: tuple[dict[str, JsonValue], bytes], key: str, new: JsonValue
) -> None:
    value, before = document
    after = edit.add_member(before, "", key, new)
    assert json.loads(after) == {**value, key: new}
    assert edit.remove(after, "", len(value)) == before


@settings(max_examples=100, deadline=None)
@given(documents())
def test_the_scanner_finds_what_the_parser_reads(document: tuple[dict[str, JsonValue], bytes]) -> None:
    value, content = document
    for key, held in value.items():
        span = locate(content, "/" + key.replace("~", "~0").replace("/", "~1")).value
        assert json.loads(content[span.start : span.end]) == held

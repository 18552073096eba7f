"""Files are what was recorded of them, or the watch says so: a part of them each day, all of them in the end."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from loopback import Loopback, reply, serving
from watched_catalogs import ITEM, catalog_of, closed, night, with_assets

from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.watch.assets import Limits, compare
from earthcode_platform.catalog.watch.files import Files
from earthcode_platform.checksums import of_bytes
from earthcode_platform.models.finding import Severity
from earthcode_platform.models.watch_report import AssetLook
from earthcode_platform.web.asking import Web
from earthcode_platform.web.following import streamed
from earthcode_platform.web.reach import Reach

GOOD, BAD = b"as it was", b"as it is"
ALL = Limits(count=1000)


def asset(href: str, content: bytes = GOOD, **changes: object) -> dict[str, object]:
    return {"href": href, "file:checksum": of_bytes(content), "file:size": len(content)} | changes


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving({"/good": reply(200, GOOD), "/bad": reply(200, BAD)}) as running:
        yield running


WEBS: list[Web] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while WEBS:
        WEBS.pop().close()


def files(server: Loopback | None = None, *roots: Path) -> Files:
    """A reader of files below `roots` and of those of a server; the connections are closed after the test."""
    if server is None:
        return Files(roots)
    WEBS.append(Web(Reach(frozenset({server.name}))))
    return Files(roots, partial(streamed, WEBS[-1]))


def codes(look: AssetLook) -> list[tuple[str, str]]:
    return [(found.code, found.severity.value) for found in look.findings]


def test_files_that_are_as_recorded_are_no_finding(tmp_path: Path, server: Loopback) -> None:
    (tmp_path / "a b.tif").write_bytes(GOOD)
    catalog = with_assets(
        {
            "web": asset(server.url("/good")),
            "local": asset(f"file://{tmp_path}/a%20b.tif"),
            "own": asset("../../themes/oceans/catalog.json", closed()["themes/oceans/catalog.json"]),
            "no-checksum": {"href": server.url("/bad")},
        }
    )
    seen: list[tuple[int, int]] = []
    look = compare(catalog, files(server, tmp_path), night(0), None, ALL, lambda done, of: seen.append((done, of)))
    assert codes(look) == []
    assert (look.recorded, look.compared, look.requests, look.parts) == (3, 3, 1, 1)
    assert seen == [(0, 3), (1, 3), (2, 3)]


def test_a_file_that_differs_is_an_error_with_both_checksums(server: Loopback) -> None:
    look = compare(with_assets({"data": asset(server.url("/bad"))}), files(server), night(0))
    (found,) = look.findings
    assert (found.code, found.severity, found.file) == ("catalog-file-differs", Severity.ERROR, ITEM)
    assert found.pointer == "/assets/data"
    assert with_assets({"data": 0}).content(ITEM).splitlines()[found.line - 1].strip() == b'"data": 0'
    assert of_bytes(GOOD) in found.message
    assert of_bytes(BAD) in found.message


@pytest.mark.parametrize(
    ("name", "code"), [("sha1", "1114"), ("sha512", "1340"), ("md5", "d50110"), ("sha3_256", "1620")]
)
def test_other_algorithms_are_known_by_their_multihash(server: Loopback, name: str, code: str) -> None:
    good, bad = (code + hashlib.new(name, content, usedforsecurity=False).hexdigest() for content in (GOOD, BAD))
    said = {key: asset(server.url("/good"), **{"file:checksum": value}) for key, value in (("a", good.upper()),)}
    assert codes(compare(with_assets(said), files(server), night(0), None, ALL)) == []
    said = {"b": asset(server.url("/good"), **{"file:checksum": bad})}
    assert codes(compare(with_assets(said), files(server), night(0))) == [("catalog-file-differs", "error")]


def one(server: Loopback, tmp_path: Path, href: str, **changes: object) -> list[tuple[str, str]]:
    catalog = with_assets(
        {"data": asset(href.replace("SERVER", server.name).replace("ROOT", str(tmp_path)), **changes)}
    )
    return codes(compare(catalog, files(server, tmp_path), night(0), None, Limits(largest=1000)))


@pytest.mark.parametrize(
    ("href", "changes", "expected"),
    [
        ("http://SERVER/good", {"file:checksum": "abc"}, [("catalog-file-checksum-unknown", "note")]),
        ("http://SERVER/good", {"file:checksum": "1220abc"}, [("catalog-file-checksum-unknown", "note")]),
        ("http://SERVER/good", {"file:size": 3}, [("catalog-file-size-differs", "error")]),
        ("http://SERVER/good", {"file:size": "9"}, []),
        ("http://SERVER/good", {"file:size": 10**12, "file:checksum": "1220" + "0" * 64}, []),
        ("http://SERVER/endless", {"file:size": None}, []),
        ("http://SERVER/nothing", {}, [("catalog-file-unreachable", "note")]),
        ("http://SERVER/down", {}, [("catalog-file-unreachable", "note")]),
        ("http://SERVER/cut", {}, [("catalog-file-unreachable", "note")]),
        ("http://SERVER/zipped", {}, [("catalog-file-unreachable", "note")]),
        ("http://SERVER/circle", {}, [("catalog-file-unreachable", "note")]),
        ("http://SERVER/moved", {}, []),
        ("http://127.0.0.1:9/x", {}, [("catalog-file-unreachable", "note")]),
        ("http://[bad/x", {}, [("catalog-file-unreachable", "note")]),
        ("s3://bucket/x", {}, [("catalog-file-unreachable", "note")]),
        ("file:///etc/hostname", {}, [("catalog-file-unreachable", "note")]),
        ("file://ROOT/../x", {}, [("catalog-file-unreachable", "note")]),
        ("file://elsewhere/ROOT/x", {}, [("catalog-file-unreachable", "note")]),
        ("file://ROOT/%00", {}, [("catalog-file-unreachable", "note")]),
        ("file://ROOT", {}, [("catalog-file-unreachable", "note")]),
        ("file://ROOT/none", {}, [("catalog-file-missing", "error")]),
        ("./none.tif", {}, [("catalog-file-missing", "error")]),
    ],
)
def test_odd_files(
    server: Loopback, tmp_path: Path, href: str, changes: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    server.routes |= {
        "/endless": lambda exchange: (exchange.raw(b"HTTP/1.1 200 OK\r\n\r\n"), exchange.drip(b"x" * 400, 0))[0],
        "/down": reply(503),
        "/cut": lambda exchange: exchange.answer(200, GOOD, length=100),
        "/zipped": reply(200, GOOD, Content_Encoding="gzip"),
        "/circle": reply(302, Location="/circle"),
        "/moved": reply(301, Location="/good"),
    }
    assert one(server, tmp_path, href, **changes) == expected


def test_an_archive_that_is_not_mounted_here_is_no_error(tmp_path: Path) -> None:
    catalog = with_assets({"data": asset(f"file://{tmp_path}/archive/x.tif")})
    assert codes(compare(catalog, files(None, tmp_path / "archive"), night(0))) == [
        ("catalog-file-unreachable", "note")
    ]


def test_each_day_takes_another_part_and_all_are_taken_in_the_end(server: Loopback) -> None:
    catalog = with_assets({f"a{number}": asset(server.url(f"/good?{number}")) for number in range(10)})
    before, parts = None, []
    for number in range(4):
        server.seen.clear()
        look = compare(catalog, files(server), night(number), before, Limits(count=3))
        parts.append({target for _, target in server.asked()})
        before = (night(number), look)
        again = compare(catalog, files(server), night(number), before, Limits(count=3))
        assert {target for _, target in server.asked()} == parts[-1]
        assert (again.turn, again.parts) == (look.turn, look.parts) == (number, 4)
    assert [len(part) for part in parts] == [3, 3, 3, 1]
    assert set.union(*parts) == {f"/good?{number}" for number in range(10)}


def watch(catalog: Catalog, reader: Files, nights: Sequence[int], before: tuple[int, AssetLook]) -> list[list[str]]:
    """The codes of each of some nights, two files a night."""
    told = []
    for number in nights:
        look = compare(catalog, reader, night(number), (night(before[0]), before[1]), Limits(count=2))
        before = (number, look)
        told.append([found.code for found in look.findings])
    return told


def test_what_was_amiss_is_looked_at_each_night_until_it_is_mended(tmp_path: Path) -> None:
    names = [f"{number}.tif" for number in range(6)]
    for name in names:
        (tmp_path / name).write_bytes(GOOD)
    (tmp_path / "3.tif").write_bytes(BAD)
    catalog = with_assets({name: asset(f"file://{tmp_path}/{name}") for name in names})
    reader = files(None, tmp_path)
    seen = [compare(catalog, reader, night(0), None, Limits(count=2))]
    for number in range(1, 6):
        seen.append(compare(catalog, reader, night(number), (night(number - 1), seen[-1]), Limits(count=2)))
    found = [[one.code for one in look.findings] for look in seen]
    first = found.index(["catalog-file-differs"])
    assert found == [[]] * first + [["catalog-file-differs"]] * (6 - first)
    (tmp_path / "3.tif").write_bytes(GOOD)
    assert watch(catalog, reader, [6], (5, seen[-1])) == [[]]
    gone = with_assets({"0": asset(f"file://{tmp_path}/0.tif")})
    assert watch(gone, reader, [6], (5, seen[-1])) == [[]]


def test_an_error_stands_while_its_server_is_down(server: Loopback) -> None:
    catalog = with_assets({"data": asset(server.url("/bad"))})
    first = compare(catalog, files(server), night(0))
    server.routes["/bad"] = reply(503)
    assert watch(catalog, files(server), [1, 2], (0, first)) == [["catalog-file-differs"]] * 2
    server.routes["/bad"] = reply(200, GOOD)
    assert watch(catalog, files(server), [1], (0, first)) == [[]]


def test_a_server_that_fails_in_another_way_is_no_other_finding(server: Loopback) -> None:
    catalog = with_assets({"data": asset(server.url("/down"))})
    server.routes["/down"] = reply(503)
    first = compare(catalog, files(server), night(0))
    server.routes["/down"] = lambda exchange: exchange.reset()
    second = compare(catalog, files(server), night(1), (night(0), first))
    assert [one.message for one in first.findings] == [one.message for one in second.findings]
    assert "503" in first.findings[0].mend
    assert first.findings[0].mend != second.findings[0].mend
    assert len(second.findings) == 1


def test_when_time_is_up_what_was_amiss_stands(server: Loopback) -> None:
    catalog = with_assets({"data": asset(server.url("/bad"))})
    first = compare(catalog, files(server), night(0))
    late = compare(catalog, files(server), night(1), (night(0), first), Limits(seconds=0))
    assert (late.findings, late.suspects, late.requests) == (first.findings, first.suspects, 0)


def delivery(folder: Path, count: int) -> dict[str, str]:
    """A delivery of `count` items with one file each; the link to it."""
    for number in range(count):
        (folder / f"{number}.tif").write_bytes(GOOD)
        item = {"assets": {"data": asset(f"./{number}.tif"), "other": {"href": "./none"}}}
        (folder / f"{number}.json").write_text(json.dumps(item))
    links = [{"rel": "item", "href": f"./{number}.json"} for number in range(count)]
    (folder / "collection.json").write_text(json.dumps({"type": "Collection", "links": links}))
    return {"rel": "child", "href": f"file://{folder}/collection.json"}


def test_the_files_of_a_delivery_are_looked_at_one_a_turn(tmp_path: Path) -> None:
    catalog = with_assets({}, delivery(tmp_path, 3))
    (tmp_path / "1.tif").write_bytes(BAD)
    looks = [compare(catalog, files(None, tmp_path), night(0), None)]
    for number in range(1, 5):
        looks.append(compare(catalog, files(None, tmp_path), night(number), (night(number - 1), looks[-1])))
    assert [codes(look) for look in looks] == [[]] + [[("catalog-file-differs", "error")]] * 4
    (found,) = looks[-1].findings
    assert (found.file, found.pointer) == ("products/delivered/collection.json", "/links/0")
    assert f"{tmp_path}/1.tif" in found.message
    assert [look.compared for look in looks] == [1, 1, 2, 2, 2]
    (tmp_path / "1.tif").write_bytes(GOOD)
    assert codes(compare(catalog, files(None, tmp_path), night(5), (night(4), looks[-1]))) == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "catalog-file-unreachable"),
        (b"[]", "catalog-file-unreachable"),
        (None, "catalog-file-missing"),
        (b'{"links": [{"rel": "item", "href": "./none.json"}]}', "catalog-file-missing"),
        (b'{"links": [{"rel": "item", "href": "http://[bad"}, 3, {"rel": "item"}]}', "catalog-file-unreachable"),
        (b'{"links": 3, "assets": []}', None),
    ],
)
def test_a_delivery_that_is_no_collection(tmp_path: Path, content: bytes | None, code: str | None) -> None:
    catalog = with_assets({}, delivery(tmp_path, 1))
    path = tmp_path / "collection.json"
    path.unlink() if content is None else path.write_bytes(content)
    look = compare(catalog, files(None, tmp_path), night(0))
    assert [found.code for found in look.findings] == ([code] if code else [])
    again = compare(catalog, files(None, tmp_path), night(1), (night(0), look))
    assert [found.code for found in again.findings] == ([code] if code else [])


def test_documents_that_are_odd_name_no_files() -> None:
    odd = {"assets": {"a": 3, "b": {"href": 3, "file:checksum": "1220"}, "c": {"href": ""}}, "links": {"a": 1}}
    catalog = catalog_of({"x/a.json": json.dumps(odd).encode(), "x/b.json": b"{", "x/c.json": b"[]", "x/d.json": b'"'})
    assert compare(catalog, files(), night(0)).recorded == 0


def test_userinfo_is_neither_sent_nor_told(server: Loopback) -> None:
    href = server.url("/bad").replace("http://", "http://ada:hunter2@")
    look = compare(with_assets({"data": asset(href)}), files(server), night(0))
    assert codes(look) == [("catalog-file-differs", "error")]
    assert "hunter2" not in look.model_dump_json()
    again = compare(with_assets({"data": asset(href)}), files(server), night(1), (night(0), look))
    assert (again.findings, again.suspects, again.compared) == (look.findings, look.suspects, 1)
    assert "authorization" not in server.seen[0].headers

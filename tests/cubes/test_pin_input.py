"""Inputs are resolved to files, and what cannot be resolved is refused with its reason."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cube_factories import collection, item, pinned, raster, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earthcode_platform import checksums
from earthcode_platform.checksums import of_path
from earthcode_platform.cubes import stac, walking
from earthcode_platform.cubes.bands import band_names
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.errors import RefusedError, UnavailableError
from earthcode_platform.models.experiment import InputReference

TIFF = {"href": "./a.tif", "type": "image/tiff; application=geotiff"}


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """A collection of three dated items, listed out of order, each with a raster and a thumbnail."""
    raster(tmp_path / "a.tif", np.ones((2, 2), dtype="uint8"))
    picture = {"href": "./t.png", "type": "image/png", "roles": ["thumbnail"]}
    overview = {"href": "./a.tif", "type": "image/tiff", "roles": ["overview"]}
    sheet = {"href": "./meta.xml", "type": "application/xml", "roles": ["metadata"]}
    assets = {"B01": TIFF, "thumb": picture, "preview": overview, "meta": sheet}
    days = ("2020-03-01", "2020-01-01", "2020-02-01")
    return collection(tmp_path, [item(f"i-{day}", f"{day}T10:00:00Z", assets) for day in days])


def test_assets_are_listed_in_the_order_of_time_with_checksums(scenes: Path) -> None:
    found = pinned(scenes)
    assert [asset.item for asset in found.assets] == ["i-2020-01-01", "i-2020-02-01", "i-2020-03-01"]
    assert {asset.key for asset in found.assets} == {"B01"}
    assert {asset.checksum for asset in found.assets} == {checksums.of_file(scenes.parent / "a.tif")}
    assert found.checksum == checksums.of_file(scenes)
    assert [document.key for document in found.documents] == ["collection", "item", "item", "item"]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("2020-01-15/..", ["i-2020-02-01", "i-2020-03-01"]),
        ("../2020-02-01", ["i-2020-01-01", "i-2020-02-01"]),
        ("2020-02-01/2020-02-01", ["i-2020-02-01"]),
    ],
)
def test_the_window_in_time_includes_both_ends(scenes: Path, window: str, expected: list[str]) -> None:
    assert [asset.item for asset in pinned(scenes, datetime=window).assets] == expected


def test_the_window_in_space_may_cross_the_antimeridian(tmp_path: Path) -> None:
    raster(tmp_path / "a.tif", np.ones((2, 2), dtype="uint8"))
    east, west, here = (item(name, "2020-01-01T00:00:00Z", {"B": TIFF}) for name in ("fiji", "samoa", "slovenia"))
    east["bbox"], west["bbox"] = [177.0, -19.0, 178.0, -18.0], [-172.0, -19.0, -171.0, -18.0]
    path = collection(tmp_path, [east, west, here])
    assert {a.item for a in pinned(path, bbox=[170.0, -25.0, -170.0, -10.0]).assets} == {"fiji", "samoa"}
    assert {a.item for a in pinned(path, bbox=[176.0, -25.0, 179.0, -10.0]).assets} == {"fiji"}


def test_catalogs_loops_and_item_collections_are_followed(tmp_path: Path) -> None:
    raster(tmp_path / "a.tif", np.ones((2, 2), dtype="uint8"))
    leaf = collection(tmp_path / "sub", [item("one", "2020-01-01T00:00:00Z", {"B": {**TIFF, "href": "../a.tif"}})])
    up = {"rel": "child", "href": "../catalog.json"}
    content = {**_json(leaf), "links": [*_json(leaf)["links"], up]}
    write(leaf, content)
    several = {
        "type": "FeatureCollection",
        "features": [
            item("two", "2020-01-02T00:00:00Z", {"B": TIFF}),
            item("three", "2020-01-03T00:00:00Z", {"B": TIFF}),
        ],
        "links": [],
    }
    write(tmp_path / "items.json", several)
    links = [{"rel": "child", "href": "./sub/collection.json"}, {"rel": "child", "href": "./items.json"}]
    root = write(tmp_path / "catalog.json", {"type": "Catalog", "id": "c", "links": links})
    assert [asset.item for asset in pinned(root).assets] == ["one", "two", "three"]


def _json(path: Path) -> dict[str, Any]:
    return dict(stac.read_document(str(path)).content)


def test_a_local_asset_that_cannot_be_read_is_left_to_the_gate(scenes: Path) -> None:
    # What is there and cannot be read, whoever reads it.
    document = next(scenes.parent.rglob("*.json"))
    path = write(
        document.with_name("broken.json"),
        item("broken", "2020-01-01", {"B": {"href": "/proc/self/mem", "roles": ["data"]}}),
    )
    assert pinned(path).assets[0].checksum is None


def test_a_missing_local_asset_is_left_to_the_gate(scenes: Path) -> None:
    (scenes.parent / "a.tif").unlink()
    assert {asset.checksum for asset in pinned(scenes).assets} == {None}


def test_a_zarr_store_is_hashed_by_its_files(tmp_path: Path) -> None:
    store = tmp_path / "data.zarr"
    (store / "c").mkdir(parents=True)
    (store / "zarr.json").write_text("{}")
    (store / "c" / "0").write_bytes(b"1")
    before = of_path(store)
    (store / "c" / "0").write_bytes(b"2")
    assert of_path(store) != before
    (store / "c" / "0").write_bytes(b"1")
    assert of_path(store) == before


def _missing(folder: Path) -> Path:
    return folder / "nothing.json"


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "bad.json"
    path.write_bytes(content)
    return path


def _broken_link(folder: Path) -> Path:
    return write(folder / "c.json", {"type": "Catalog", "links": [{"rel": "item", "href": "./gone.json"}]})


def _without_assets(folder: Path) -> Path:
    content = item("x", "2020-01-01T00:00:00Z", {})
    content["assets"] = {"t": {"href": "t.png", "type": "image/png", "roles": ["thumbnail"]}}
    return write(folder / "x.json", content)


def _twins(folder: Path) -> Path:
    twin = item("x", "2020-01-01T00:00:00Z", {"B": TIFF})
    return write(folder / "x.json", {"type": "FeatureCollection", "features": [twin, twin]})


BROKEN: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "missing": (_missing, "inputs-not-found", "no such file"),
    "empty file": (partial(_written, content=b""), "inputs-not-json", "empty"),
    "web page": (partial(_written, content=b"<!DOCTYPE html><html>"), "inputs-not-json", "HTML"),
    "half a JSON": (partial(_written, content=b'{"type": '), "inputs-not-json", "no JSON"),
    "not UTF-8": (partial(_written, content=b'{"a": "\xff\xfe"}'), "inputs-not-json", "no JSON"),
    "deeply nested": (partial(_written, content=b"[" * 100_000), "inputs-not-json", "no JSON"),
    "a list": (partial(_written, content=b"[]"), "inputs-not-stac", "list"),
    "other JSON": (partial(_written, content=b'{"type": "Topology"}'), "inputs-not-stac", "Topology"),
    "plain GeoJSON": (
        partial(_written, content=b'{"type": "Feature", "properties": {}}'), "inputs-not-stac", "id, assets",
    ),
    "no date": (
        partial(_written, content=b'{"type": "Feature", "id": "x", "properties": {"datetime": null}, "assets": {}}'),
        "inputs-not-stac",
        "no usable datetime",
    ),
    "empty catalog": (partial(_written, content=b'{"type": "Catalog"}'), "inputs-no-items", "no STAC item"),
    "link to nothing": (_broken_link, "inputs-not-found", "no such file"),
    "no data": (_without_assets, "inputs-no-data", "none of its 1 items"),
    "two of one id": (_twins, "inputs-not-stac", "two items have the id 'x'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_resolved_is_refused(tmp_path: Path, case: str) -> None:
    make, code, words = BROKEN[case]
    with pytest.raises(RefusedError) as caught:
        pinned(make(tmp_path))
    (found,) = caught.value.findings
    assert found.code == code
    assert words in found.message
    assert found.where.startswith("inputs.scenes (")
    assert found.remedy or code == "inputs-not-json"


def test_an_empty_window_says_what_the_items_cover(scenes: Path) -> None:
    with pytest.raises(RefusedError, match=r"2020-01-01T10:00:00\+00:00 to 2020-03-01") as caught:
        pinned(scenes, datetime="2021-01-01/2021-12-31")
    assert caught.value.findings[0].code == "inputs-empty-window"


def test_a_relative_href_stays_in_the_folder(tmp_path: Path) -> None:
    reference = InputReference.model_construct(href="../x.json", datetime=None, bbox=None, checksum=None)
    with pytest.raises(RefusedError) as caught:
        pin_input("scenes", reference, tmp_path)
    assert caught.value.findings[0].code == "inputs-not-allowed"


def test_too_many_documents_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "LIMIT_DOCUMENTS", 3)
    path = collection(tmp_path, [item(f"i{n}", "2020-01-01T00:00:00Z", {"B": TIFF}) for n in range(4)])
    with pytest.raises(RefusedError) as caught:
        pinned(path)
    assert caught.value.findings[0].code == "inputs-too-many"


class _Server(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/status/"):
            self.send_error(int(self.path.rpartition("/")[2]))
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Stay silent."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A file server on this machine for the test's folder."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Server, directory=str(tmp_path)))
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_remote_documents_are_read_and_remote_assets_are_not(scenes: Path, server: str, tmp_path: Path) -> None:
    found = pin_input("scenes", InputReference(href=f"{server}/{scenes.name}"), tmp_path)
    assert found.assets[0].href == f"{server}/a.tif"
    assert {asset.checksum for asset in found.assets} == {None}
    assert not found.local


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("/status/404", RefusedError, "inputs-not-found"),
        ("/status/403", RefusedError, "inputs-not-allowed"),
        ("/round", RefusedError, "inputs-not-found"),
        ("/status/503", UnavailableError, "503"),
        ("/status/429", UnavailableError, "429"),
    ],
)
def test_what_a_server_answers_decides(
    server: str, tmp_path: Path, path: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        pin_input("scenes", InputReference(href=f"{server}{path}"), tmp_path)


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no answer"):
        pin_input("scenes", InputReference(href="http://127.0.0.1:9/c.json"), tmp_path)


def test_a_large_download_is_cut(scenes: Path, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stac, "LIMIT_BYTES", 10)
    with pytest.raises(RefusedError) as caught:
        pin_input("scenes", InputReference(href=f"{server}/{scenes.name}"), tmp_path)
    assert caught.value.findings[0].code == "inputs-too-large"


def test_a_remote_document_cannot_point_at_files_of_this_machine() -> None:
    with pytest.raises(RefusedError):
        stac.resolve("file:///etc/hosts", "https://example.org/c.json")
    assert stac.resolve("../a.tif", "https://example.org/x/c.json") == "https://example.org/a.tif"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), value=anything)
def test_any_item_is_resolved_or_refused(tmp_path: Path, data: st.DataObject, value: object) -> None:
    raster(tmp_path / "a.tif", np.ones((2, 2), dtype="uint8"))
    content = item("x", "2020-01-01T00:00:00Z", {"B": {**TIFF, "raster:bands": [{"nodata": 0, "scale": 1}]}})
    content["links"] = [{"rel": "root", "href": "./x.json"}]
    place: Any = content
    while True:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = value
    path = write(tmp_path / "x.json", content)
    try:
        found = pinned(path, bbox=[14.0, 44.0, 16.0, 46.0], datetime="2019-01-01/..")
    except RefusedError as error:
        refused = [one.code for one in error.findings]
    else:
        refused = []
        assert found.assets
        assert band_names(found) is not None
    assert all(code.startswith("inputs-") for code in refused)

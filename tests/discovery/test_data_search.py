"""Data of real services on loopback: a STAC API, a static catalog, an OGC API Records and a CSW."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import factories
import pytest
import yaml
from data_server import serving_files
from loopback import reply, serving
from record_services import Record, RecordServices, serving_records
from stac_api import StacApi, serving_items

from earthcode_platform.cli.app import app
from earthcode_platform.cubes.pin import pin_input
from earthcode_platform.models.experiment import InputReference


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert app(["data", "search", *words], result_action="return_value") == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def found(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(told(capsys, *words, "--json"))
    return answer


@pytest.fixture(params=["post", "get"])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StacApi]:
    factories.stac(tmp_path / "scenes")
    items = [json.loads(path.read_text()) for path in sorted((tmp_path / "scenes").rglob("scene-*.json"))]
    with serving_items(StacApi(items=items, paging=request.param, page=1)) as serving:
        yield serving


def test_a_collection_of_an_api_pastes_into_inputs(
    api: StacApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    window = ("--datetime", "2023-08-05/2023-08-31", "--bbox=10,45,10.5,45.5")
    printed = told(capsys, api.origin, "scenes", *window)
    lines = [line for line in printed.splitlines() if line.startswith(("  scenes:", "    "))]
    pasted = yaml.safe_load("inputs:\n" + "\n".join(line for line in lines if not line.startswith("     ")))["inputs"]
    assert pasted["scenes"]["href"] == api.collection
    assert pasted["scenes"]["datetime"] == "2023-08-05/2023-08-31"
    # What was pasted is an input of an experiment: it finds the one scene of that time.
    pinned = pin_input("scenes", InputReference.model_validate(pasted["scenes"]), tmp_path)
    assert [item["id"] for item in pinned.found] == [f"scene-{factories.DAYS[1]}"]
    assert told(capsys, api.origin, "nothing-like-it") == "Nothing was found.\n"


def test_the_items_of_a_collection_are_searched_page_by_page(api: StacApi, capsys: pytest.CaptureFixture[str]) -> None:
    answer = found(capsys, api.origin, "--collection", "scenes")
    assert (answer["service"], answer["more"]) == ("stac-api", False)
    assert [one["id"] for one in answer["found"]] == [f"scene-{day}" for day in factories.DAYS]
    assert answer["found"][0]["href"] == f"{api.collection}/items/scene-{factories.DAYS[0]}"
    only = found(capsys, api.origin, "--collection", "scenes", "--datetime", "../2023-08-05")
    assert [one["id"] for one in only["found"]] == [f"scene-{factories.DAYS[0]}"]
    limited = found(capsys, api.origin, "--collection", "scenes", "--limit", "1")
    assert (len(limited["found"]), limited["more"]) == (1, True)
    assert "Did you mean 'scenes'" in told(capsys, api.origin, "--collection", "scene", code=2)


def test_a_static_catalog_is_read_document_by_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    factories.stac(tmp_path / "site" / "scenes")
    child = {"rel": "child", "href": "./scenes/collection.json", "type": "application/json"}
    catalog = {"type": "Catalog", "stac_version": "1.1.0", "id": "root", "description": "Root", "links": [child]}
    factories.write_json(tmp_path / "site" / "catalog.json", catalog)
    with serving_files(tmp_path / "site") as origin:
        answer = found(capsys, f"{origin}/catalog.json", "small", "--bbox=10,45,11,46")
        assert answer["service"] == "stac"
        assert [one["href"] for one in answer["found"]] == [f"{origin}/scenes/collection.json"]
        assert found(capsys, f"{origin}/catalog.json", "--bbox=20,45,21,46")["found"] == []
        items = found(capsys, f"{origin}/catalog.json", "--collection", "scenes", "--datetime", "2023-08-11/..")
        assert [one["id"] for one in items["found"]] == [f"scene-{factories.DAYS[1]}"]
        own = found(capsys, f"{origin}/scenes/collection.json")
        assert [one["id"] for one in own["found"]] == ["scenes"]


@pytest.fixture
def records() -> Iterator[RecordServices]:
    collection = "https://stac.example.org/ice/collection.json"
    stac = {"rel": "item", "href": collection, "type": "application/json", "title": "STAC"}
    file = {"rel": "enclosure", "href": "https://files.example.org/sst.nc", "type": "application/x-netcdf"}
    ice, sea = (-180, 60, 180, 90), (-180, -60, 180, 60)
    held = [
        Record("ice", "Sea ice thickness", "How thick sea ice is.", ice, ("2010-01-01", "2020-12-31"), [stac]),
        Record("sst", "Sea surface <temperature>", "How warm it is.", sea, ("1990-01-01", "2024-12-31"), [file]),
    ]
    with serving_records(RecordServices(held)) as serving:
        yield serving


@pytest.mark.parametrize("path", ["/", "/csw"])
def test_records_are_found_by_words_and_boxes(
    path: str, records: RecordServices, capsys: pytest.CaptureFixture[str]
) -> None:
    url = records.origin + path
    answer = found(capsys, url)
    assert answer["service"] == ("csw" if path == "/csw" else "records")
    assert [(one["id"], one["title"]) for one in answer["found"]] == [
        ("ice", "Sea ice thickness"),
        ("sst", "Sea surface <temperature>"),
    ]
    assert answer["found"][0]["bbox"] == [-180, 60, 180, 90]
    assert [one["id"] for one in found(capsys, url, "sea", "thick")["found"]] == ["ice"]
    assert [one["id"] for one in found(capsys, url, "--bbox=-10,-10,10,10")["found"]] == ["sst"]
    assert [one["id"] for one in found(capsys, url, "sea", "--bbox=-10,70,10,80")["found"]] == ["ice"]
    printed = told(capsys, url, "sea", "--bbox=-10,55,10,65")
    assert (
        "  ice:\n    href: https://stac.example.org/ice/collection.json\n    bbox: [-10.0, 55.0, 10.0, 65.0]" in printed
    )
    assert "no STAC document is linked: https://files.example.org/sst.nc" in printed
    limited = found(capsys, url, "--limit", "1")
    assert (len(limited["found"]), limited["more"]) == (1, True)


def test_a_time_is_asked_of_records_and_told_to_be_left_out_of_csw(
    records: RecordServices, capsys: pytest.CaptureFixture[str]
) -> None:
    late = ("--datetime", "2022-01-01/2023-01-01")
    assert [one["id"] for one in found(capsys, records.origin, *late)["found"]] == ["sst"]
    answer = found(capsys, f"{records.origin}/csw", *late)
    assert len(answer["found"]) == 2
    assert "was not asked for a time" in answer["notes"][0]
    assert "Did you mean 'data'" in told(capsys, records.origin, "--collection", "dta", code=2)


@pytest.mark.parametrize("coordinates", ["[1]", "[" * 200_000 + "]" * 200_000], ids=["no points", "nested too deeply"])
def test_a_record_that_is_damaged_is_told(
    coordinates: str, records: RecordServices, capsys: pytest.CaptureFixture[str]
) -> None:
    geometry = f'{{"type": "Polygon", "coordinates": {coordinates}}}'
    records.records_answer = f'{{"type": "FeatureCollection", "features": [{{"id": "x", "geometry": {geometry}}}]}}'
    assert "its answers are no records" in told(capsys, records.origin, code=2)


def test_xml_of_a_service_names_nothing_outside_itself(
    records: RecordServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").write_text("hunter2")
    records.csw_prolog = f'<!DOCTYPE r [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    records.records[0].title = "&x;"
    answer = records.answer("POST", "/csw", b"<a/>")[2].replace("&amp;x;", "&x;")
    records.csw_answer = answer
    printed = told(capsys, f"{records.origin}/csw", "--json")
    assert "hunter2" not in printed


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["ftp://example.org/"], 2, "ftp"),
        (["https://ada:hunter2@example.org/"], 2, "carried a user name or password"),
        (["http://127.0.0.1:9/"], 1, "no connection to its host"),
        (["http://127.0.0.1:9/", "--bbox", "1,2,3"], 2, "'1,2,3' is no box"),
        (["http://127.0.0.1:9/", "--bbox", "1,2,3,200"], 2, "latitudes"),
        (["http://127.0.0.1:9/", "--datetime", "2024"], 2, "'2024' is no interval"),
        (["http://127.0.0.1:9/", "--limit", "0"], 2, "0 is no number of hits"),
    ],
)
def test_what_cannot_be_asked(words: list[str], code: int, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = told(capsys, *words, code=code)
    assert complaint in printed
    assert "hunter2" not in printed


def test_what_is_no_service_and_what_leads_inside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def catalog(href: str) -> bytes:
        links = [{"rel": "child", "href": href}]
        return json.dumps(
            {"type": "Catalog", "stac_version": "1.1.0", "id": "r", "description": "d", "links": links}
        ).encode()

    routes = {
        "/page": reply(200, b"<html>hello</html>", Content_Type="text/html"),
        "/json": reply(200, b'{"hello": 1}', Content_Type="application/json"),
        "/inside": reply(200, catalog("http://169.254.169.254/latest/"), Content_Type="application/json"),
        "/file": reply(200, catalog(f"file://{tmp_path}/collection.json"), Content_Type="application/json"),
        "/broken": reply(200, b'{"stac_version": "1.1.0", "type": "Catalog"}', Content_Type="application/json"),
    }
    factories.stac(tmp_path)
    with serving(routes) as server:
        assert "it answers neither as a STAC API" in told(capsys, server.url("/page"), code=2)
        assert "it answers neither as a STAC API" in told(capsys, server.url("/json"), code=2)
        assert "169.254.169.254" in told(capsys, server.url("/inside"), code=2)
        assert "it is no address with http or https" in told(capsys, server.url("/file"), code=2)
        assert "its answers are no STAC" in told(capsys, server.url("/broken"), code=2)
        assert "nothing is there" in told(capsys, server.url("/missing"), code=2)

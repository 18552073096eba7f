"""`earthcode-platform openeo capabilities` writes what a back-end publishes, and nothing that is not so."""

import json
from pathlib import Path
from typing import Any

import pytest

from earthcode_platform import __version__
from earthcode_platform.cli.app import app
from earthcode_platform.engines.openeo.format_names import _FORMATS
from earthcode_platform.engines.openeo.registry import processes

URL = "https://openeo.example.org/api"


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert app(["openeo", "capabilities", *words], result_action="return_value") == code
    captured = capsys.readouterr()
    return captured.out + captured.err if code else captured.out


def test_every_document_that_is_offered_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = json.loads(told(capsys, "--url", f"{URL}/"))
    start = found["/"]
    needed = {"id", "title", "description", "api_version", "backend_version", "stac_version", "endpoints", "links"}
    assert needed <= start.keys()
    assert (start["api_version"], start["backend_version"], start["production"]) == ("1.2.0", __version__, False)
    assert {one["path"] for one in start["endpoints"]} == found.keys() - {"/", "/.well-known/openeo"}
    assert all(one["methods"] == ["GET"] for one in start["endpoints"])
    assert start["conformsTo"] == found["/conformance"]["conformsTo"]
    (version,) = found["/.well-known/openeo"]["versions"]
    assert version == {"url": URL, "api_version": "1.2.0", "production": False}
    assert {link["href"] for link in start["links"]} == {f"{URL}{path}" for path in found} - {
        f"{URL}/", f"{URL}/processes", f"{URL}/file_formats"
    }  # fmt: skip
    assert {one["id"] for one in found["/processes"]["processes"]} == processes().keys()


def test_every_format_that_is_offered_can_be_saved(capsys: pytest.CaptureFixture[str]) -> None:
    formats = json.loads(told(capsys, "--url", URL))["/file_formats"]
    assert {name.lower() for name in formats["output"]} == _FORMATS.keys() - {"geotiff", "geoparquet"}
    for one in (*formats["input"].values(), *formats["output"].values()):
        assert {"title", "gis_data_types", "parameters"} <= one.keys()
    assert all(one["parameters"] == {} for one in formats["input"].values())
    assert all("dtype" in one["parameters"] for one in formats["output"].values())


def test_the_documents_are_written_as_a_server_of_files_serves_them(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    printed = told(capsys, "--url", URL, "--output", str(tmp_path / "site"), "--production").split()
    assert len(printed) == 6
    index = json.loads((tmp_path / "site" / "index.json").read_text())
    assert (index["production"], index["type"]) == (True, "Catalog")
    assert json.loads((tmp_path / "site" / "collections" / "index.json").read_text())["collections"] == []


@pytest.mark.parametrize(
    ("url", "complaint"),
    [("openeo.example.org", "no scheme"), ("https://a:b@x.org", "carried a user name"), (f"{URL}?x=1", "a query")],
)
def test_an_address_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], url: str, complaint: str) -> None:
    assert complaint in told(capsys, "--url", url, code=2)


def test_a_folder_that_cannot_be_written_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in told(capsys, "--url", URL, "--output", str(tmp_path / "file"), code=2)

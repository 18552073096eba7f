"""Schemas from a mirror: which ones a document must meet, each compiled once, none passed over in silence."""

import json
from pathlib import Path

import pytest

from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.errors import InputError

EXTENSION = "https://stac.example/x/v1.0.0/schema.json"


def put(mirror: Path, url: str, schema: object) -> None:
    path = mirror / url.partition("://")[2]
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(schema))


def test_a_schema_is_read_once_with_what_it_refers_to(tmp_path: Path) -> None:
    put(tmp_path, EXTENSION, {"properties": {"x": {"$ref": "other.json"}}})
    other = tmp_path / "stac.example/x/v1.0.0/other.json"
    other.write_text('{"type": "string"}')
    schemas = Schemas(tmp_path)
    found = list(schemas.faults(EXTENSION, {"x": {"a/b": 1}}))
    assert [(fault.pointer, fault.value) for fault in found] == [("/x", {"a/b": 1})]
    other.unlink()
    assert list(schemas.faults(EXTENSION, {"x": "right"})) == []
    assert (schemas.used, schemas.skipped) == (1, {})


def test_without_a_mirror_everything_is_counted_as_skipped() -> None:
    schemas = Schemas(None)
    assert list(schemas.faults(EXTENSION, {})) == list(schemas.faults(EXTENSION, {})) == []
    assert (schemas.used, schemas.skipped) == (0, {EXTENSION: 2})


@pytest.mark.parametrize(
    "url", [EXTENSION, "ftp://stac.example/schema.json", "none", "https://a/../../etc", "http://[x"]
)
def test_an_address_that_the_mirror_lacks_is_a_fault(tmp_path: Path, url: str) -> None:
    found = list(Schemas(tmp_path).faults(url, {"stac_extensions": ["other", url]}))
    assert [(fault.pointer, fault.value) for fault in found] == [("/stac_extensions/1", url)]


def test_an_address_leads_nowhere_outside_the_mirror(tmp_path: Path) -> None:
    (tmp_path / "mirror").mkdir()
    (tmp_path / "own.json").write_text('{"required": ["x"]}')
    found = list(Schemas(tmp_path / "mirror").faults("https://../own.json", {}))
    assert [fault.message for fault in found] == ["no schema is known at https://../own.json: the mirror lacks it."]


@pytest.mark.parametrize("schema", [{"type": 7}, {"$ref": "https://stac.example/gone.json"}])
def test_a_schema_that_cannot_be_used_is_an_error_of_the_mirror(tmp_path: Path, schema: object) -> None:
    put(tmp_path, EXTENSION, schema)
    with pytest.raises(InputError, match=r"stac\.example"):
        list(Schemas(tmp_path).faults(EXTENSION, {}))


@pytest.mark.parametrize("content", ["{", "[]", "true", "[" * 90_000], ids=["cut off", "array", "true", "deep"])
def test_a_schema_of_the_mirror_that_is_none_is_no_fault_of_the_document(tmp_path: Path, content: str) -> None:
    path = tmp_path / "stac.example/x/v1.0.0/schema.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(InputError, match=r"x/v1\.0\.0/schema\.json: the schema is no"):
        list(Schemas(tmp_path).faults(EXTENSION, {}))
    other = tmp_path / "stac.example/schema.json"
    other.write_text(json.dumps({"$ref": EXTENSION}))
    with pytest.raises(InputError, match=r"retrieving it failed: ValueError: the schema is no"):
        list(Schemas(tmp_path).faults("https://stac.example/schema.json", {}))


def test_a_folder_that_is_no_mirror_is_told_before_any_document_is_blamed(tmp_path: Path) -> None:
    put(tmp_path / "schemas", EXTENSION, {})
    with pytest.raises(InputError, match=r"none of the 2 schemas .* such as other\.example, stac\.example\."):
        Schemas(tmp_path).prepare([EXTENSION, EXTENSION, "https://other.example/y.json"])
    Schemas(tmp_path / "schemas").prepare(["https://other.example/y.json", EXTENSION])
    Schemas(tmp_path).prepare([])


def test_what_json_cannot_hold_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, EXTENSION, {"properties": {"x": {"const": "a"}}})
    found = list(Schemas(tmp_path).faults(EXTENSION, {"x": "\ud800"}))
    assert [fault.pointer for fault in found] == [""]


def test_a_mirror_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder of schemas"):
        Schemas(tmp_path / "nothing")

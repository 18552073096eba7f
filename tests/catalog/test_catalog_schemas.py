"""The entries against the official JSON Schemas, all of them, in a session without network."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from catalog_factories import submitted

from earthcode_platform.catalog.changeset import changeset
from earthcode_platform.catalog.documents import JsonObject, texts
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog

OFFICIAL = "https://esa-earthcode.github.io/open-science-catalog-validation/schemas/"


@pytest.fixture(scope="session")
def schemas(shared: Path) -> Path:
    return shared / "schemas"


def errors(schemas: Path, url: str, document: object) -> list[str]:
    """What the schema at `url` has against a document."""

    def retrieve(address: str) -> Any:  # noqa: ANN401 - a JSON document
        return json.loads((schemas / address.split("://", maxsplit=1)[1].split("#", maxsplit=1)[0]).read_bytes())

    validator = jsonschema_rs.Draft7Validator(retrieve(url) | {"$id": url}, validate_formats=True, retriever=retrieve)
    return [
        f"{url}: {'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in validator.iter_errors(document)
    ]


def schemas_of(document: JsonObject, kind: Kind, *, listing: bool = False) -> list[str]:
    """The schemas that the official validator applies to a document."""
    urls = [f"{OFFICIAL}{kind}/{'parent' if listing else 'children'}.json"]
    if document["type"] == "Feature":
        return [*urls, f"{OFFICIAL}records.json"]
    core = str(document["type"]).lower()
    version = document["stac_version"]
    return [
        *urls,
        f"https://schemas.stacspec.org/v{version}/{core}-spec/json-schema/{core}.json",
        *texts(document, "stac_extensions"),
    ]


KINDS = ["openeo", "cwl", "notebook", "mlflow"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_three_entries_meet_every_official_schema(embedded: Catalog, schemas: Path, kind: str) -> None:
    change = changeset(embedded, *submitted(workflow={"kind": kind, "entry": "graph.json", "title": "W"}))
    after = embedded.with_edits(change.edits)
    checked = 0
    for path in change.entries:
        entry = Kind.of(path)
        assert entry
        for url in schemas_of(after.document(path), entry[0]):
            assert errors(schemas, url, after.document(path)) == []
            checked += 1
    assert checked == 1 + 1 + 5 + 2 + 2


def test_every_document_of_the_embedded_catalog_meets_every_official_schema(embedded: Catalog, schemas: Path) -> None:
    after = embedded.with_edits(changeset(embedded, *submitted()).edits)
    paths = [path for path in after.files if path.endswith(".json") and path != "catalog.json"]
    assert len(paths) == 18
    for path in paths:
        kind, listing = Kind(path.split("/")[0]), path.count("/") == 1
        for url in schemas_of(after.document(path), kind, listing=listing):
            assert errors(schemas, url, after.document(path)) == [], path


def test_the_schemas_do_refuse(embedded: Catalog, schemas: Path) -> None:
    change = changeset(embedded, *submitted())
    document = dict(embedded.with_edits(change.edits).document(change.entries[0]))
    assert errors(schemas, f"{OFFICIAL}products/children.json", document | {"license": "other"}) != []
    assert errors(schemas, f"{OFFICIAL}products/children.json", document | {"created": "2026-03-04"}) != []
    assert errors(schemas, "https://stac-extensions.github.io/osc/v1.0.0/schema.json", document | {"osc:x": 1}) != []

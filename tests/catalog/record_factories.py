"""Workflow and experiment records as people write them, put into the embedded catalog."""

import json

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.snapshot import Catalog

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def link(rel: str, href: str, **said: object) -> dict[str, object]:
    """A link."""
    return {"rel": rel, "href": href, **said}


def record(*links: dict[str, object], **properties: object) -> JsonObject:
    """A record with these links and properties."""
    document: JsonObject = json.loads(
        json.dumps({"type": "Feature", "id": "it", "properties": {"title": "It", **properties}, "links": links})
    )
    return document


def with_workflow(catalog: Catalog, document: JsonObject) -> Catalog:
    """The catalog with a workflow `it`."""
    return catalog.with_edits({"workflows/it/record.json": json.dumps(document).encode()})


def with_experiment(
    catalog: Catalog, document: JsonObject, *, given: bytes | None = None, environment: bytes | None = None
) -> Catalog:
    """The catalog with an experiment `it`, and the two files beside it that are given."""
    files = {"experiments/it/record.json": json.dumps(document).encode()}
    for name, content in (("input.yaml", given), ("environment.yaml", environment)):
        if content is not None:
            files[f"experiments/it/{name}"] = content
    return catalog.with_edits(files)

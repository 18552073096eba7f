"""The official JSON Schemas from a local mirror, laid out by the path of their URL."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

__all__ = ["SchemaMirror"]


class SchemaMirror:
    """Validates documents against schemas by URL, with no network."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def schema(self, url: str) -> dict[str, Any]:
        """Return the schema at `url`, from the mirror."""
        path = self._folder / url.partition("://")[2].partition("#")[0]
        content: dict[str, Any] = json.loads(path.read_bytes())
        return content

    def errors(self, document: object, url: str) -> list[str]:
        """Return what the schema at `url` finds wrong with `document`."""
        validator = jsonschema_rs.validator_for(self.schema(url), retriever=self.schema)
        return [
            f"{url}: {'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in validator.iter_errors(document)
        ]

    def stac_errors(self, document: dict[str, Any]) -> list[str]:
        """Return what the core schema of the document's type and those of all its extensions find."""
        kind = {"Feature": "item", "Collection": "collection", "Catalog": "catalog"}[document["type"]]
        core = f"https://schemas.stacspec.org/v{document['stac_version']}/{kind}-spec/json-schema/{kind}.json"
        return [found for url in [core, *document.get("stac_extensions", [])] for found in self.errors(document, url)]

"""The expectations that Great Expectations knows, read from the JSON Schemas in its package without importing it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from earthcode_platform.errors import MissingExtraError

__all__ = ["Known", "known_expectations"]

_SCHEMAS: Final = "expectations/core/schemas"
_TABLES: Final = "Pandas"
"""What tables in memory are called there; the other sources are databases."""
_COMMON: Final = frozenset(
    {
        *("id", "meta", "notes", "description", "severity", "rendered_content", "windows", "batch_id", "metadata"),
        *("result_format", "catch_exceptions", "library_metadata", "condition_parser"),
    }
)
"""Fields of every expectation that are not among the arguments an author gives."""


@dataclass(frozen=True)
class Known:
    """One expectation, as its schema describes it."""

    name: str
    """Its name, such as `expect_column_mean_to_be_between`."""
    about: str
    """What it expects, in one sentence."""
    on_tables: bool
    """Whether it works on a table in memory; the others need a database."""
    schema: dict[str, Any]
    """JSON Schema of its arguments."""

    @property
    def arguments(self) -> frozenset[str]:
        """Names of its arguments."""
        return frozenset(self.schema["properties"])


@cache
def known_expectations() -> dict[str, Known]:
    """Return the expectations by name. Reading them costs some milliseconds; importing the library costs seconds.

    Raises:
        MissingExtraError: Great Expectations is not installed, or is a release without schemas.
    """
    spec = find_spec("great_expectations")
    folder = Path(str(spec.origin)).parent / _SCHEMAS if spec else Path("nowhere")
    try:
        index = json.loads((folder / "index.json").read_bytes())["expectations"]
        return {name: _known(name, entry, folder / str(entry["schema_file"])) for name, entry in index.items()}
    except FileNotFoundError:
        raise MissingExtraError.of("expectations.json", "quality") from None


def _known(name: str, entry: dict[str, Any], path: Path) -> Known:
    schema = json.loads(path.read_bytes())
    properties = {key: _relaxed(value) for key, value in schema["properties"].items() if key not in _COMMON}
    wanted = {
        "type": "object",
        "properties": properties,
        "required": [key for key in schema.get("required", []) if key in properties],
        "definitions": schema.get("definitions", {}),
    }
    return Known(name, str(entry["short_description"]), _TABLES in entry["supported_data_sources"], wanted)


def _relaxed(value: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an argument without `multipleOf`: 0.29 is no multiple of 0.01 in floating point."""
    return {key: part for key, part in value.items() if key != "multipleOf"}

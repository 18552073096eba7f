"""The JSON Schema of `experiment.yaml`, by which editors complete and check it while it is written."""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

from pydantic import JsonValue

from earthcode_platform.models.experiment import Experiment, ProductFormat, WorkflowKind
from earthcode_platform.models.new_entries import ProjectStatus

__all__ = ["SCHEMA_ID", "experiment_schema"]

SCHEMA_ID: Final = "urn:earthcode-platform:experiment:1"
"""Name of the schema; it is no address, so that no editor tries to load it."""

_CHOICES: Final[tuple[type[StrEnum], ...]] = (WorkflowKind, ProductFormat, ProjectStatus)

_EXAMPLES: Final[dict[str, list[JsonValue]]] = {
    "version": ["1.0.0"],
    "license": ["CC-BY-4.0"],
    "href": ["./data/collection.json", "https://stac.example.org/v1/collections/sentinel-2-l2a"],
    "bbox": [[13.3, 45.4, 16.6, 46.9]],
    "entry": ["workflow.json"],
    "files": [["tools", "requirements.txt"]],
    "email": ["ada@example.org"],
    "roles": [["author", "technical_officer"]],
}
"""By key: what it may look like; an editor offers these."""


def experiment_schema() -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 2020-12) of `experiment.yaml`.

    It says less than `read_experiment`: that a licence exists, that a path stays inside the folder and that a window
    does not end before it starts is beyond it. Beside the standard it has what editors show: `markdownDescription`,
    with the value that a key left out has, and `enumDescriptions`, what each choice means.
    """
    schema = Experiment.model_json_schema()
    for key, node in _described(schema):
        _for_editors(key, node)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "EarthCODE experiment",
    }


def _described(node: Any, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - any part of a schema
    """Yield every schema inside a schema, with the key that it describes; empty if it describes none."""
    if isinstance(node, list):
        for one in node:
            yield from _described(one)
    elif isinstance(node, dict):
        yield key, node
        for word, inner in node.items():
            if word in ("properties", "$defs", "patternProperties"):
                for name, one in inner.items():
                    yield from _described(one, name if word == "properties" else "")
            elif word in ("anyOf", "oneOf", "allOf", "items", "prefixItems", "additionalProperties"):
                yield from _described(inner)


def _for_editors(key: str, node: dict[str, Any]) -> None:
    # Made of the key's own name: an editor would show it above every description.
    node.pop("title", None)
    if key in _EXAMPLES and "examples" not in node:
        node["examples"] = _EXAMPLES[key]
    choices = node.get("enum")
    meanings = next((_meanings(one) for one in _CHOICES if choices and {*choices} <= {*_meanings(one)}), None)
    if choices and meanings:
        node["enumDescriptions"] = [meanings[choice] for choice in choices]
    if key and "description" in node:
        default = node.get("default")
        taken = f"\n\nIf left out: `{json.dumps(default)}`." if default not in (None, [], {}) else ""
        shown = "".join(f"\n- `{json.dumps(one, ensure_ascii=False)}`" for one in node.get("examples", ()))
        node["markdownDescription"] = str(node["description"]) + taken + (f"\n\nSuch as{shown}" if shown else "")


def _meanings(choices: type[StrEnum]) -> dict[str, str]:
    """Return what the source says below each member of an enumeration, by its value."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(choices))).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    found: dict[str, str] = {}
    for member, below in pairwise(body):
        if isinstance(member, ast.Assign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[str(ast.literal_eval(member.value))] = " ".join(str(below.value.value).split())
    return found

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from experiment_strategies import experiments
from hypothesis import given, settings
from pydantic import JsonValue

from earthcode_platform.experiments.document import parse
from earthcode_platform.experiments.schema import experiment_schema
from earthcode_platform.experiments.write import experiment_yaml
from earthcode_platform.models.experiment import Catalogued, Experiment

VALIDATOR = jsonschema_rs.validator_for(experiment_schema())


def test_the_exported_schema_is_current(checkout: Path) -> None:
    exported = (checkout / "docs" / "experiment.schema.json").read_text(encoding="utf-8")
    assert exported == json.dumps(experiment_schema(), indent=2, ensure_ascii=False) + "\n", (
        "write it anew: earthcode-platform schema --output docs/experiment.schema.json"
    )


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(experiment_schema())
    assert experiment_schema()["$id"] == "urn:earthcode-platform:experiment:1"


def test_every_example_meets_the_schema(checkout: Path) -> None:
    declared = sorted((checkout / "examples").glob("*/experiment.yaml"))
    assert declared
    for path in declared:
        VALIDATOR.validate(parse(path.read_text(encoding="utf-8"), path.name).content)


@given(experiments)
@settings(deadline=None, max_examples=30)
def test_whatever_can_be_written_meets_the_schema(experiment: Experiment) -> None:
    VALIDATOR.validate(parse(experiment_yaml(experiment), "experiment.yaml").content)


def test_editors_are_told_what_each_key_and_each_choice_means() -> None:
    definitions: Any = experiment_schema()["$defs"]
    kinds = definitions["WorkflowKind"]["anyOf"][0]
    assert (
        dict(zip(kinds["enum"], kinds["enumDescriptions"], strict=True))["cwl"]
        == "CWL application package (OGC 20-089)."
    )
    wanted = definitions["ProductWanted"]["properties"]["format"]
    assert wanted["markdownDescription"] == 'How it is written.\n\nIf left out: `"COG"`.'
    box = definitions["InputReference"]["properties"]["bbox"]
    assert "Such as\n- `[13.3, 45.4, 16.6, 46.9]`" in box["markdownDescription"]
    undescribed = [
        (name, key)
        for name, definition in definitions.items()
        for key, one in definition.get("properties", {}).items()
        if "markdownDescription" not in one
    ]
    assert undescribed == []


@pytest.mark.parametrize("key", ["titel", "", "product.id"])
def test_the_schema_is_closed(key: str) -> None:
    properties = experiment_schema()["properties"]
    assert isinstance(properties, dict)
    assert key not in properties
    assert experiment_schema()["additionalProperties"] is False


def test_the_documents_example_of_what_is_new_meets_the_schema(checkout: Path) -> None:
    page = (checkout / "docs" / "experiment.md").read_text(encoding="utf-8")
    (block,) = [one for one in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if one.startswith("osc:")]
    osc = parse(block, "experiment.md").content["osc"]
    assert Catalogued.model_validate_json(json.dumps(osc), strict=True).new_project is not None
    VALIDATOR.validate({**_declared(checkout), "osc": osc})


def _declared(checkout: Path) -> dict[str, JsonValue]:
    path = checkout / "examples" / "sst-anomaly" / "experiment.yaml"
    return parse(path.read_text(encoding="utf-8"), path.name).content

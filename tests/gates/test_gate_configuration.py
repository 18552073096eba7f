from pathlib import Path

import factories
import pytest
from pydantic import JsonValue
from recorded_engine import RecordedEngine

from earthcode_platform.gates.configuration import check
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.workflow import Parameter

SCENES = Parameter(name="scenes", json_schema={"type": "string"}, required=True)


def _factor(schema: dict[str, JsonValue], *, required: bool = False) -> Parameter:
    return Parameter(name="factor", description="What to multiply with.", json_schema=schema, required=required)


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    return factories.pinned(factories.experiment_folder(tmp_path))


def _given(pinned: PinnedExperiment, **configuration: JsonValue) -> PinnedExperiment:
    experiment = pinned.experiment.model_copy(update={"configuration": configuration})
    return pinned.model_copy(update={"experiment": experiment})


def test_names_and_values_that_fit_give_no_finding(pinned: PinnedExperiment) -> None:
    assert list(check(pinned, RecordedEngine(SCENES, _factor({"type": "number"})))) == []


def test_a_name_that_the_workflow_does_not_take(pinned: PinnedExperiment) -> None:
    engine = RecordedEngine(SCENES, _factor({}))
    found = list(check(_given(pinned, factr=2), engine))
    assert [(one.code, one.where) for one in found] == [
        ("configuration-unknown-value", "experiment.yaml: configuration.factr")
    ]
    assert found[0].remedy == "Did you mean 'factor'?"


def test_an_input_that_the_workflow_does_not_take(pinned: PinnedExperiment) -> None:
    other = SCENES.model_copy(update={"name": "images", "required": False})
    found = list(check(_given(pinned), RecordedEngine(other)))
    assert [(one.code, one.where) for one in found] == [
        ("configuration-unknown-input", "experiment.yaml: inputs.scenes")
    ]
    assert found[0].remedy == "It takes: images."


def test_what_is_needed_and_not_given(pinned: PinnedExperiment) -> None:
    found = list(check(_given(pinned), RecordedEngine(SCENES, _factor({}, required=True))))
    assert [one.code for one in found] == ["configuration-missing"]
    assert found[0].remedy == "Add it. 'factor' is: What to multiply with."


def test_a_name_that_is_given_twice(pinned: PinnedExperiment) -> None:
    found = list(check(_given(pinned, scenes="x"), RecordedEngine(SCENES)))
    assert [one.code for one in found] == ["configuration-given-twice"]


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"type": "number"}, "two", "'two' is not of type 'number'."),
        ({"type": "number", "maximum": 1}, 2, "2 is greater than the maximum of 1."),
        ({"enum": ["a", "b"]}, "c", "'c' is not one of ['a', 'b']."),
        ({"type": "array", "items": {"type": "integer"}}, [1, "x"], "[1]: 'x' is not of type 'integer'."),
        (
            {"type": "array", "items": [{"type": "integer"}, {"type": "string"}]},
            [1, 2],
            "[1]: 2 is not of type 'string'.",
        ),
        ({"type": "number"}, "x" * 5000, "…"),
    ],
)
def test_a_value_that_does_not_fit(
    pinned: PinnedExperiment, schema: dict[str, JsonValue], value: JsonValue, told: str
) -> None:
    found = list(check(_given(pinned, factor=value), RecordedEngine(SCENES, _factor(schema))))
    assert [(one.code, one.where) for one in found] == [
        ("configuration-bad-value", "experiment.yaml: configuration.factor")
    ]
    assert told in found[0].message
    assert len(found[0].message) < 300


@pytest.mark.parametrize(
    "schema",
    [{"type": "nothing"}, {"$ref": "https://example.org/schema.json"}, {"$ref": "#"}, {"$ref": "#/definitions/x"}],
)
def test_a_schema_that_cannot_be_used_is_the_workflows_fault(
    pinned: PinnedExperiment, schema: dict[str, JsonValue]
) -> None:
    found = list(check(_given(pinned, factor=1), RecordedEngine(SCENES, _factor(schema))))
    assert [one.code for one in found] == ["configuration-bad-schema"]


def test_nothing_is_said_of_a_workflow_that_cannot_be_read(pinned: PinnedExperiment) -> None:
    broken = Finding(code="workflow-not-json", severity=Severity.ERROR, where="w", message="m")
    assert list(check(pinned, RecordedEngine(findings=[broken]))) == []
    found = list(check(pinned, RecordedEngine()))
    assert [one.code for one in found] == ["configuration-unknown-input", "configuration-unknown-value"]


def test_a_credential_in_a_value_is_not_shown(pinned: PinnedExperiment) -> None:
    value = "https://me:hunter2@example.org/" + "x" * 500
    found = list(check(_given(pinned, factor=value), RecordedEngine(SCENES, _factor({"type": "number"}))))
    assert "hunter2" not in str(found)

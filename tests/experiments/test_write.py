import tempfile
from pathlib import Path

import yaml
from experiment_strategies import configurations, experiments
from hypothesis import given, settings
from pydantic import JsonValue

from earthcode_platform.experiments.read import read_experiment
from earthcode_platform.experiments.write import experiment_yaml
from earthcode_platform.models.experiment import Experiment


def _read_back(text: str) -> Experiment:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "experiment.yaml"
        path.write_text(text, encoding="utf-8", newline="")
        return read_experiment(path)


@given(experiments)
@settings(deadline=None, max_examples=40)
def test_what_is_written_reads_back_equal(experiment: Experiment) -> None:
    assert _read_back(experiment_yaml(experiment)) == experiment


@given(experiments)
@settings(deadline=None, max_examples=30)
def test_readers_of_yaml_1_1_see_the_same_texts(experiment: Experiment) -> None:
    content = yaml.safe_load(experiment_yaml(experiment))
    assert content["title"] == experiment.title
    assert content["version"] == experiment.version
    assert content.get("configuration", {}) == experiment.configuration


@given(configurations)
@settings(deadline=None, max_examples=30)
def test_null_in_a_configuration_is_a_value(configuration: dict[str, JsonValue]) -> None:
    text = experiment_yaml(_small().model_copy(update={"configuration": {**configuration, "nothing": None}}))
    assert _read_back(text).configuration == {**configuration, "nothing": None}


def test_defaults_are_left_out_and_the_order_is_the_models() -> None:
    text = experiment_yaml(_small())
    assert [line.split(":")[0] for line in text.splitlines() if not line.startswith((" ", "-"))] == [
        "id",
        "version",
        "title",
        "description",
        "license",
        "contacts",
        "osc",
        "workflow",
        "inputs",
        "product",
    ]
    assert "null" not in text
    assert "roles" not in text
    assert "Märchen 🌍" in text
    assert "bbox: [-10.0, 40.0, 10.5, 60.0]" in text


def _small() -> Experiment:
    return Experiment.model_validate(
        {
            "id": "a",
            "version": "1.0",
            "title": "Märchen 🌍",
            "description": "d",
            "license": "MIT",
            "contacts": [{"name": "Ada"}],
            "osc": {"project": "p", "themes": ["t"]},
            "workflow": {"kind": "openeo", "entry": "graph.json", "title": "w"},
            "inputs": {"sst": {"href": "item.json", "bbox": [-10, 40, 10.5, 60]}},
            "product": {"id": "q", "title": "Q"},
        }
    )

"""The JSON Schema of `experiment.yaml`, by which editors complete and check it while it is written."""

from typing import Final

from pydantic import JsonValue

from earthcode_platform.models.experiment import Experiment

__all__ = ["SCHEMA_ID", "experiment_schema"]

SCHEMA_ID: Final = "urn:earthcode-platform:experiment:1"
"""Name of the schema; it is no address, so that no editor tries to load it."""


def experiment_schema() -> dict[str, JsonValue]:
    """Return the JSON Schema (draft 2020-12) of `experiment.yaml`.

    It says less than `read_experiment`: that a licence exists, that a path stays inside the folder and that a window
    does not end before it starts is beyond it.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **Experiment.model_json_schema(),
        "title": "EarthCODE experiment",
    }

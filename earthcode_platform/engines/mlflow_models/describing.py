"""A model in the terms of STAC's machine learning model extension."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from earthcode_platform.models.run import ModelUsed
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from earthcode_platform.engines.mlflow_models.choices import Choices
    from earthcode_platform.engines.mlflow_models.document import Model
    from earthcode_platform.engines.mlflow_models.signature import Column, Signature

__all__ = ["describe_model"]

_FRAMEWORKS: Final = {
    "sklearn": "scikit-learn",
    "onnx": "ONNX",
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "transformers": "Hugging Face",
    "python_function": "MLflow",
}
"""What the extension calls libraries (MLM 1.5.2, Framework)."""
_NAME: Final = re.compile(r"^[a-zA-Z][a-zA-Z0-9_.\-\s]+[a-zA-Z0-9]$")
_SEMANTIC: Final = re.compile(r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")
_SETTING: Final = re.compile(r"^[0-9a-zA-Z_.-]+$")
_SETTINGS: Final = 64
_LONGEST: Final = 200


def describe_model(
    model: Model, signature: Signature, choices: Choices, facts: Mapping[str, JsonValue], title: str
) -> ModelUsed:
    """Return the model as the extension describes it (MLM 1.5.2, Item Properties).

    What the author wrote into the model's metadata as `mlm:…` goes before what can be read from it.

    Args:
        model: The model.
        signature: What it takes and gives.
        choices: The bands that its columns were given.
        facts: What the loaded model told of itself.
        title: The workflow's title, which names the model if the author does not.
    """
    tasks: JsonValue = ["classification" if _whole(signature.outputs[0]) else "regression"]
    named = {key: value for key, value in model.metadata.items() if str(key).startswith("mlm:")}
    tasks = named.get("mlm:tasks", tasks)
    version = str(model.flavors.get(model.flavor, {}).get(f"{model.flavor}_version") or "")
    settings = _settings(facts.get("hyperparameters"))
    properties: dict[str, JsonValue] = {
        "mlm:name": title if _NAME.match(title) else "model",
        "mlm:architecture": public(facts.get("architecture") or "")[:_LONGEST] or "unknown",
        "mlm:tasks": tasks,
        "mlm:framework": _FRAMEWORKS.get(model.flavor, model.flavor),
        **({"mlm:framework_version": version} if _SEMANTIC.match(version) else {}),
        **({"mlm:hyperparameters": settings} if settings else {}),
        "mlm:input": [_input(signature, choices)],
        "mlm:output": [_output(output, tasks) for output in signature.outputs],
    }
    return ModelUsed(
        media_type="application/yaml",
        artifact_type=f"mlflow.{'pyfunc' if model.flavor == 'python_function' else model.flavor}.save_model",
        bands=choices.bands,
        properties=properties | named,
    )


def _input(signature: Signature, choices: Choices) -> dict[str, JsonValue]:
    kind = np.result_type(*(column.dtype for column in signature.inputs))
    return {
        "name": "pixels",
        "bands": [*choices.bands],
        "input": {
            "shape": [-1, len(signature.inputs)],
            "dim_order": ["batch", "bands"],
            "data_type": _data_type(str(kind)),
        },
    }


def _output(output: Column, tasks: JsonValue) -> dict[str, JsonValue]:
    wide = output.width > 1
    return {
        "name": output.name,
        "tasks": tasks,
        "result": {
            "shape": [-1, output.width] if wide else [-1],
            "dim_order": ["batch", "class"] if wide else ["batch"],
            "data_type": _data_type(output.dtype),
        },
    }


def _whole(output: Column) -> bool:
    return np.dtype(output.dtype).kind in "iub"


def _data_type(dtype: str) -> str:
    """Return the extension's name of a type (STAC raster extension, data types), which has no booleans."""
    return "uint8" if dtype == "bool" else dtype


def _settings(told: JsonValue) -> dict[str, JsonValue]:
    """Return hyperparameters that a document may carry: a stranger's process told them."""
    if not isinstance(told, dict):
        return {}
    kept: dict[str, JsonValue] = {}
    for name, value in list(told.items())[:_SETTINGS]:
        if _SETTING.match(name) and isinstance(value, bool | int | float | str):
            kept[name] = public(value)[:_LONGEST] if isinstance(value, str) else value
    return kept

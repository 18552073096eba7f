"""Predictions of models that the workflow brings along."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from earthcode_platform.cubes.blocks import blockwise
from earthcode_platform.engines.openeo.along import ELEMENT, Along, Array, Value, stacked
from earthcode_platform.engines.openeo.models import Model, model_at, predicted
from earthcode_platform.engines.openeo.session import Session
from earthcode_platform.errors import ExecutionError

__all__ = ["load_ml_model", "predict_onnx", "predict_probabilities", "predict_random_forest"]


def load_ml_model(session: Session, id_: str) -> Model:
    """Return a model in ONNX: a further file of the workflow, by its name or by the address whose copy it is.

    A STAC item that names an asset in ONNX will do, too. Other formats are refused: they run code when they are loaded.

    Raises:
        UnknownNameError: It is no file of the workflow.
        ExecutionError: It is no such model (ModelUnsupported).
        MissingExtraError: The extra `onnx` is not installed.
    """
    return model_at(session.file(id_), session.file)


def predict_random_forest(data: Array, model: Model) -> Value:
    """Return what a model gives for an array of features: of a classifier the class, of a regression the value.

    Where a feature is no-data, so is the prediction.

    Raises:
        ExecutionError: The array has another number of features than the model takes.
    """
    return _first(_predicted(data, model, 0))


def predict_onnx(data: Array, model: Model) -> Value:
    """Return the first number that a model gives for an array of features. Otherwise as `predict_random_forest`.

    Raises:
        ExecutionError: The array has another number of features than the model takes.
    """
    return _first(_predicted(data, model, 0))


def predict_probabilities(data: Array, model: Model) -> Array:
    """Return the probability of each class, as a classifier gives them beside the class.

    Raises:
        ExecutionError: The array has another number of features than the model takes, or it gives no probabilities.
    """
    if len(model.outputs) < 2:  # noqa: PLR2004 - class and probabilities
        raise ExecutionError(
            "ModelUnsupported: the model gives one output, and no probabilities.",
            remedy="Convert it with its probabilities as an array (skl2onnx: zipmap=False).",
        )
    return _predicted(data, model, 1)


def _first(array: Along) -> Value:
    return array.element(0)


def _predicted(data: Array, model: Model, output: int) -> Along:
    features = data if isinstance(data, Along) else stacked(list(data))
    if model.features not in (None, len(features)):
        raise ExecutionError(
            f"the model takes {model.features} features, and the array has {len(features)}.",
            remedy="Choose the bands that it was trained with, in their order (filter_bands).",
        )
    count = _count(model, len(features), output)

    def kernel(values: NDArray[Any]) -> NDArray[np.float64]:
        return predicted(model, values, output)

    made: xr.DataArray = blockwise(
        kernel, features.cube, dtype="float64", over=features.dimension, appended=ELEMENT, count=count
    )
    return Along(made, ELEMENT)


def _count(model: Model, features: int, output: int) -> int:
    """Return how many numbers the model gives for a pixel, seen on one."""
    try:
        return int(predicted(model, np.zeros((1, features)), output).shape[-1])
    except ValueError as error:
        raise ExecutionError(
            f"ModelUnsupported: {error}.", remedy="Take a model with one row for each pixel."
        ) from None

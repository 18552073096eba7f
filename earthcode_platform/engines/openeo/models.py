"""Models of machine learning in ONNX, applied to each pixel.

ONNX is a format of numbers and operators: unlike a pickle, reading one runs no code of its author (https://onnx.ai).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from earthcode_platform.errors import ExecutionError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Model", "model_at", "predicted"]

_SUFFIX: Final = ".onnx"
_TYPES: Final = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(float16)": "float16"}
_FEATURES: Final = 2
"""Axes of an input that holds one row of features for each pixel."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that was loaded: where it is, and what it takes. The session itself is opened where it computes."""

    path: str
    """The file."""
    name: str
    """The input."""
    features: int | None
    """How many numbers it takes for each pixel; None if it takes any number."""
    dtype: str
    """In which type."""
    outputs: tuple[str, ...]
    """What it gives."""


def model_at(path: Path, resolve: Callable[[str], Path]) -> Model:
    """Return the model in a file: ONNX, or a STAC item that names one among its assets.

    Args:
        path: The file.
        resolve: Gives the file of the workflow for an href of an asset.

    Raises:
        ExecutionError: It is neither, or it does not take one row of numbers for each pixel (ModelUnsupported).
        UnknownNameError: The asset is no file of the workflow.
        MissingExtraError: The extra `onnx` is not installed.
    """
    if path.suffix.lower() != _SUFFIX:
        path = resolve(_href_of(path))
    session = _session(str(path))
    taken = session.get_inputs()
    shape = taken[0].shape
    if len(taken) != 1 or len(shape) != _FEATURES or taken[0].type not in _TYPES:
        raise ExecutionError(
            f"ModelUnsupported: {path.name} takes {', '.join(f'{one.name} {one.shape}' for one in taken)}.",
            remedy="Take a model with one input of shape (pixels, features) in floating point.",
        )
    features = shape[1] if isinstance(shape[1], int) else None
    outputs = tuple(one.name for one in session.get_outputs())
    return Model(str(path), taken[0].name, features, _TYPES[taken[0].type], outputs)


def predicted(model: Model, values: NDArray[Any], output: int = 0) -> NDArray[np.float64]:
    """Return what the model gives for the features along the last axis; NaN where one of them is NaN.

    Args:
        model: The model.
        values: Features along the last axis.
        output: Which output to take: of classifiers the first holds the class, the second the probabilities.

    Raises:
        ValueError: The output is none of one number, or one row of numbers, for each pixel.
    """
    rows = values.reshape(-1, values.shape[-1])
    known = ~np.isnan(rows).any(axis=1)
    session = _session(model.path)
    made = np.asarray(session.run([model.outputs[output]], {model.name: rows[known].astype(model.dtype)})[0])
    if made.shape[:1] != (int(known.sum()),):
        raise ValueError(f"the output {model.outputs[output]!r} has the shape {made.shape}")
    flat = made.reshape(made.shape[0], -1) if made.size else np.empty((0, 1))
    found = np.full((rows.shape[0], flat.shape[1]), np.nan)
    found[known] = flat
    return found.reshape(*values.shape[:-1], -1)


def _href_of(path: Path) -> str:
    """Return the href of the ONNX asset of a STAC item."""
    try:
        item = json.loads(path.read_bytes())
        assets = item["assets"].values()
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ExecutionError(
            f"ModelUnsupported: {path.name} is neither ONNX nor a STAC item of a model.",
            remedy="Convert the model to ONNX: other formats run code when they are loaded.",
        ) from None
    hrefs = [str(asset.get("href", "")) for asset in assets]
    found = next((href for href in hrefs if href.lower().endswith(_SUFFIX)), None)
    if found is None:
        raise ExecutionError(
            f"ModelUnsupported: no asset of {path.name} is ONNX, but {', '.join(hrefs) or 'there is none'}.",
            remedy="Convert the model to ONNX, and name the file under workflow.copies for this address.",
        )
    return found


@lru_cache(maxsize=4)
def _session(path: str) -> Any:  # noqa: ANN401 - onnxruntime has no types
    try:
        import onnxruntime
    except ImportError:
        raise MissingExtraError.of("load_ml_model", "onnx") from None
    options = onnxruntime.SessionOptions()
    # Blocks are computed side by side already.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - its errors have no other common class
        raise ExecutionError(
            f"ModelUnsupported: {Path(path).name} cannot be read as ONNX: {str(error).splitlines()[0]}",
            remedy="Check the file with onnx.checker.",
        ) from None

"""What a model says it takes and gives (MLflow, model signatures)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from earthcode_platform.models.workflow import Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

__all__ = ["Column", "Signature", "SignatureError", "read_signature"]

_NUMBERS: Final = {
    "boolean": "bool",
    "integer": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
}
"""NumPy names of MLflow's column types that are numbers (MLflow, DataType)."""
_TENSORS: Final = ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "bool")
_PARAMETERS: Final = {
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "string": "string",
}
"""JSON Schema types of MLflow's types of parameters."""


class SignatureError(ValueError):
    """A signature that cannot be used; the text says why, and `code` by which rule."""

    def __init__(self, code: str, key: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.key, self.remedy = code, key, remedy


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or one tensor, that a model takes or gives."""

    name: str
    """Its name; empty if the signature gives none."""
    dtype: str
    """NumPy name of its type."""
    width: int = 1
    """How many numbers it holds for a pixel."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes for a pixel, and what it gives."""

    inputs: tuple[Column, ...]
    """Its columns in order; a tensor of shape (-1, n) has n of them, without names."""
    outputs: tuple[Column, ...]
    """What it gives, in order."""
    tensor: bool
    """Whether it takes an array instead of a table."""
    parameters: tuple[Parameter, ...]
    """Further values that it takes."""

    @property
    def named(self) -> bool:
        """Whether its columns have names."""
        return all(column.name for column in self.inputs)


def read_signature(declared: Mapping[str, object]) -> Signature:
    """Return the signature of an MLmodel file.

    Raises:
        SignatureError: It cannot be read, or is none of numbers for each pixel.
    """
    inputs, outputs = _entries(declared, "inputs"), _entries(declared, "outputs")
    for key, entries in (("inputs", inputs), ("outputs", outputs)):
        if not entries:
            message = f"its signature does not say what the model {'takes' if key == 'inputs' else 'gives'}."
            raise SignatureError("no-signature", f"signature.{key}", message, "Save it with infer_signature(X, y).")
    tensor = inputs[0].get("type") == "tensor"
    columns = _tensor_columns(inputs) if tensor else tuple(_column(entry, "inputs") for entry in inputs)
    given = tuple(_output(entry, number) for number, entry in enumerate(outputs))
    names = [column.name for column in columns if column.name]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SignatureError(
            "bad-signature", "signature.inputs", f"the column {twice!r} is there twice.", "Rename one."
        )
    return Signature(columns, given, tensor, tuple(map(_parameter, _entries(declared, "params"))))


def _entries(declared: Mapping[str, object], key: str) -> list[dict[str, object]]:
    """Return one part of the signature, which is JSON in a text."""
    value = declared.get(key)
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise _bad(f"signature.{key}", f"it is no JSON: {error}.") from None
    if parsed is None:
        return []
    if not isinstance(parsed, list) or not all(isinstance(entry, dict) for entry in parsed):
        raise _bad(f"signature.{key}", "it is no list of objects.")
    return parsed


def _bad(key: str, message: str) -> SignatureError:
    return SignatureError("bad-signature", key, message, "Save the model anew with MLflow.")


def _column(entry: Mapping[str, object], part: str) -> Column:
    name, kind = str(entry.get("name") or ""), str(entry.get("type"))
    place = f"signature.{part}, column {name!r}"
    if kind not in _NUMBERS:
        code = "column-type" if part == "inputs" else "output-type"
        message = f"the column {name!r} is of the type {kind!r}, and bands hold numbers."
        raise SignatureError(code, place, message, f"Train it on numbers: {', '.join(_NUMBERS)}.")
    return Column(name, _NUMBERS[kind])


def _shape(entry: Mapping[str, object], key: str) -> tuple[str, list[int]]:
    spec = entry.get("tensor-spec")
    if not isinstance(spec, dict) or not isinstance(spec.get("shape"), list):
        raise _bad(key, f"{entry!r} has no tensor-spec with a shape.")
    shape = spec["shape"]
    if not all(isinstance(length, int) for length in shape):
        raise _bad(key, f"the shape {shape!r} is not one of whole numbers.")
    return str(spec.get("dtype")), shape


def _tensor_columns(entries: list[dict[str, object]]) -> tuple[Column, ...]:
    if len(entries) > 1:
        message = f"it takes {len(entries)} tensors."
        remedy = "Wrap it in a model that takes one of shape (-1, bands)."
        raise SignatureError("tensor-shape", "signature.inputs", message, remedy)
    dtype, shape = _shape(entries[0], "signature.inputs")
    if len(shape) != 2 or shape[0] != -1 or shape[1] < 1:  # noqa: PLR2004 - pixels and bands
        message = f"it takes a tensor of shape {tuple(shape)}, and pixels are given as (-1, bands)."
        remedy = "Wrap it in a model that takes one row for a pixel."
        raise SignatureError("tensor-shape", "signature.inputs", message, remedy)
    if dtype not in _TENSORS:
        message = f"it takes a tensor of {dtype!r}, and bands hold numbers."
        raise SignatureError("column-type", "signature.inputs", message, f"Train it on one of {', '.join(_TENSORS)}.")
    return tuple(Column("", dtype) for _ in range(shape[1]))


def _output(entry: Mapping[str, object], number: int) -> Column:
    if entry.get("type") != "tensor":
        column = _column(entry, "outputs")
        return Column(column.name or _unnamed(number), column.dtype)
    name = str(entry.get("name") or _unnamed(number))
    dtype, shape = _shape(entry, "signature.outputs")
    if dtype not in _TENSORS:
        message = f"{name!r} is a tensor of {dtype!r}, and a product holds numbers."
        remedy = "Let it give numbers, such as the number of a class."
        raise SignatureError("output-type", "signature.outputs", message, remedy)
    if shape[:1] != [-1] or len(shape) > 2 or any(length < 1 for length in shape[1:]):  # noqa: PLR2004 - pixels and numbers
        message = f"{name!r} has the shape {tuple(shape)}, and pixels come back as (-1,) or (-1, numbers)."
        raise SignatureError("tensor-shape", "signature.outputs", message, "Let it give one row for a pixel.")
    return Column(name, dtype, shape[1] if shape[1:] else 1)


def _unnamed(number: int) -> str:
    return "prediction" if number == 0 else f"prediction{number + 1}"


def _parameter(entry: Mapping[str, object]) -> Parameter:
    name, kind = str(entry.get("name")), str(entry.get("type"))
    if kind not in _PARAMETERS:
        message = f"its parameter {name!r} is of the type {kind!r}."
        remedy = f"Use one of {', '.join(_PARAMETERS)}."
        raise SignatureError("bad-signature", "signature.params", message, remedy)
    schema: dict[str, JsonValue] = {"type": _PARAMETERS[kind]}
    if entry.get("shape") is not None:
        schema = {"type": "array", "items": schema}
    default: JsonValue = json.loads(json.dumps(entry.get("default")))
    return Parameter(name=name, json_schema=schema, required=default is None, default=default)

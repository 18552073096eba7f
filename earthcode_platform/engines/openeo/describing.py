"""What runs here, as an openEO back-end publishes it: the answer to `GET /processes` (openEO API 1.2)."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Sequence
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import xarray as xr

from earthcode_platform.engines.openeo.allowed import AtLeast
from earthcode_platform.engines.openeo.along import Along
from earthcode_platform.engines.openeo.extents import daily_interval, interval, require_box
from earthcode_platform.engines.openeo.fitting import options_of
from earthcode_platform.engines.openeo.geometries import Geometries, geometries_of
from earthcode_platform.engines.openeo.moments import parsed
from earthcode_platform.engines.openeo.registry import processes

if TYPE_CHECKING:
    from earthcode_platform.engines.openeo.registry import Argument, Process

__all__ = ["described"]

_PLAIN: Final[dict[object, dict[str, Any]]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
    object: {},
    xr.DataArray: {"type": "object", "subtype": "datacube"},
    Along: {"type": "array", "subtype": "labeled-array"},
    Geometries: {"type": "object", "subtype": "datacube"},
}
_MARKED: Final[dict[object, dict[str, Any]]] = {
    parsed: {"format": "date-time"},
    interval: {"subtype": "temporal-interval", "minItems": 2, "maxItems": 2},
    daily_interval: {"subtype": "temporal-interval", "minItems": 2, "maxItems": 2},
    geometries_of: {"subtype": "geojson"},
    require_box: {"subtype": "bounding-box", "required": ["west", "south", "east", "north"]},
}
"""What the functions beside types stand for in JSON Schema and openEO's subtypes."""


def described() -> dict[str, Any]:
    """Return all processes in JSON: what each does, what it takes and what it gives."""
    return {"processes": [_process(known[name]) for known in (processes(),) for name in sorted(known)], "links": []}


def _process(process: Process) -> dict[str, Any]:
    # What stands behind it tells developers of arguments and errors in Python's names.
    text = re.split(r"\n\n(?:Args|Raises):\n", inspect.getdoc(process.function) or "")[0]
    signature = inspect.signature(process.function)
    gives = typing.get_type_hints(process.function, include_extras=True)["return"]
    return {
        "id": process.id,
        "summary": " ".join(text.partition("\n\n")[0].split()),
        "description": text,
        "parameters": [
            _parameter(argument, signature.parameters[argument.keyword].default)
            for argument in process.arguments.values()
        ],
        "returns": {"description": "What it gives.", "schema": _schema(gives)},
    }


def _parameter(argument: Argument, default: object) -> dict[str, Any]:
    told = {"name": argument.name, "description": argument.name, "schema": _schema(argument.hint)}
    if argument.required:
        return told
    return {**told, "optional": True, "default": list(default) if isinstance(default, tuple) else default}


def _schema(hint: object) -> dict[str, Any] | list[dict[str, Any]]:
    """Return the schema of a hint; openEO writes alternatives as an array of schemas."""
    schemas: list[dict[str, Any]] = []
    for option in options_of(hint):
        one = _of_option(option)
        if one is not None and one not in schemas:
            schemas.append(one)
    return schemas[0] if len(schemas) == 1 else schemas or {}


def _of_option(option: object) -> dict[str, Any] | None:
    origin, parts = typing.get_origin(option), typing.get_args(option)
    if origin is Annotated:
        return _of_annotated(*parts[:2])
    if origin is Literal:
        return {"type": "string", "enum": list(parts)}
    if origin is Sequence:
        items = _schema(parts[0])
        return {"type": "array", **({"items": {"anyOf": items} if isinstance(items, list) else items} if items else {})}
    if origin is dict:
        return {"type": "object"}
    known = _PLAIN.get(option)
    return None if known is None else dict(known)


def _of_annotated(bare: object, mark: object) -> dict[str, Any] | None:
    if isinstance(mark, tuple):
        names = [{"name": name, "description": name, "schema": {}} for name in mark]
        return {"type": "object", "subtype": "process-graph", "parameters": names}
    schema = _schema(bare)
    bound = {"minimum": mark.least} if isinstance(mark, AtLeast) else _MARKED.get(mark, {})
    return {"anyOf": schema} if isinstance(schema, list) else {**schema, **bound}

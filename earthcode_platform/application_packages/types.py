"""Types of CWL: what they are called, and as JSON Schemas (CWL v1.2, CWLType and its schemas)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["Shape", "is_array", "is_optional", "json_schema", "shape_of", "spelled"]

_FILE: Final[dict[str, JsonValue]] = {
    "type": "object",
    "properties": {"class": {"const": "File"}, "path": {"type": "string", "minLength": 1}},
    "required": ["class", "path"],
    "additionalProperties": False,
}
_SCALARS: Final[dict[str, dict[str, JsonValue]]] = {
    "null": {"type": "null"},
    "boolean": {"type": "boolean"},
    "int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "long": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "string": {"type": "string"},
    "File": _FILE,
    "Directory": {**_FILE, "properties": {"class": {"const": "Directory"}, "path": {"type": "string", "minLength": 1}}},
}


class Shape:
    """What of STAC data an input of a workflow can take."""

    DIRECTORY = "Directory"
    """A folder with a catalog of all items."""
    DIRECTORIES = "Directory[]"
    """A folder for each item, each with a catalog."""
    ADDRESS = "string"
    """The address of the only item."""
    ADDRESSES = "string[]"
    """The address of each item."""


def spelled(stated: object) -> object:
    """Return a type without the abbreviations `?` and `[]` (CWL v1.2, type DSL)."""
    if isinstance(stated, list):
        return [spelled(one) for one in stated]
    if not isinstance(stated, str):
        return stated
    if stated.endswith("?"):
        return ["null", spelled(stated[:-1])]
    if stated.endswith("[]"):
        return {"type": "array", "items": spelled(stated[:-2])}
    return stated


def is_optional(stated: object) -> bool:
    """Tell whether a value may be left out."""
    full = spelled(stated)
    return full == "null" or (isinstance(full, list) and "null" in full)


def is_array(stated: object) -> bool:
    """Tell whether a value of the type may be an array; a type that is defined elsewhere may be anything."""
    known = _present(stated)
    return any(not isinstance(one, str) or one not in _SCALARS for one in known) and any(
        (isinstance(one, dict) and one.get("type") == "array") or (isinstance(one, str) and one not in _SCALARS)
        for one in known
    )


def _present(stated: object) -> list[object]:
    full = spelled(stated)
    return [one for one in full if one != "null"] if isinstance(full, list) else [full]


def shape_of(stated: object) -> str | None:
    """Return how STAC data reach an input of the type (`Shape`); None if they cannot."""
    for one in _present(stated):
        if one in (Shape.DIRECTORY, Shape.ADDRESS):
            return str(one)
        items = spelled(one.get("items")) if isinstance(one, dict) and one.get("type") == "array" else None
        if items in (Shape.DIRECTORY, Shape.ADDRESS):
            return f"{items}[]"
    return None


def json_schema(stated: object) -> dict[str, JsonValue]:
    """Return the JSON Schema of values of the type; of a type that is defined elsewhere, one that takes anything."""
    match cast("Any", spelled(stated)):
        case [*several]:
            return {"anyOf": [json_schema(one) for one in several]}
        case {"type": "array", **rest}:
            return {"type": "array", "items": json_schema(rest.get("items"))}
        case {"type": "enum", "symbols": [*symbols]}:
            return {"enum": [str(symbol).rpartition("/")[2].rpartition("#")[2] for symbol in symbols]}
        case {"type": "record", **rest}:
            return _record(rest.get("fields"))
        case {"type": inner}:
            return json_schema(inner)
        case name:
            return dict(_SCALARS.get(str(name), {}))


def _record(stated: object) -> dict[str, JsonValue]:
    from earthcode_platform.application_packages.document import named

    fields = named(stated, "type", key="name")
    needed: list[JsonValue] = [name for name, one in fields.items() if not is_optional(one.get("type"))]
    properties: JsonValue = {name: json_schema(one.get("type")) for name, one in fields.items()}
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}

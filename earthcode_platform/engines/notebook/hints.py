"""Type hints and literals of a parameters cell as JSON Schema."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["schema_of_hint", "schema_of_value"]

_PLAIN: Final[dict[str, JsonValue]] = {
    "int": "integer",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "None": "null",
    "dict": "object",
    "Dict": "object",
    "Mapping": "object",
    "list": "array",
    "List": "array",
    "Sequence": "array",
    "tuple": "array",
    "Tuple": "array",
    "set": "array",
}
"""JSON's types by the names of Python's. JSON's `integer` takes 2.0 too, which Python's `int` would not."""


def schema_of_hint(hint: str | ast.expr) -> dict[str, JsonValue]:
    """Return what a type hint asks for; empty if it is none that a value in JSON can be held against.

    >>> schema_of_hint("Optional[int]")
    {'anyOf': [{'type': 'integer'}, {'type': 'null'}]}
    >>> schema_of_hint("list[float]")
    {'type': 'array', 'items': {'type': 'number'}}
    """
    if isinstance(hint, str):
        try:
            hint = ast.parse(hint, mode="eval").body
        except (SyntaxError, ValueError):
            return {}
    if isinstance(hint, ast.Constant) and isinstance(hint.value, str):
        return schema_of_hint(hint.value)
    if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
        return _any_of([hint.left, hint.right])
    if isinstance(hint, ast.Subscript):
        return _subscripted(_last(hint.value), hint.slice)
    kind = _PLAIN.get(_last(hint))
    return {"type": kind} if kind else {}


def _last(hint: ast.expr) -> str:
    """Return `Optional` for `typing.Optional`, and `None` for None."""
    return ast.unparse(hint).rpartition(".")[2]


def _subscripted(name: str, inner: ast.expr) -> dict[str, JsonValue]:
    given = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Literal":
        values = [entry.value for entry in given if isinstance(entry, ast.Constant)]
        return {"enum": [value for value in values if isinstance(value, str | int | float | bool | None)]}
    if name in ("Optional", "Union"):
        return _any_of([*given, ast.Constant(None)] if name == "Optional" else given)
    if name in ("Annotated", "Final"):
        return schema_of_hint(given[0])
    return _container(_PLAIN.get(name), given)


def _container(kind: JsonValue, given: list[ast.expr]) -> dict[str, JsonValue]:
    if kind not in ("object", "array"):
        return {}
    alike = kind == "object" or len(given) == 1 or ast.unparse(given[-1]) == "..."
    held = schema_of_hint(given[-1] if kind == "object" else given[0]) if alike else {}
    key = "additionalProperties" if kind == "object" else "items"
    return {"type": kind, key: held} if held else {"type": kind}


def _any_of(hints: list[ast.expr]) -> dict[str, JsonValue]:
    choices = [schema_of_hint(hint) for hint in hints]
    return {"anyOf": list(choices)} if all(choices) else {}


def schema_of_value(value: JsonValue) -> dict[str, JsonValue]:
    """Return the type of a literal; empty for None, which says nothing of what else may be given."""
    # bool is an int to isinstance.
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return {"type": name}
    if isinstance(value, list):
        return {"type": "array"}
    return {"type": "object"} if isinstance(value, dict) else {}

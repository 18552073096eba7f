"""The parameters of a notebook: the names that its cell tagged `parameters` gives defaults to."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from typing import TYPE_CHECKING, Final

from earthcode_platform.engines.notebook.hints import schema_of_hint, schema_of_value
from earthcode_platform.models.workflow import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import JsonValue

    from earthcode_platform.engines.notebook.cells import Cell

__all__ = ["OUTPUT_FOLDER", "TAG", "declared_parameters", "parameters_cells", "twice_declared"]

TAG: Final = "parameters"
"""The tag of the cell (papermill, "Parameterize a notebook")."""
OUTPUT_FOLDER: Final = "output_folder"
"""The parameter in which the platform names the folder that the notebook writes its product into."""
_COMMENT: Final = re.compile(r"#\s*(?:type:\s*(?P<hint>\S+))?\s*(?P<help>.*)")
"""`# type: int  What it means`, as papermill's `inspect_notebook` reads comments behind a parameter."""


def parameters_cells(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells with the tag; a notebook that takes parameters has one."""
    return [cell for cell in cells if TAG in cell.tags]


def declared_parameters(cell: Cell) -> tuple[Parameter, ...]:
    """Return the parameters that the cell declares, `output_folder` included.

    A type hint or a `# type:` comment says what a value must be, or else the default does. Without a default, or with
    None where the hint does not allow it, a value must be given.
    """
    comments = _comments(cell.source)
    found: dict[str, Parameter] = {}
    for name, statement in _declarations(cell):
        hint, told = comments.get(statement.end_lineno or 0, ("", ""))
        found[name] = _parameter(name, statement, hint, f"{told.rstrip('.')} ({cell.place})" if told else cell.place)
    return tuple(found.values())


def twice_declared(cell: Cell) -> list[str]:
    """Return the names that the cell assigns more than once, of which the last would count."""
    names = [name for name, _ in _declarations(cell)]
    return sorted({name for name in names if names.count(name) > 1})


def _declarations(cell: Cell) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign]]:
    for statement in cell.tree.body if cell.tree else ():
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement


def _parameter(name: str, statement: ast.Assign | ast.AnnAssign, hint: str, description: str) -> Parameter:
    literal, default = _literal(statement.value)
    annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else hint
    schema = schema_of_hint(annotation) or schema_of_value(default)
    wanting = statement.value is None or (literal and default is None and bool(schema) and not _nullable(schema))
    return Parameter(name=name, description=description, json_schema=schema, required=wanting, default=default)


def _literal(value: ast.expr | None) -> tuple[bool, JsonValue]:
    """Tell whether a default can be read without running it, and return it as JSON has it."""
    try:
        read = None if value is None else ast.literal_eval(value)
        return value is not None, json.loads(json.dumps(read, allow_nan=False))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def _nullable(schema: dict[str, JsonValue]) -> bool:
    choices, allowed = schema.get("anyOf", []), schema.get("enum", [])
    return (
        schema.get("type") == "null"
        or (isinstance(allowed, list) and None in allowed)
        or (isinstance(choices, list) and any(isinstance(each, dict) and _nullable(each) for each in choices))
    )


def _comments(source: str) -> dict[int, tuple[str, str]]:
    """Return type hint and help of the comments behind code, by line."""
    found = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and (match := _COMMENT.match(token.string)):
                found[token.start[0]] = (match["hint"] or "", match["help"].strip())
    except (tokenize.TokenError, SyntaxError):  # magics in the cell; what was read counts
        return found
    return found

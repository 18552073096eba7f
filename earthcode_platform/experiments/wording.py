"""What is wrong with `experiment.yaml`, in words for somebody who has never heard of the model behind it."""

import json
import re
from functools import cache
from typing import Any, Final, NamedTuple

from pydantic import JsonValue
from pydantic_core import ErrorDetails

from earthcode_platform.errors import nearest
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.redaction import public

__all__ = ["Problem", "shown", "worded"]

_LONGEST: Final = 60

_ADDRESS: Final = "Write it as https://example.org/page, other characters than those of an address as %XX."

_PATTERNS: Final = {
    "email": ("is no e-mail address", "Write it as name@example.org."),
    "checksum": (
        "is no SHA-256 multihash",
        "Write 1220 followed by the 64 digits that sha256sum prints, in lower case.",
    ),
    "website": ("is no web address", _ADDRESS),
    "definition": ("is no web address", _ADDRESS),
}
"""By the last key: what a text that does not fit its pattern is not, and what to write."""

_REMEDIES: Final = {
    "license": "The identifiers are listed at https://spdx.org/licenses.",
    "version": "Raise it when the product changes.",
    "website": "Name a page that anybody may read.",
    "definition": "Name a page that anybody may read, such as that of its CF standard name.",
    "entry": "Put the workflow into the folder of the experiment.",
    "files": "Put it into the folder of the experiment.",
    "href": "Name a STAC document by a path inside the folder or by an https URL.",
    "datetime": "Write 'start/end' in UTC, with '..' for an open end.",
    "bbox": "Write [west, south, east, north] in degrees.",
}
"""By the last key: what to do about a value that its own rule refuses."""

_WANTED: Final = {
    "string_type": "text",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "dict_type": "a mapping of keys to values",
    "tuple_type": "a list",
    "list_type": "a list",
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
}
"""By the validator's name of an error: what stands in the place if all is well."""


class Problem(NamedTuple):
    """One thing that is wrong with a file, before it becomes a finding."""

    path: tuple[str | int, ...]
    """Keys and list positions that lead to the value."""
    line: int
    """Line, counted from 1."""
    code: str
    """Code of the finding."""
    message: str
    """What is wrong."""
    remedy: str
    """What to do about it."""

    def finding(self, name: str) -> Finding:
        """Return the finding about the file `name`."""
        dotted = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")
        where = f"{name}:{self.line}: {_short(public(dotted), 2 * _LONGEST)}".removesuffix(": ")
        return Finding(code=self.code, severity=Severity.ERROR, where=where, message=self.message, remedy=self.remedy)


def shown(value: object) -> str:
    """Return `value` as a message shows it: without credentials, in quotes if it is text, and short."""
    if isinstance(value, str):
        return repr(_short(public(value), _LONGEST))
    return _short(public(json.dumps(value, ensure_ascii=False, default=str)), _LONGEST)


def worded(
    error: ErrorDetails, lines: dict[tuple[str | int, ...], int], written: dict[tuple[str | int, ...], str]
) -> Problem:
    """Return the problem behind one error of the model.

    Args:
        error: What the validator reports.
        lines: Line of each key and list element of the document.
        written: The document's numbers, true, false and null as they stand in the text.
    """
    path = tuple(error["loc"])
    line = next(lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines)
    kind = error["type"]
    if kind == "missing":
        code, message, remedy = _missing(path)
    elif kind == "extra_forbidden":
        code, message, remedy = _unknown(path)
    elif kind in _WANTED:
        code, message, remedy = _wrong_type(kind, error["input"], written.get(path))
    else:
        code = "metadata-bad-value"
        path = tuple(step for step in path if step != "[key]")
        message, remedy = _bad_value(error, next((step for step in reversed(path) if isinstance(step, str)), ""))
    return Problem(path, line, code, message, remedy)


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _missing(path: tuple[str | int, ...]) -> tuple[str, str, str]:
    if isinstance(path[-1], int):
        return "metadata-bad-value", f"the list ends before its value number {path[-1] + 1}.", _REMEDIES["bbox"]
    about = _described(_schema_at(path[:-1]).get("properties", {}).get(path[-1], {}))
    return "metadata-missing-key", f"the key {path[-1]!r} is missing.", f"Add it. {about}".rstrip()


def _unknown(path: tuple[str | int, ...]) -> tuple[str, str, str]:
    known = list(_schema_at(path[:-1]).get("properties", {}))
    close = nearest(str(path[-1]), known)
    remedy = f"Did you mean {close!r}?" if close else f"Known here: {', '.join(known)}."
    return "metadata-unknown-key", f"the key {shown(path[-1])} is not known.", remedy


def _wrong_type(kind: str, value: object, written: str | None) -> tuple[str, str, str]:
    wanted = _WANTED[kind]
    if value is None:
        return "metadata-wrong-type", f"there is no value, but {wanted} is needed.", "Write one, or take the key out."
    found = shown(value) if written is None else _short(written, _LONGEST)
    message = f"{found} is {_type_in_words(value)}, but {wanted} is needed."
    remedy = f"Write {wanted}."
    if wanted == "text" and written is not None:
        remedy = f"Put it in quotes: {shown(written)}."
    if wanted == "a list":
        remedy = f"Put it in brackets: [{found}]."
    return "metadata-wrong-type", message, remedy


def _type_in_words(value: object) -> str:
    words = {bool: "a truth value", int: "a number", float: "a number", str: "text", list: "a list", tuple: "a list"}
    return words.get(type(value), "a mapping")


def _bad_value(error: ErrorDetails, key: str) -> tuple[str, str]:
    value, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "enum":
            told = _not_a_choice(value, str(context["expected"]))
        case "string_pattern_mismatch":
            what, remedy = _PATTERNS.get(key, ("is no id", _identifier(value)))
            told = f"{shown(value)} {what}.", remedy
        case "string_too_short":
            told = "the text is empty.", "Write something, or take the key out."
        case "string_too_long":
            told = f"{shown(value)} is longer than {context['max_length']} characters.", "Take a shorter one."
        case "too_short":
            told = "the list is empty, but at least one value is needed.", "Add one."
        case "too_long":
            told = f"{shown(value)} has more than {context['max_length']} values.", _REMEDIES.get(key, "Shorten it.")
        case "value_error":
            told = f"{_own_words(str(context['error']), value)}.", _REMEDIES.get(key, "")
        case _:
            told = f"{shown(value)} cannot be taken: {error['msg']}.", _REMEDIES.get(key, "")
    return told


def _own_words(message: str, value: object) -> str:
    if not isinstance(value, str):
        return _short(public(message), 4 * _LONGEST)
    for spelled in (repr(value), repr(public(value))):
        message = message.replace(spelled, shown(value))
    return public(message)


def _not_a_choice(value: object, expected: str) -> tuple[str, str]:
    choices = re.findall(r"'([^']*)'", expected)
    fold = {choice.lower(): choice for choice in choices}
    close = fold.get(nearest(str(value).lower(), fold), "")
    hint = f" Did you mean {close!r}?" if close else ""
    return f"{shown(value)} is not one of the choices.", f"Take one of: {', '.join(choices)}.{hint}"


def _identifier(value: object) -> str:
    rule = "Take lower-case letters and digits, with single '.', '_' or '-' between them"
    proposal = re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-")[:80]
    return f"{rule}, such as {_short(proposal, _LONGEST)!r}." if proposal else f"{rule}."


@cache
def _schema() -> dict[str, Any]:
    return Experiment.model_json_schema()


def _schema_at(path: tuple[str | int, ...]) -> dict[str, Any]:
    schema = _schema()
    for step in path:
        inner: JsonValue = schema.get("properties", {}).get(step)
        for fallback in ("items", "additionalProperties"):
            inner = inner or schema.get(fallback)
        inner = inner or next(iter(schema.get("patternProperties", {}).values()), {})
        schema = _dereferenced(inner if isinstance(inner, dict) else {})
    return schema


def _dereferenced(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    return {**_schema()["$defs"][reference.rpartition("/")[2]], **schema} if reference else schema


def _described(schema: dict[str, Any]) -> str:
    return str(schema.get("description", ""))

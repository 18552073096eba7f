"""What an expectation is given: columns that exist, values of the right type, conditions that are data and no code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any, Final

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError, best_match

from earthcode_platform.errors import nearest
from earthcode_platform.gates.quality.vocabulary import Known
from earthcode_platform.models.quality import BandStatistics
from earthcode_platform.redaction import public

__all__ = ["COLUMNS", "MOMENT", "TEXTS", "moment", "wrong_arguments"]

COLUMNS: Final = tuple(BandStatistics.model_fields)
"""The columns of the table, in order."""
TEXTS: Final = ("source", "item", "asset", "band", "media_type", "dtype", "crs", "unit")
"""Those that hold text; `datetime` holds moments in UTC, and the others hold numbers."""
MOMENT: Final = "datetime"

_Wrong = tuple[str, str, str]
"""Code, message and remedy."""
_NAMING: Final = ("column", "column_A", "column_B")
_LISTING: Final = ("column_list", "column_set")
_OPERATORS: Final = ("==", "!=", "<", "<=", ">", ">=", "IN", "NOT_IN")
_PLAIN: Final = re.compile(r"[\w .,:;/+()\[\]°%-]*")
"""Texts that a condition may compare with. Great Expectations writes conditions into an expression that pandas runs,
so that nothing goes there that could be more than a text."""
_ADVICE: Final = (
    'Write it as data: {"type": "comparison", "column": {"name": "band"}, "operator": "==", "parameter": "B04"}.'
)
_BAD: Final = "bad-argument"
_LONGEST: Final = 200


def wrong_arguments(kwargs: object, known: Known) -> Iterator[_Wrong]:
    """Yield what is wrong with the keyword arguments of an expectation, each as code, message and remedy."""
    if not isinstance(kwargs, dict):
        yield _BAD, "its 'kwargs' are no JSON object.", f"Give it: {', '.join(sorted(known.arguments)) or 'nothing'}."
        return
    names = known.arguments | {"condition_parser"}
    for name in kwargs:
        if name not in names:
            close = nearest(name, known.arguments)
            remedy = f"Did you mean {close!r}?" if close else f"It takes: {', '.join(sorted(known.arguments))}."
            yield _BAD, f"{known.name} takes no argument {name!r}.", remedy
    if _parametrised(kwargs):
        yield _BAD, "it uses a suite parameter, which nothing here fills in.", "Write the value itself."
        return
    yield from _unknown_columns(kwargs)
    if kwargs.get("row_condition") is not None or "condition_parser" in kwargs:
        for condition in _conditions(kwargs.get("row_condition")):
            yield from _condition(condition, kwargs.get("condition_parser"))
    plain = {name: value for name, value in kwargs.items() if name in known.arguments and name != "row_condition"}
    broken = best_match(Draft7Validator(known.schema).iter_errors(plain))
    if broken is not None:
        yield _BAD, _words(broken), f"{known.name}: {known.about}"
        return
    yield from _range(plain, kwargs.get("column"))


def _parametrised(value: Any) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return "$PARAMETER" in value or any(_parametrised(part) for part in value.values())
    return isinstance(value, list) and any(_parametrised(part) for part in value)


def _unknown_columns(kwargs: dict[str, Any]) -> Iterator[_Wrong]:
    named = [kwargs[key] for key in _NAMING if key in kwargs]
    for key in _LISTING:
        named += kwargs[key] if isinstance(kwargs.get(key), list) else []
    for name in named:
        if name not in COLUMNS:
            yield "unknown-column", f"the table has no column {public(name)!r}.", _columns(name)


def _columns(name: object) -> str:
    close = nearest(str(name), COLUMNS)
    return f"Did you mean {close!r}?" if close else f"The table has: {', '.join(COLUMNS)}."


def _conditions(condition: object) -> list[object]:
    """Return the single conditions of one that may join several with `and` and `or`."""
    parts = condition.get("conditions") if isinstance(condition, dict) else None
    if isinstance(condition, dict) and condition.get("type") in ("and", "or") and isinstance(parts, list):
        return [single for part in parts for single in _conditions(part)]
    return [condition]


def _condition(condition: object, parser: object) -> Iterator[_Wrong]:
    """Yield what is wrong with a single condition on rows (Great Expectations 1.x, row conditions)."""
    if not isinstance(condition, dict) or parser is not None:
        yield _BAD, "its condition on rows is a text, which pandas would run as code.", _ADVICE
        return
    kind, column = condition.get("type"), condition.get("column")
    if kind not in ("comparison", "nullity"):
        yield _BAD, f"its condition is of the type {public(kind)!r}.", _ADVICE
        return
    name = column.get("name") if isinstance(column, dict) else column
    if name not in COLUMNS:
        yield "unknown-column", f"the table has no column {public(name)!r}.", _columns(name)
    if kind == "comparison" and not _comparable(condition.get("operator"), condition.get("parameter")):
        told = f"{condition.get('operator')!r} {condition.get('parameter')!r}"
        yield _BAD, f"its condition compares with {told[:_LONGEST]}.", f"{_ADVICE} Operators: {', '.join(_OPERATORS)}."
    if kind == "nullity" and not isinstance(condition.get("is_null"), bool):
        yield _BAD, "its condition does not say whether the value is missing.", 'Give it "is_null": true or false.'


def _comparable(operator: object, parameter: object) -> bool:
    if operator not in _OPERATORS:
        return False
    if operator in ("IN", "NOT_IN"):
        return isinstance(parameter, list) and bool(parameter) and all(_comparable("==", one) for one in parameter)
    if isinstance(parameter, str):
        return _PLAIN.fullmatch(parameter) is not None
    return isinstance(parameter, int | float)


def _range(kwargs: dict[str, Any], column: object) -> Iterator[_Wrong]:
    """Yield a range that nothing lies in, and one whose ends cannot be compared with the column."""
    ends = [kwargs[key] for key in ("min_value", "max_value") if kwargs.get(key) is not None]
    texts = [end for end in ends if isinstance(end, str)]
    if texts and column != MOMENT:
        yield _BAD, f"it compares {column!r} with the text {public(texts[0])!r}.", "Give numbers."
        return
    try:
        read = [moment(end, last=False) if isinstance(end, str) else end for end in ends]
        empty = bool(read) and read[0] > read[-1]
    except (TypeError, ValueError) as error:
        yield _BAD, f"its range cannot be read: {error}.", "Write moments as 2023-08-01T00:00:00Z, or dates."
        return
    if empty:
        yield _BAD, f"its range begins at {ends[0]} and ends at {ends[1]}: nothing lies in it.", "Swap them."


def moment(text: str, *, last: bool) -> datetime:
    """Return the moment that a text stands for, in UTC where it names no zone; a date is its first or last moment.

    Raises:
        ValueError: It is no RFC 3339 date or time.
    """
    found = datetime.fromisoformat(text)
    if len(text) == len("2023-08-01"):
        found = datetime.combine(found.date(), time.max if last else time.min)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _words(broken: ValidationError) -> str:
    path = "".join(f"[{step!r}]" for step in broken.absolute_path)
    told = public(broken.message)
    return f"{path + ': ' if path else ''}{told if len(told) <= _LONGEST else told[:_LONGEST] + '…'}."

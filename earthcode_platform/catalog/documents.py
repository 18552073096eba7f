"""Typed access to the JSON documents of a catalog. Other people wrote them: what is not as expected reads as empty."""

import json
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeAlias

from pydantic import JsonValue

from earthcode_platform.errors import InputError

__all__ = [
    "JsonObject",
    "facts",
    "line_of_fault",
    "parse",
    "section",
    "sections",
    "serialize",
    "stamp",
    "text",
    "texts",
    "title",
]

JsonObject: TypeAlias = dict[str, JsonValue]
"""A JSON object."""


def parse(content: bytes, where: str) -> JsonObject:
    """Return the JSON object that `content` holds.

    Raises:
        InputError: It is no JSON, or no object, or nested too deeply.
    """
    try:
        # JSON is UTF-8 (RFC 8259, section 8.1); given bytes, Python would take UTF-16 and UTF-32 as well.
        document: object = _DECODER.decode(content.decode("utf-8-sig", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"it is not readable as JSON: {_complaint(content, error)}.", where=where, remedy=_remedy(content)
        ) from None
    if not isinstance(document, dict):
        raise InputError(f"it holds {_NAMES[type(document)]}, not a JSON object.", where=where, remedy="Mend the file.")
    if _is_deep(content, document):
        raise InputError(
            f"its values are nested deeper than {_DEEPEST} levels.",
            where=where,
            remedy="Take out what nests so deeply.",
        )
    return document


def line_of_fault(content: bytes) -> int:
    """Return the line, from 1, at which `content` stops being readable as JSON; 1 if that has no place."""
    try:
        _DECODER.decode(content.decode("utf-8-sig", "surrogatepass"))
    except json.JSONDecodeError as error:
        # What is missing at the end is missing in the last line that holds something.
        return error.doc.count("\n", 0, min(error.pos, len(error.doc.rstrip()))) + 1
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    except (ValueError, RecursionError):
        return 1
    return 1


def serialize(document: JsonObject) -> bytes:
    """Return `document` as the catalog's files are written: two spaces, UTF-8, a newline at the end."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def text(document: JsonObject, key: str) -> str:
    """Return the text at `key`, or an empty text if there is none."""
    value = document.get(key)
    return value if isinstance(value, str) else ""


def texts(document: JsonObject, key: str) -> tuple[str, ...]:
    """Return the texts in the array at `key`; empty if there is none."""
    value = document.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def section(document: JsonObject, key: str) -> JsonObject:
    """Return the object at `key`, or an empty one."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def sections(document: JsonObject, key: str) -> list[JsonObject]:
    """Return the objects in the array at `key`; empty if there is none."""
    value = document.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def facts(document: JsonObject) -> JsonObject:
    """Return the part that holds title, description, dates and `osc:` keys: `properties` in a record."""
    return section(document, "properties") if document.get("type") == "Feature" else document


def title(document: JsonObject) -> str:
    """Return the title, which links to the document must repeat."""
    return text(facts(document), "title")


def stamp(moment: datetime) -> str:
    """Return `moment` (time zone aware) as RFC 3339 in UTC.

    >>> stamp(datetime(2010, 1, 16, 12, tzinfo=UTC))
    '2010-01-16T12:00:00Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _complaint(content: bytes, error: ValueError | RecursionError) -> str:
    """Return why `content` is no JSON, in words that name a place in the file and nothing of Python."""
    if not content.strip():
        return "it is empty"
    if isinstance(error, json.JSONDecodeError):
        said = error.msg.removesuffix(" at").removesuffix(" starting at")
        ended = error.pos >= len(error.doc.rstrip())
        place = "at its end" if ended else f"line {error.lineno}, column {error.colno}"
        return f"{place}: {said[:1].lower()}{said[1:]}"
    if isinstance(error, UnicodeDecodeError):
        line = content.count(b"\n", 0, error.start) + 1
        return f"line {line} holds the byte 0x{content[error.start]:02x}, which is no UTF-8 there"
    if isinstance(error, RecursionError):
        return f"its values are nested deeper than {_DEEPEST} levels"
    return "a whole number has thousands of digits" if "digits" in str(error) else str(error)


def _remedy(content: bytes) -> str:
    if b"\n<<<<<<< " in content and b"\n>>>>>>> " in content:
        return "Resolve the merge conflict in it."
    return "Mend the file."


def _is_deep(content: bytes, document: JsonObject) -> bool:
    """Tell whether values are nested deeper than every reader and rule here can follow (RFC 8259, section 9)."""
    # What opens fewer brackets than that needs no closer look, and hardly a document opens more.
    if content.count(b"[") + content.count(b"{") <= _DEEPEST:
        return False
    level: list[JsonValue] = [document]
    for _ in range(_DEEPEST):
        level = [
            held
            for holder in level
            for held in (holder.values() if isinstance(holder, dict) else holder if isinstance(holder, list) else ())
            if isinstance(held, dict | list)
        ]
        if not level:
            return False
    return True


def _no_number(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which are no JSON (RFC 8259, section 6), and no other reader of a catalog does.
    raise ValueError(f"{name} is no JSON number")


_DEEPEST: Final = 200
"""Levels of nesting. Schemas are applied up to 255; a document of the catalog has about ten."""
_NAMES: Final[dict[type, str]] = {
    list: "an array",
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    type(None): "null",
}
_DECODER: Final = json.JSONDecoder(parse_constant=_no_number)
"""Made once: a catalog has two thousand documents."""

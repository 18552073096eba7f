"""Typed access to the JSON documents of a catalog. Other people wrote them: what is not as expected reads as empty."""

import json
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeAlias

from pydantic import JsonValue

from earthcode_platform.errors import InputError

__all__ = ["JsonObject", "facts", "parse", "section", "sections", "serialize", "stamp", "text", "texts", "title"]

JsonObject: TypeAlias = dict[str, JsonValue]
"""A JSON object."""


def parse(content: bytes, where: str) -> JsonObject:
    """Return the JSON object that `content` holds.

    Raises:
        InputError: It is no JSON, or no object.
    """
    try:
        # JSON is UTF-8 (RFC 8259, section 8.1); given bytes, Python would take UTF-16 and UTF-32 as well.
        document: object = _DECODER.decode(content.decode("utf-8-sig", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"it is not readable as JSON: {error}.", where=where, remedy="Mend the file.") from None
    if not isinstance(document, dict):
        raise InputError(
            f"it holds a JSON {type(document).__name__}, not an object.", where=where, remedy="Mend the file."
        )
    return document


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


def _no_number(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which are no JSON (RFC 8259, section 6), and no other reader of a catalog does.
    raise ValueError(f"{name} is no JSON number")


_DECODER: Final = json.JSONDecoder(parse_constant=_no_number)
"""Made once: a catalog has two thousand documents."""

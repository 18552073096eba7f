"""Where in the bytes of a JSON text (RFC 8259) a value lies. Nothing is decoded, so nothing can be lost."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NoReturn

from earthcode_platform.errors import InputError

__all__ = ["Member", "Place", "Span", "locate", "members", "root"]

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MARK: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_SCALAR: Final = re.compile(rb"[-+.0-9A-Za-z]+")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_BOM: Final = b"\xef\xbb\xbf"
_REMEMBERED: Final = 8
"""Of how many values it is known where their members lie: a document with many faults is asked about many times."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of bytes: from `start` up to, not including, `end`."""

    start: int
    """Offset of its first byte."""
    end: int
    """Offset behind its last byte."""


@dataclass(frozen=True, slots=True)
class Member:
    """One value inside an object or an array."""

    key: Span | None
    """Its key with the quotes; None inside an array."""
    value: Span
    """Its value."""

    @property
    def start(self) -> int:
        """Offset of its first byte, key included."""
        return self.value.start if self.key is None else self.key.start


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pointer leads."""

    value: Span
    """The value."""
    start: int | None
    """Offset of the member it is the value of, key included; None for the whole text."""


@lru_cache(maxsize=_REMEMBERED)
def root(content: bytes) -> Span:
    """Return where the outermost value lies.

    Raises:
        InputError: The text holds no JSON value.
    """
    return _value(content, _skip(content, len(_BOM) if content.startswith(_BOM) else 0))


def members(content: bytes, container: Span) -> list[Member]:
    """Return what an object or an array holds, in order; empty for any other value.

    Raises:
        InputError: The bytes are no JSON.
    """
    return list(_members(content, container))


@lru_cache(maxsize=_REMEMBERED)
def _members(content: bytes, container: Span) -> tuple[Member, ...]:
    opening = content[container.start : container.start + 1]
    if opening not in (b"{", b"["):
        return ()
    found: list[Member] = []
    at = _skip(content, container.start + 1)
    while at < container.end - 1:
        key = None
        if opening == b"{":
            key = _string(content, at)
            at = _skip(content, _expect(content, _skip(content, key.end), b":"))
        value = _value(content, at)
        found.append(Member(key, value))
        at = _skip(content, value.end)
        if at < container.end - 1:
            at = _skip(content, _expect(content, at, b","))
    return tuple(found)


def locate(content: bytes, pointer: str) -> Place:
    """Return where the value at a JSON pointer (RFC 6901) lies, such as `/links/0/title`.

    Of a key that occurs twice the last counts, as for Python's parser.

    Raises:
        InputError: The pointer leads nowhere, or the bytes are no JSON.
    """
    place = Place(root(content), None)
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        held = _member(content, place.value, name)
        if held is None:
            raise InputError(
                f"there is nothing at {pointer!r}: {name!r} is missing.",
                where=pointer,
                remedy="Check the document's structure.",
            )
        place = Place(held.value, held.start)
    return place


def _member(content: bytes, container: Span, name: str) -> Member | None:
    held = _members(content, container)
    if held and held[0].key is None:
        # An index has no leading zero (RFC 6901, section 4).
        index = int(name) if _INDEX.fullmatch(name) else len(held)
        return held[index] if index < len(held) else None
    named = (member for member in reversed(held) if member.key and _decoded(content, member.key) == name)
    return next(named, None)


def _decoded(content: bytes, string: Span) -> object:
    return json.loads(content[string.start : string.end])


def _skip(content: bytes, at: int) -> int:
    found = _SPACE.match(content, at)
    return found.end() if found else at


def _expect(content: bytes, at: int, byte: bytes) -> int:
    if content[at : at + 1] != byte:
        _refuse(content, at)
    return at + 1


def _string(content: bytes, at: int) -> Span:
    found = _STRING.match(content, at)
    return Span(at, found.end()) if found else _refuse(content, at)


def _value(content: bytes, at: int) -> Span:
    first = content[at : at + 1]
    if first == b'"':
        return _string(content, at)
    if first not in (b"{", b"["):
        found = _SCALAR.match(content, at)
        return Span(at, found.end()) if found else _refuse(content, at)
    depth = 0
    for mark in _MARK.finditer(content, at):
        depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(mark.group(), 0)
        if depth == 0:
            return Span(at, mark.end())
    return _refuse(content, len(content))


def _refuse(content: bytes, at: int) -> NoReturn:
    line = content.count(b"\n", 0, at) + 1
    seen = content[at : at + 20].decode(errors="replace")
    raise InputError(f"line {line} is not readable as JSON at {seen!r}.", where=f"line {line}", remedy="Mend the file.")

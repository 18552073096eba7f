"""Where in the bytes of a JSON text (RFC 8259) a value lies. Nothing is decoded, so nothing can be lost."""

import json
import re
from dataclasses import dataclass
from typing import Final, NoReturn

from earthcode_platform.errors import InputError

__all__ = ["Member", "Place", "Span", "locate", "members", "root"]

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MARK: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_SCALAR: Final = re.compile(rb"[-+.0-9A-Za-z]+")
_BOM: Final = b"\xef\xbb\xbf"


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
    opening = content[container.start : container.start + 1]
    if opening not in (b"{", b"["):
        return []
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
    return found


def locate(content: bytes, pointer: str) -> Place:
    """Return where the value at a JSON pointer (RFC 6901) lies, such as `/links/0/title`.

    Of a key that occurs twice the last counts, as for Python's parser.

    Raises:
        InputError: The pointer leads nowhere, or the bytes are no JSON.
    """
    place = Place(root(content), None)
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        held = [
            member
            for index, member in enumerate(members(content, place.value))
            if name == (str(index) if member.key is None else _decoded(content, member.key))
        ]
        if not held:
            raise InputError(
                f"there is nothing at {pointer!r}: {name!r} is missing.",
                where=pointer,
                remedy="Check the document's structure.",
            )
        place = Place(held[-1].value, held[-1].start)
    return place


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

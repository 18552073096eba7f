"""Edits of a JSON file that touch only the lines they must. Pure: bytes in, bytes out.

Indentation, key order, escapes, non-ASCII characters, line ends and the final newline of everything else stay as they
were, so that a reviewer sees the inserted lines and nothing more. What is inserted takes the style of its neighbours.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.scan import Member, Place, Span, locate, members, root
from earthcode_platform.errors import InputError

__all__ = ["add_member", "append", "extend", "remove", "remove_all", "replace", "replace_all"]

_TRAILING: Final = re.compile(rb"[ \t]*(?=[\r\n])")
_FIRST_INDENT: Final = re.compile(rb"[\r\n]([ \t]+)[^ \t\r\n]")
_NEWLINE: Final = re.compile(rb"\r\n|\n|\r")
_ESCAPED: Final = re.compile(rb"\\u(?!00[0-7])[0-9a-fA-F]{4}")


def append(content: bytes, pointer: str, value: JsonValue) -> bytes:
    """Return `content` with `value` as the last element of the array at `pointer`.

    Raises:
        InputError: There is no array.
    """
    return extend(content, pointer, [value])


def extend(content: bytes, pointer: str, values: Sequence[JsonValue]) -> bytes:
    """Return `content` with `values` at the end of the array at `pointer`: as if each were appended, but faster.

    Raises:
        InputError: There is no array.
    """
    place = _container(content, pointer, b"[")
    if not values:
        return content
    held = members(content, place.value)
    if held:
        style = _Style.of(content)
        return _insert_after(content, held, b"", values, style)
    return extend(_insert(content, place, None, values[0]), pointer, values[1:])


def add_member(content: bytes, pointer: str, key: str, value: JsonValue) -> bytes:
    """Return `content` with `key` and `value` as the last member of the object at `pointer`.

    Raises:
        InputError: There is no object, or it has the key already.
    """
    place = _container(content, pointer, b"{")
    if key in {
        json.loads(content[held.key.start : held.key.end]) for held in members(content, place.value) if held.key
    }:
        raise InputError(
            f"the object at {pointer!r} has a member {key!r} already.", where=pointer, remedy="Replace it."
        )
    return _insert(content, place, key, value)


def replace(content: bytes, pointer: str, value: JsonValue) -> bytes:
    """Return `content` with `value`, written on one line, in place of the value at `pointer`.

    Raises:
        InputError: There is nothing at `pointer`.
    """
    return replace_all(content, {pointer: value})


def replace_all(content: bytes, values: Mapping[str, JsonValue]) -> bytes:
    """Return `content` with each of `values`, written on one line, in place of the value at its pointer.

    Args:
        content: The document.
        values: New values by pointer; none lies inside another.

    Raises:
        InputError: There is nothing at a pointer.
    """
    style = _Style.of(content)
    places = sorted((locate(content, pointer).value.start, pointer) for pointer in values)
    parts: list[bytes] = []
    at = 0
    for start, pointer in places:
        parts += [content[at:start], style.inline(values[pointer])]
        at = locate(content, pointer).value.end
    return b"".join([*parts, content[at:]])


def remove(content: bytes, pointer: str, index: int) -> bytes:
    """Return `content` without the member at `index` of the array or object at `pointer`; undoes an insertion exactly.

    Raises:
        InputError: There is no such member.
    """
    return remove_all(content, pointer, [index])


def remove_all(content: bytes, pointer: str, indexes: Collection[int]) -> bytes:
    """Return `content` without the members at `indexes` of the array or object at `pointer`.

    Raises:
        InputError: There is no such member.
    """
    span = locate(content, pointer).value
    held = members(content, span)
    for index in indexes:
        if not 0 <= index < len(held):
            raise InputError(
                f"{pointer!r} has no member {index}, only {len(held)}.", where=pointer, remedy="Count again."
            )
    last = max((index for index in range(len(held)) if index not in indexes), default=None)
    if last is None:
        return content[: span.start + 1] + content[span.end - 1 :] if held else content
    if last < len(held) - 1:
        before = held[last].value.end
        comma = content.index(b",", before)
        kept = _TRAILING.match(content, comma + 1, held[last + 1].start)
        trailing = content[before:comma] + kept.group() if kept else b""
        content = content[:before] + trailing + content[held[-1].value.end :]
    for index in sorted((index for index in indexes if index < last), reverse=True):
        content = content[: held[index].start] + content[held[index + 1].start :]
    return content


@dataclass(frozen=True, slots=True)
class _Style:
    """How a document writes what is not indentation."""

    colon: bytes
    comma: bytes
    unit: bytes
    newline: bytes
    escapes: bool

    @classmethod
    def of(cls, content: bytes) -> "_Style":
        outermost = members(content, root(content))
        first = next((member for member in outermost if member.key), None)
        colon = content[first.key.end : first.value.start] if first and first.key else b": "
        colon = b": " if _NEWLINE.search(colon) else colon
        unit = _FIRST_INDENT.search(content)
        newline = _NEWLINE.search(content)
        return cls(
            colon=colon,
            comma=b", " if colon.endswith(b" ") else b",",
            unit=unit.group(1) if unit else (b"" if newline else b"  "),
            newline=newline.group() if newline else b"\n",
            escapes=content.isascii() and _ESCAPED.search(content) is not None,
        )

    def inline(self, value: JsonValue) -> bytes:
        separators = (self.comma.decode(), self.colon.decode())
        return json.dumps(value, ensure_ascii=self.escapes, separators=separators).encode()

    def lines(self, value: JsonValue, newline: bytes, indent: bytes, unit: bytes) -> bytes:
        written = json.dumps(
            value, ensure_ascii=self.escapes, indent=unit.decode(), separators=(",", self.colon.decode())
        )
        return written.encode().replace(b"\n", newline + indent)


def _container(content: bytes, pointer: str, opening: bytes) -> Place:
    place = locate(content, pointer)
    if content[place.value.start : place.value.start + 1] != opening:
        wanted = "an array" if opening == b"[" else "an object"
        raise InputError(f"the value at {pointer!r} is not {wanted}.", where=pointer, remedy="Mend the document.")
    return place


def _insert(content: bytes, place: Place, key: str | None, value: JsonValue) -> bytes:
    style = _Style.of(content)
    head = b"" if key is None else style.inline(key) + style.colon
    held = members(content, place.value)
    if held:
        return _insert_after(content, held, head, [value], style)
    lead = None if place.start is None else _lead(content, place.start)
    if lead is None:
        inside = head + style.inline(value)
    else:
        newline, base = lead
        indent = base + style.unit
        inside = newline + indent + head + style.lines(value, newline, indent, style.unit) + newline + base
    return content[: place.value.start + 1] + inside + content[place.value.end - 1 :]


def _insert_after(content: bytes, held: list[Member], head: bytes, values: Sequence[JsonValue], style: _Style) -> bytes:
    last = held[-1].value.end
    lead = _lead(content, held[-1].start)
    written = [head + _like_siblings(content, held, value, style, lead) for value in values]
    if lead is None:
        between = content[held[-2].value.end : held[-1].start] if len(held) > 1 else style.comma
        gap = style.comma if _NEWLINE.search(between) else between
        return content[:last] + gap + gap.join(written) + content[last:]
    trailing = _TRAILING.match(content, last)
    cut = trailing.end() if trailing else last
    start = lead[0] + lead[1]
    return content[:last] + b"," + content[last:cut] + start + (b"," + start).join(written) + content[cut:]


def _like_siblings(
    content: bytes, held: list[Member], value: JsonValue, style: _Style, lead: tuple[bytes, bytes] | None
) -> bytes:
    """Return `value` laid out like the last sibling that is itself an object or array with something in it."""
    sibling, inner = next(
        ((member.value, inside) for member in reversed(held) if (inside := members(content, member.value))),
        (None, []),
    )
    newline, indent = lead or (style.newline, _indent(content, held[-1].value.end))
    if sibling is None:
        return style.inline(value) if lead is None else style.lines(value, newline, indent, style.unit)
    if not _NEWLINE.search(content, sibling.start, sibling.end):
        return style.inline(value)
    unit = _unit(content, sibling, inner[0])
    return style.lines(value, newline, indent, style.unit if unit is None else unit)


def _unit(content: bytes, container: Span, first: Member) -> bytes | None:
    """Return by how much the first member of `container` is indented against its closing bracket's line."""
    lead = _lead(content, first.start)
    base = _indent(content, container.end)
    return lead[1].removeprefix(base) if lead and lead[1].startswith(base) else None


def _lead(content: bytes, at: int) -> tuple[bytes, bytes] | None:
    """Return the line end and the indentation before `at`; None if something else stands between them."""
    before = content[:at].rstrip(b" \t")
    if not before.endswith((b"\n", b"\r")):
        return None
    return (b"\r\n" if before.endswith(b"\r\n") else before[-1:]), content[len(before) : at]


def _indent(content: bytes, at: int) -> bytes:
    """Return the indentation of the line that `at` lies in."""
    line = content[max(content.rfind(b"\n", 0, at), content.rfind(b"\r", 0, at)) + 1 : at]
    return line[: len(line) - len(line.lstrip(b" \t"))]

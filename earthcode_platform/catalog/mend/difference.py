"""The unified diff of edits, byte for byte: what `git apply` makes of it is what the edits say."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

__all__ = ["unified_diff"]

_CONTEXT: Final = 3
_NO_NEWLINE: Final = b"\n\\ No newline at end of file\n"
_ESCAPES: Final = {ord("\n"): b"\\n", ord("\t"): b"\\t", ord("\r"): b"\\r", ord('"'): b'\\"', ord("\\"): b"\\\\"}
_PRINTABLE: Final = range(0x20, 0x7F)


class _Change(NamedTuple):
    """Lines `first` to `last` (exclusive) of the old text become lines `start` to `end` of the new one."""

    first: int
    last: int
    start: int
    end: int


def unified_diff(before: Mapping[str, bytes], edits: Mapping[str, bytes]) -> bytes:
    r"""Return the unified diff that turns the files of `before` into `edits`, with three lines of context.

    Lines end at `\n` alone, so that other line ends stay as they are. Paths are relative to the catalog's folder.

    Args:
        before: Content by path.
        edits: New content by path of files in `before`.
    """
    return b"".join(line for path in sorted(edits) for line in _file(path, before[path], edits[path]))


def _file(path: str, before: bytes, after: bytes) -> Iterator[bytes]:
    if before == after:
        return
    old, new = _lines(before), _lines(after)
    yield b"--- " + _name(f"a/{path}") + b"+++ " + _name(f"b/{path}")
    for hunk in _hunks(_changes(old, new)):
        yield from _hunk(hunk, old, new)


def _lines(content: bytes) -> list[bytes]:
    *whole, rest = content.split(b"\n")
    return [line + b"\n" for line in whole] + ([rest] if rest else [])


def _changes(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[_Change]:
    """Yield what differs. Most edits are at one place, so what is equal at both ends is set aside first."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail])
    for tag, first, last, start, end in middle.get_opcodes():
        if tag != "equal":
            yield _Change(first + head, last + head, start + head, end + head)


def _hunks(changes: Iterator[_Change]) -> list[list[_Change]]:
    """Return the changes in groups; two whose context would meet are in one."""
    found: list[list[_Change]] = []
    for change in changes:
        if found and change.first - found[-1][-1].last <= 2 * _CONTEXT:
            found[-1].append(change)
        else:
            found.append([change])
    return found


def _hunk(changes: Sequence[_Change], old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[bytes]:
    first, last = max(changes[0].first - _CONTEXT, 0), min(changes[-1].last + _CONTEXT, len(old))
    start, end = first + changes[0].start - changes[0].first, last + changes[-1].end - changes[-1].last
    yield f"@@ -{_span(first, last)} +{_span(start, end)} @@\n".encode()
    at = first
    for change in changes:
        yield from (_line(b" ", line) for line in old[at : change.first])
        yield from (_line(b"-", line) for line in old[change.first : change.last])
        yield from (_line(b"+", line) for line in new[change.start : change.end])
        at = change.last
    yield from (_line(b" ", line) for line in old[at:last])


def _span(first: int, last: int) -> str:
    """Return where lines begin, from 1, and how many they are; of none, the line before counts."""
    return f"{first + 1 if last > first else first},{last - first}"


def _line(mark: bytes, line: bytes) -> bytes:
    return mark + (line if line.endswith(b"\n") else line + _NO_NEWLINE)


def _name(path: str) -> bytes:
    """Return a path and a line end; what git would not read as it stands is quoted as C quotes it."""
    raw = path.encode(errors="surrogateescape")
    if all(byte in _PRINTABLE and byte not in _ESCAPES for byte in raw):
        # After a tab nothing belongs to the name; without one, git would end it at a space.
        return raw + (b"\t\n" if b" " in raw else b"\n")
    return b'"' + b"".join(_escaped(byte) for byte in raw) + b'"\n'


def _escaped(byte: int) -> bytes:
    if byte in _ESCAPES:
        return _ESCAPES[byte]
    return bytes([byte]) if byte in _PRINTABLE else b"\\%03o" % byte

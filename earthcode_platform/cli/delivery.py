"""How an answer leaves the process: a reader who left, a full disk and a narrow encoding are nobody's bug."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Final, TextIO
from uuid import uuid4

from earthcode_platform.cli.screen import Screen
from earthcode_platform.errors import EarthCodeError, InputError, UnavailableError

__all__ = ["deliver", "explained", "write_report"]

_UNANSWERED: Final = 2
_READER_LEFT: Final = 141
"""What shells make of a process that writes to a pipe nobody reads (128 and the number of SIGPIPE)."""


def deliver(command: Callable[[], object]) -> int | str | None:
    """Run `command` and return its exit code, once all that it printed has left the process.

    If the reader left, as `head` does, the code is 141, which is no verdict. If the file system failed, the error
    stream says so, and the code is 2. A character that the output's encoding lacks is written as an escape.
    """
    sys.stdout, sys.stderr = _writable(sys.stdout), _writable(sys.stderr)
    try:
        code = _code(command)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
        return _READER_LEFT
    except OSError as error:
        _silence(sys.stdout)
        with suppress(OSError):
            Screen().error(explained(error))
        return _UNANSWERED
    return code


def explained(error: EarthCodeError | OSError) -> EarthCodeError:
    """Return an error of the tree for a file system that failed: a full disk is nobody's bug."""
    if isinstance(error, EarthCodeError):
        return error
    reason = os.strerror(error.errno) if error.errno else str(error)
    return UnavailableError(
        f"the file system failed: {reason}.",
        where=str(error.filename or ""),
        remedy="Free some space or check the rights, then run it again.",
    )


def write_report(path: Path, text: str) -> None:
    """Write a report. A file appears whole or not at all; a device, a pipe or a terminal stays what it is.

    Raises:
        InputError: It cannot be written.
    """
    content = text.encode(errors="backslashreplace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            _replace(Path(os.path.realpath(path)), content)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(f"it cannot be written: {reason}.", where=str(path), remedy="Name another file.") from None


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _code(command: Callable[[], object]) -> int | str | None:
    try:
        command()
    except SystemExit as ended:
        return ended.code
    return 0


def _writable(stream: TextIO | None) -> TextIO:
    """Return a stream that takes any text; Python has none for a descriptor that was closed."""
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _silence(stream: TextIO) -> None:
    """Let what is still in the stream go nowhere, so that the end of the process does not stumble over it."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)

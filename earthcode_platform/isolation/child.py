"""One running command: its output line by line, its report, and its end."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import earthcode_platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from earthcode_platform.isolation.entering import Plan

__all__ = ["Child", "Lines"]

_CHUNK: Final = 65536
_LONGEST_LINE: Final = 65536
_TAIL: Final = 16384
_GRACE: Final = 10
_ENTER: Final = (
    "import sys; sys.path.append(sys.argv.pop(1)); from earthcode_platform.isolation.entering import main; main()"
)


class Lines:
    """Cuts what a command writes into lines, hands them on and keeps the last of them.

    Args:
        on_line: Takes each line without its end; what is no UTF-8 is replaced, what is too long is cut.
    """

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self._on_line = on_line
        self._rest = b""
        self._kept: deque[str] = deque()
        self._length = 0

    def take(self, data: bytes, *, last: bool = False) -> None:
        """Take what was written since; with `last`, what follows no line's end is a line too."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if self._rest and (last or len(self._rest) > _LONGEST_LINE):
            whole.append(self._rest)
            self._rest = b""
        for line in whole:
            self._keep(line.decode("utf-8", "replace").rstrip("\r"))

    def _keep(self, line: str) -> None:
        self._kept.append(line[-_TAIL:])
        self._length += len(self._kept[-1]) + 1
        while self._length > _TAIL and len(self._kept) > 1:
            self._length -= len(self._kept.popleft()) + 1
        if self._on_line is not None:
            self._on_line(line)

    def tail(self) -> str:
        """Return the last lines, 16 Ki characters at most."""
        return "\n".join(self._kept)


class Child:
    """A command that was started; leaving its `with` block ends it and everything that came of it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._reported = b""

    def __enter__(self) -> Self:
        reading, report = os.pipe()
        lifeline, self._hold = os.pipe()
        self._report: int = reading
        place = str(Path(earthcode_platform.__file__).parent.parent)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _ENTER, place, str(report), str(lifeline)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={"LANG": "C.UTF-8"},
                pass_fds=(report, lifeline),
                start_new_session=True,
            )
        except BaseException:
            os.close(reading)
            os.close(self._hold)
            raise
        finally:
            os.close(report)
            os.close(lifeline)
        self._began = time.monotonic()
        self._listen()
        return self

    def _listen(self) -> None:
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError
        with suppress(BrokenPipeError), self._process.stdin as plan:
            plan.write(json.dumps(self._plan).encode())
        self._output = self._process.stdout.fileno()
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._output, self._report):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)

    def __exit__(self, *exception: object) -> None:
        self.end()
        self._selector.close()
        os.close(self._report)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def pid(self) -> int:
        """The process below which all of the command's are found."""
        return self._process.pid

    @property
    def seconds(self) -> float:
        """Wall-clock time since it was started."""
        return time.monotonic() - self._began

    def listen(self, lines: Lines, seconds: float) -> bool:
        """Hand what is written to `lines` for at most `seconds`; return whether more may come."""
        for key, _ in self._selector.select(seconds):
            data = _read(key.fd)
            if data and key.fd == self._output:
                lines.take(data)
            elif data:
                self._reported += data
            elif data is not None:
                self._selector.unregister(key.fd)
                if key.fd == self._report:
                    return False
        return True

    def end(self) -> None:
        """End the command and everything that came of it; return when nothing is left."""
        if self._hold >= 0:
            os.close(self._hold)
            self._hold = -1
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            # Kills gate and warden, and with the warden all that is inside.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def rest(self, lines: Lines) -> None:
        """Hand to `lines` what was written before the end."""
        while data := _read(self._output):
            lines.take(data)
        lines.take(b"", last=True)

    def report(self) -> dict[str, object]:
        """Return what the other side told; empty if it was ended before it could."""
        while data := _read(self._report):
            self._reported += data
        facts: dict[str, object] = {}
        for line in self._reported.splitlines():
            facts |= json.loads(line)
        return facts


def _read(descriptor: int) -> bytes | None:
    """Return what can be read now: nothing at the end, None if nothing has come yet."""
    try:
        return os.read(descriptor, _CHUNK)
    except BlockingIOError:
        return None

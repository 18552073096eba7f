"""Processes that the demo starts, and stops again with everything they started in turn."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from earthcode_platform.errors import ExecutionError, UnavailableError

__all__ = ["BEGIN", "Child", "last_lines", "require_success", "run", "running"]

BEGIN: Final = b"begin\n"
"""What a process that waits reads when it is to go on."""
_GRACE: Final = 10.0
"""Seconds that a process gets to end by itself."""
_PAUSE: Final = 0.05
"""Seconds between two looks at a process."""


class Child:
    """A process of ours, in a session of its own so that Ctrl-C at the terminal reaches only us.

    Args:
        name: What to call it in messages.
        log: File that takes its output.
        process: The process.
    """

    def __init__(self, name: str, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.name = name
        self.log = log
        self.process = process

    def begin(self) -> None:
        """Let a process go on that waits for this.

        Raises:
            UnavailableError: It has ended; the message shows the last lines of its log.
        """
        self.require_alive()
        if self.process.stdin is not None:
            with suppress(BrokenPipeError), self.process.stdin as waiting:
                waiting.write(BEGIN)

    def require_alive(self) -> None:
        """Check that the process has not ended.

        Raises:
            UnavailableError: It has; the message shows the last lines of its log.
        """
        code = self.process.poll()
        if code is not None:
            raise UnavailableError(
                f"the {self.name} ended by itself with code {code}. Its last lines:\n{last_lines(self.log)}",
                where=str(self.log),
            )

    def descendants(self) -> list[psutil.Process]:
        """Return the processes that it started, directly or not, and that still run."""
        try:
            found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return found

    def stop(self) -> None:
        """End its descendants, then itself: ask first, then insist."""
        below = set(self.descendants())
        _end(below)
        # Prefect takes the first SIGTERM as a wish to stop, and a second one at once as a kill: send one only.
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        while self.process.poll() is None and time.monotonic() < deadline:
            below.update(self.descendants())  # a worker that stops starts processes to clean up after its runs
            time.sleep(_PAUSE)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        _end(below)


def _end(processes: Collection[psutil.Process]) -> None:
    for process in processes:
        _quietly(process, signal.SIGTERM)
    _, stubborn = psutil.wait_procs(processes, timeout=_GRACE)
    for process in stubborn:
        _quietly(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=_GRACE)


def _quietly(process: psutil.Process, number: signal.Signals) -> None:
    """Send a signal to a process that may have ended meanwhile; psutil makes sure that its id was not given away."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


@contextmanager
def running(name: str, arguments: Sequence[str], log: Path, *, waits: bool = False) -> Iterator[Child]:
    """Run `python <arguments>` while the block runs, with its output in `log`; nothing of it is left afterwards.

    Args:
        name: What to call it in messages.
        arguments: Of the interpreter.
        log: File that takes its output.
        waits: Whether it reads from its input that it is to go on (`Child.begin`).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE if waits else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    child = Child(name, log, process)
    try:
        yield child
    finally:
        child.stop()
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()


def run(name: str, arguments: Sequence[str], log: Path, limit: float) -> None:
    """Run `python <arguments>` to its end, with its output in `log`.

    Raises:
        ExecutionError: It failed; the message shows the last lines of its log.
        UnavailableError: It took longer than `limit` seconds and was stopped.
    """
    with running(name, arguments, log) as child:
        require_success(child, limit)


def require_success(child: Child, limit: float) -> None:
    """Wait until a process of ours ends well.

    Raises:
        ExecutionError: It failed; the message shows the last lines of its log.
        UnavailableError: It took longer than `limit` seconds and was stopped.
    """
    deadline = time.monotonic() + limit
    while child.process.poll() is None:
        if time.monotonic() > deadline:
            child.stop()
            raise UnavailableError(f"{child.name} took longer than {limit:g} s and was stopped.", where=str(child.log))
        time.sleep(_PAUSE)
    if child.process.returncode:
        raise ExecutionError(
            f"{child.name} failed with code {child.process.returncode}. Its last lines:\n{last_lines(child.log)}",
            where=str(child.log),
        )


def last_lines(log: Path, count: int = 15) -> str:
    """Return the last `count` lines of a log file."""
    with log.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - 16_384))
        lines = stream.read().decode(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-count:])

"""Run a command that nobody vouches for."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from earthcode_platform.errors import InputError, NotIsolatedError
from earthcode_platform.isolation.child import Child, Lines
from earthcode_platform.isolation.limits import Ended, EndedBy, Isolation, Limits
from earthcode_platform.isolation.visible import sights
from earthcode_platform.isolation.watching import usage_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from earthcode_platform.isolation.entering import Plan

__all__ = ["Isolated", "why_not"]

_LOOK: Final = 0.1
"""Seconds between two looks at what the processes use."""
_COUNTED_APART: Final = (5, 14)
"""From this Linux on the processes of a user namespace are counted apart from their user's others."""


@dataclass(frozen=True)
class Isolated:
    """Where and how commands run that nobody vouches for.

    A command sees the system's programs, this Python with its packages, `workspace` and what is named, each at its
    usual path; it has the environment that is named and none of the platform's; it reaches no network and no process
    but its own. When it ends, whatever it started ends too.

    On Linux 5.12 or newer this holds, as root or, where user namespaces are allowed, as any user. Elsewhere `run`
    raises, unless `least` accepts less; what was done is told by `Ended.isolation`.
    """

    workspace: Path
    """The folder where commands start and may write; it must exist."""
    readable: tuple[Path, ...] = ()
    """Further folders and files that they may read."""
    writable: tuple[Path, ...] = ()
    """Further folders and files that they may write."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What is added to, or replaces, PATH, LANG, HOME, TMPDIR, USER and LOGNAME in their environment."""
    network: bool = False
    """Whether they reach the network as the platform does; without, only 127.0.0.1 and what they start there."""
    limits: Limits = field(default_factory=Limits)
    """What they may use."""
    least: Isolation = Isolation.NAMESPACES
    """What is accepted where more cannot be had."""

    def run(
        self,
        command: Sequence[str],
        on_line: Callable[[str], None] | None = None,
        cancelled: threading.Event | None = None,
    ) -> Ended:
        """Run `command` and return how it ended; nothing of it is left, however this returns or raises.

        Args:
            command: Program and arguments; the program is looked for in PATH.
            on_line: Takes each line of standard output and error output as it comes. What it raises ends the command.
            cancelled: Ends the command once it is set, by whichever thread.

        Raises:
            InputError: The command or a folder is not there.
            NotIsolatedError: This machine cannot isolate, and `least` does not accept less.
        """
        try:
            return self._run(Isolation.NAMESPACES, command, on_line, cancelled)
        except NotIsolatedError:
            if self.least is Isolation.NAMESPACES:
                raise
            return self._run(Isolation.PROCESS, command, on_line, cancelled)

    def _run(
        self,
        isolation: Isolation,
        command: Sequence[str],
        on_line: Callable[[str], None] | None,
        cancelled: threading.Event | None,
    ) -> Ended:
        if isolation is Isolation.NAMESPACES and sys.platform != "linux":
            raise _not_isolated(f"{sys.platform} has no namespaces")
        lines = Lines(on_line)
        with self._scratch() as scratch, Child(self._plan(isolation, command, scratch)) as child:
            reason, peak = self._watch(child, lines, cancelled)
            child.end()
            child.rest(lines)
            report, seconds = child.report(), child.seconds
        if "refused" in report:
            raise _not_isolated(f"{report['refused']}: {report['error']}")
        if "unstarted" in report:
            raise InputError(f"the command could not be started: {report['unstarted']}.", where=command[0])
        code, ended_by = _end(report, reason)
        return Ended(code, seconds, peak, lines.tail(), ended_by, isolation)

    def _watch(self, child: Child, lines: Lines, cancelled: threading.Event | None) -> tuple[EndedBy | None, int]:
        """Follow the command to its end; return why it must be ended, if so, and the most memory it used."""
        peak, next_look = 0, 0.0
        while child.listen(lines, _LOOK):
            if cancelled is not None and cancelled.is_set():
                return EndedBy.CANCEL, peak
            if child.seconds > self.limits.seconds:
                return EndedBy.TIME, peak
            if child.seconds < next_look:
                continue
            usage = usage_of(child.pid, self.limits)
            peak = max(peak, usage.memory_bytes)
            if usage.memory_bytes > self.limits.memory_bytes:
                return EndedBy.MEMORY, peak
            if usage.tasks > self.limits.processes:
                return EndedBy.PROCESSES, peak
            next_look = child.seconds + _LOOK
        return None, peak

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """Hand out a folder inside the workspace for HOME and TMPDIR, and remove it."""
        if not self.workspace.is_dir():
            raise InputError("this workspace is no folder.", where=str(self.workspace), remedy="Make it first.")
        scratch = Path(tempfile.mkdtemp(prefix=".isolated-", dir=self.workspace.resolve()))
        try:
            for folder in (scratch / "home", scratch / "tmp"):
                folder.mkdir()
            if os.geteuid() == 0:
                owner = self.workspace.stat()
                for folder in (scratch, scratch / "home", scratch / "tmp"):
                    os.chown(folder, owner.st_uid, owner.st_gid)
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _plan(self, isolation: Isolation, command: Sequence[str], scratch: Path) -> Plan:
        if not command:
            raise InputError("there is no command to run.", remedy="Name a program.")
        environment = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
            "LANG": "C.UTF-8",
            "HOME": str(scratch / "home"),
            "TMPDIR": str(scratch / "tmp"),
            "USER": "isolated",
            "LOGNAME": "isolated",
        }
        writable = (self.workspace, *self.writable)
        return {
            "command": [str(word) for word in command],
            "workspace": str(self.workspace.resolve()),
            "environment": environment | dict(self.environment),
            "sights": sights(self.readable, writable, network=self.network),
            "network": self.network,
            "confined": isolation is Isolation.NAMESPACES,
            "limits": _kernel_limits(self.limits, isolation),
            "shared_bytes": max(self.limits.memory_bytes // 4, 1),
        }


def why_not(workspace: Path) -> str:
    """Return why commands cannot be isolated with a workspace like this, in words; empty if they can."""
    try:
        Isolated(workspace, limits=Limits(seconds=30)).run(["true"])
    except NotIsolatedError as error:
        return error.message
    return ""


def _kernel_limits(limits: Limits, isolation: Isolation) -> dict[str, int]:
    """Return what the kernel itself shall hold, beyond what is watched: it is faster than any watch.

    Its ceilings lie above the limits, so that it is the watch that says what was too much.
    """
    wanted = {
        "CORE": 0,
        "NOFILE": limits.open_files,
        "FSIZE": limits.file_bytes,
        "DATA": 2 * limits.memory_bytes + 512 * 1024**2,
    }
    release = tuple(int(part) for part in os.uname().release.split(".")[:2]) if sys.platform == "linux" else (0, 0)
    if isolation is Isolation.NAMESPACES and (os.geteuid() == 0 or release >= _COUNTED_APART):
        wanted["NPROC"] = limits.processes + max(8, limits.processes // 4)
    return wanted


def _end(report: Mapping[str, object], reason: EndedBy | None) -> tuple[int, EndedBy]:
    signal_number = report.get("signal", 9)
    killed = 128 + int(str(signal_number))
    if reason is not None:
        return killed, reason
    if "exit" in report:
        return int(str(report["exit"])), EndedBy.EXIT
    return killed, EndedBy.SIGNAL


def _not_isolated(why: str) -> NotIsolatedError:
    return NotIsolatedError(
        f"this machine cannot isolate a process: {why}.",
        remedy="Run it on Linux 5.12 or newer, as root or where user namespaces are allowed, or let the platform's "
        f"configuration accept less: isolation {Isolation.PROCESS.value!r}.",
    )

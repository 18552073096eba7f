"""The other side of `Isolated.run`: a small process that goes where its plan says and runs the command there.

It is started as `python -I -S` with nothing in its environment, reads its plan from its standard input and tells how it
went in JSON lines. Standard library only: it runs before anything else of the child, as whoever runs the platform.

Three processes share the work. The *gate* (this one) makes the namespaces and ends everything when the platform closes
the lifeline or dies. The *warden*, first process of the new process namespace, builds the new root and gives up all
rights; when it ends, Linux kills whatever is left inside (pid_namespaces(7)). The *command* is its child.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypedDict

from earthcode_platform.isolation import kernel
from earthcode_platform.isolation.becoming import descriptor_of_owners, limit, map_own_user, reduce_rights
from earthcode_platform.isolation.mounting import Inhabitant, Sight, new_root

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Plan", "main"]

_NEWNS: Final = 0x00020000
_NEWCGROUP: Final = 0x02000000
_NEWUTS: Final = 0x04000000
_NEWIPC: Final = 0x08000000
_NEWUSER: Final = 0x10000000
_NEWPID: Final = 0x20000000
_NEWNET: Final = 0x40000000
_SUBREAPER: Final = 36
_DEATH_SIGNAL: Final = 1
_FIRST_FREE_USER: Final = 2_000_000_000
_PAUSE: Final = 0.05


class Plan(TypedDict):
    """What the platform asks of the child."""

    command: list[str]
    """The command; its first word is looked for in PATH."""
    workspace: str
    """The folder it starts in."""
    environment: dict[str, str]
    """All of its environment."""
    sights: list[Sight]
    """What is visible, parents before children."""
    network: bool
    """Whether it shares the machine's network."""
    confined: bool
    """Whether namespaces are made; otherwise it is only limited."""
    limits: dict[str, int]
    """Limits by the name of the resource as `resource` spells it, without RLIMIT_."""
    shared_bytes: int
    """How large shared memory may grow."""


def main() -> None:
    """Read the plan, run it and end; the two arguments are the descriptors of the report and of the lifeline."""
    report, lifeline = int(sys.argv[1]), int(sys.argv[2])
    for descriptor in (report, lifeline):
        # The command itself must not have them: what it wrote there would be believed.
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - the signature of os
    plan: Plan = json.load(sys.stdin)
    gate = _Gate(plan, report, lifeline)
    with suppress(OSError):
        # Where the machine itself runs out of memory, this goes first.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if plan["confined"]:
        gate.confined()
    else:
        gate.limited()


class _Gate:
    """The process that the platform started."""

    def __init__(self, plan: Plan, report: int, lifeline: int) -> None:
        self._plan = plan
        self._report = report
        self._lifeline = lifeline

    def _tell(self, **facts: object) -> None:
        os.write(self._report, json.dumps(facts).encode() + b"\n")

    def _attempt(self, step: str, work: Callable[[], object]) -> None:
        """Do one step of the confinement; what fails is told, and nothing runs."""
        try:
            work()
        except OSError as error:
            self._tell(refused=step, error=str(error))
            os._exit(1)

    def confined(self) -> None:
        """Run the command in namespaces of its own."""
        self._attempt("namespaces", self._leave)
        warden = os.fork()
        if warden == 0:
            self._attempt("a file system of its own", self._settle)
            self._guard(self._start())
        descriptor = os.pidfd_open(warden)
        select.select([descriptor, self._lifeline], [], [])
        os.kill(warden, signal.SIGKILL)
        # Comes back when the last process inside is gone.
        os.waitpid(warden, 0)

    def _leave(self) -> None:
        workspace = Path(self._plan["workspace"]).stat()
        flags = _NEWPID | _NEWIPC | _NEWUTS | _NEWCGROUP | (0 if self._plan["network"] else _NEWNET)
        if os.geteuid() == 0:
            mine = _FIRST_FREE_USER + os.getpid()
            owners = descriptor_of_owners(workspace.st_uid, workspace.st_gid, mine)
            self._inhabitant = Inhabitant(mine, mine, owners)
            os.fchown(1, mine, mine)
            kernel.unshare(flags)
        else:
            self._inhabitant = Inhabitant(os.geteuid(), os.getegid(), None)
            user, group = os.geteuid(), os.getegid()
            kernel.unshare(_NEWUSER | flags)
            map_own_user(user, group)
        kernel.forget_keys()

    def _settle(self) -> None:
        """As the first process of the new namespace: see only what is named, and be nobody."""
        plan = self._plan
        kernel.unshare(_NEWNS)
        socket.sethostname("isolated")
        if not plan["network"]:
            kernel.loopback_up()
        new_root(Path(plan["workspace"]), plan["sights"], self._inhabitant, plan["shared_bytes"])
        reduce_rights(self._inhabitant)
        kernel.prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if select.select([self._lifeline], [], [], 0)[0]:
            os._exit(1)

    def limited(self) -> None:
        """Run the command where we are; every process that came of it is killed when it ends."""
        if sys.platform == "linux":
            kernel.prctl(_SUBREAPER, 1)
        child = self._start()
        while True:
            over = select.select([self._lifeline], [], [], _PAUSE)[0]
            pid, status = os.waitpid(child, os.WNOHANG)
            if over or pid:
                break
        if pid:
            self._tell_end(status)
        _kill_session(child)
        _kill_children()

    def _start(self) -> int:
        child = os.fork()
        if child == 0:
            self._become()
        return child

    def _become(self) -> NoReturn:
        """Turn into the command."""
        plan = self._plan
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(1, 2)
            os.chdir(plan["workspace"])
            limit(plan["limits"])
            os.execvpe(plan["command"][0], plan["command"], plan["environment"])  # noqa: S606 - the command it is for
        except OSError as error:
            self._tell(unstarted=str(error))
        os._exit(127)

    def _guard(self, command: int) -> NoReturn:
        """Bury the dead, and end with the command."""
        while True:
            pid, status = os.wait()
            if pid == command:
                self._tell_end(status)
                os._exit(0)

    def _tell_end(self, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        self._tell(**({"exit": code} if code >= 0 else {"signal": -code}))


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _kill_children() -> None:
    """Kill and bury every child, those included that fall to us when their parent dies."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while True:
        for pid in children.read_text(encoding="ascii").split() if children.exists() else ():
            os.kill(int(pid), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return

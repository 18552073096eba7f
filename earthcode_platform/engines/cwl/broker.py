"""Containers for a conductor that has no rights to start any: it asks, and the platform looks at what it asks for."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from uuid import uuid4

from earthcode_platform.engines.cwl import reaper, shim
from earthcode_platform.errors import EarthCodeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from earthcode_platform.engines.cwl.runtimes import Runtime

__all__ = ["Broker", "ContainerOrder"]

_LARGEST: Final = 4 * 1024 * 1024
"""Bytes of one order."""
_LOOK: Final = 0.1
_STOP: Final = 10.0
_ENDING: Final = 120.0


@dataclass(frozen=True)
class ContainerOrder:
    """A container as a tool wants it."""

    image: str
    command: tuple[str, ...]
    mounts: tuple[tuple[str, str, bool], ...]
    """Place here, place inside, and whether it may be written to."""
    workdir: str
    network: bool
    environment: dict[str, str]
    seconds: float
    memory_mib: int

    @classmethod
    def read(cls, text: bytes) -> Self:
        """Return the order that stands in JSON.

        Raises:
            ValueError: It is none.
        """
        said = json.loads(text)
        try:
            return cls(
                str(said["image"]), tuple(map(str, said["command"])),
                tuple((str(source), str(target), bool(writable)) for source, target, writable in said["mounts"]),
                str(said["workdir"]), bool(said["network"]),
                {str(name): str(value) for name, value in said["environment"].items()},
                float(said["seconds"]), int(said["memory_mib"]),
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no order of a container: {error!r}") from error


@dataclass
class Broker:
    """Takes the orders of one run, from a socket that only its conductor sees.

    A container sees the folders of the run that its tool names and nothing else of this machine; it has no rights, no
    variable of the platform, and a network only if its tool asks for one and the run allows it. Leaving the `with`
    block ends every container that is left.
    """

    runtime: Runtime
    """What runs them."""
    images: Mapping[str, str]
    """The images that may run, by the name that tools give them, with their digest."""
    folders: Sequence[Path]
    """What may be seen in containers: these folders and what is below them."""
    writable: Sequence[Path]
    """What may be written to: these folders and what is below them."""
    network: bool = False
    """Whether a container that asks for a network gets it."""
    refused: list[str] = field(default_factory=list)
    """Why orders were turned down."""
    _noting: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        # Of its own, and not in the workspace: the path of a socket may have 107 characters.
        self._folder = tempfile.TemporaryDirectory(prefix="cwl-")
        self.path = Path(self._folder.name) / "broker"
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(self.path))
        self._listening.listen(64)
        self._listening.settimeout(_LOOK)
        owner = self.writable[0].stat() if self.writable else self.path.stat()
        if os.geteuid() == 0:
            for place in (self.path.parent, self.path):
                os.chown(place, owner.st_uid, owner.st_gid)
        self._reaper = subprocess.Popen(
            [sys.executable, "-I", "-S", reaper.__file__, self.runtime.program],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.runtime.environment,
            start_new_session=True,
        )
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._accepting.join(_STOP)
        for thread in self._threads:
            thread.join(_STOP)
        self._reaper.communicate(timeout=_ENDING)
        self._listening.close()
        self._folder.cleanup()

    def _note(self, sign: str, name: str) -> None:
        """Tell the reaper that a container begins or ended."""
        with self._noting, suppress(OSError):
            if self._reaper.stdin is not None:
                self._reaper.stdin.write(f"{sign}{name}\n".encode())
                self._reaper.stdin.flush()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        streams: list[int] = []
        with connection:
            try:
                connection.settimeout(_STOP)
                order = self._received(connection, streams)
                self._require(order)
                code = self._run(order, streams, connection)
            except (OSError, ValueError, EarthCodeError) as error:
                self.refused.append(str(error))
                for stream in streams[1:2]:
                    with suppress(OSError):
                        os.write(stream, f"the platform started no container: {error}\n".encode())
                code = shim.REFUSED
            finally:
                for stream in streams:
                    os.close(stream)
            with suppress(OSError):
                connection.sendall(str(code).encode())

    def _received(self, connection: socket.socket, streams: list[int]) -> ContainerOrder:
        head, given, _, _ = socket.recv_fds(connection, 8, 3)
        streams += given
        size = int.from_bytes(head, "big")
        if len(head) != 8 or len(given) != 3 or size > _LARGEST:  # noqa: PLR2004 - the length, and three streams
            raise ValueError("no order of a container")
        text = bytearray()
        while len(text) < size:
            piece = connection.recv(min(65536, size - len(text)))
            if not piece:
                raise ValueError("an order of a container that ends early")
            text += piece
        return ContainerOrder.read(bytes(text))

    def _require(self, order: ContainerOrder) -> None:
        """Check that the run may have the container; what its tool says of itself is not believed.

        Raises:
            ValueError: It may not.
        """
        if order.image not in self.images:
            raise ValueError(f"the image {order.image!r} is none of the run's")
        for source, target, writable in order.mounts:
            real = Path(os.path.realpath(source))
            allowed = self.writable if writable else (*self.folders, *self.writable)
            if not any(real.is_relative_to(folder.resolve()) for folder in allowed):
                raise ValueError(f"{source!r} is none of the folders of the run")
            if not target.startswith("/") or ".." in Path(target).parts:
                raise ValueError(f"{target!r} is no place in a container")
        if order.network and not self.network:
            raise ValueError("the run allows no network")

    def _command(self, order: ContainerOrder, name: str) -> list[str]:
        words = [self.runtime.program, "run", "--rm", "-i", f"--name={name}", "--pull=never", "--read-only"]
        words += ["--cap-drop=all", "--security-opt=no-new-privileges", f"--memory={order.memory_mib}m"]
        words += [f"--workdir={order.workdir}", f"--user={os.geteuid()}:{os.getegid()}", "--log-driver=none"]
        words += [] if order.network else ["--network=none"]
        for source, target, writable in order.mounts:
            place = ["type=bind", f"source={os.path.realpath(source)}", f"target={target}"]
            words.append(f"--mount={','.join(_quoted(part) for part in (*place, *([] if writable else ['readonly'])))}")
        words += [f"--env={key}={value}" for key, value in order.environment.items()]
        return [*words, order.image, *order.command]

    def _run(self, order: ContainerOrder, streams: Sequence[int], connection: socket.socket) -> int:
        name = f"earthcode-{uuid4().hex[:16]}"
        self._note("+", name)
        try:
            with subprocess.Popen(
                self._command(order, name), stdin=streams[0], stdout=streams[1], stderr=streams[2],
                env=self.runtime.environment, start_new_session=True, cwd=self.path.parent,
            ) as process:  # fmt: skip
                code = self._watch(process, order, connection)
                if process.poll() is None:
                    self.runtime.remove(name)
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(_STOP)
                    process.kill()
            return process.returncode if code is None else code
        finally:
            self._note("-", name)

    def _watch(self, process: subprocess.Popen[bytes], order: ContainerOrder, connection: socket.socket) -> int | None:
        """Wait for the end; return the exit code for a container that must be ended, None for one that ended itself."""
        ends = time.monotonic() + order.seconds
        while process.poll() is None:
            if self._stopping.is_set() or _closed(connection):
                return shim.REFUSED
            if time.monotonic() > ends:
                return shim.TOO_LONG
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK)
        return None


def _closed(connection: socket.socket) -> bool:
    """Tell whether the other side is gone; it sends nothing after its order."""
    readable, _, _ = select.select([connection], [], [], 0)
    try:
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


def _quoted(part: str) -> str:
    """Return a part of a mount as CSV has it (RFC 4180)."""
    doubled = part.replace('"', '""')
    return f'"{doubled}"' if "," in part or '"' in part else part

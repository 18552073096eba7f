"""Locks that the system takes away when the process that holds them ends, however it ends: none is ever stale."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["in_use", "locked"]


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of a file, which is made if needed, and stays.

    Args:
        path: The file.
        wait: Wait for whoever holds it.

    Yields:
        Whether it is held; False only if somebody else holds it and we do not wait.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with path.open("ab") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            # Whoever held it before may have removed the file: then it locks nothing any more.
            if path.exists() and path.stat().st_ino == os.fstat(held.fileno()).st_ino:
                yield True
                return


def in_use(path: Path) -> bool:
    """Tell whether a process holds the lock of a file; nobody holds that of a file that is not there."""
    try:
        with path.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False

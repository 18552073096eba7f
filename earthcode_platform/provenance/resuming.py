"""A run that was killed is gone on with by the next run of the same experiment.

Each run has a folder of its own, `<experiment>-<fingerprint>-<run>`. What it computes lies in it half-made until it is
whole. The next run that has the same experiment and fingerprint takes that folder over, unless the process that made it
still lives: it holds a lock, which the system takes away when the process ends, however it ends. Whether the content is
of any use is told by its own record, not here.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from earthcode_platform.locks import locked

__all__ = ["KEPT", "forget", "resuming"]

KEPT: Final = timedelta(days=7)
"""How long a half-made product waits for somebody who goes on with it."""
_LOCK: Final = "lock"
"""File of a run's folder that its process holds locked while it computes."""


@contextmanager
def resuming(folder: Path, name: str) -> Iterator[Path | None]:
    """Hold the folder of a run while it computes; first let it take over what a run that ended left half-made.

    Args:
        folder: The run's folder, which is there.
        name: What its folder for half-made products is called.

    Yields:
        The folder of the run that is gone on with; None if there is none.

    Raises:
        OSError: The folders cannot be read or written.
    """
    with locked(folder / _LOCK, wait=True):
        try:
            yield None if (folder / name).exists() else _taken_over(folder, name)
        finally:
            (folder / _LOCK).unlink(missing_ok=True)


def forget(runs: Path, name: str, older_than: timedelta = KEPT) -> list[Path]:
    """Remove half-made products that nobody touched for long and nobody works on; return the folders of their runs.

    Args:
        runs: The folder of all runs.
        name: What a run's folder for half-made products is called.
        older_than: How long nobody touched them.
    """
    gone = []
    for half in runs.glob(f"*/{name}"):
        # The folders of somebody else are his.
        with suppress(PermissionError), locked(half.parent / _LOCK, wait=False) as ours:
            if ours and half.is_dir() and time.time() - _touched(half) >= older_than.total_seconds():
                shutil.rmtree(half, ignore_errors=True)
                (half.parent / _LOCK).unlink(missing_ok=True)
                gone.append(half.parent)
    return gone


def _taken_over(folder: Path, name: str) -> Path | None:
    """Move the newest half-made product of a run of the same experiment here; of two who try, one gets it."""
    found = [half for half in folder.parent.glob(f"*/{name}") if _same(half.parent) == _same(folder)]
    for half in sorted(found, key=_touched, reverse=True):
        with suppress(PermissionError), locked(half.parent / _LOCK, wait=False) as ours:
            if ours and half.is_dir():
                half.rename(folder / name)
                (half.parent / _LOCK).unlink(missing_ok=True)
                return half.parent
    return None


def _same(folder: Path) -> str:
    """Return what runs of the same experiment and fingerprint have in common."""
    return folder.name.rpartition("-")[0]


def _touched(half: Path) -> float:
    """Return when something in the folder was written last; 0 if it is gone meanwhile."""
    try:
        return max(path.stat().st_mtime for path in (half, *half.iterdir()))
    except FileNotFoundError:
        return 0.0

"""Doing something again whenever a file of a folder is saved."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["again_on_change"]

_LOOK: Final = 0.5
"""Seconds between two looks at the folder."""
_CALM: Final = 0.2
"""Seconds without a change before it is done again: editors save in several steps."""
_MOST: Final = 10_000
"""How many files are looked at."""


def again_on_change(
    folder: Path, act: Callable[[], int], told: Callable[[str], None], over: threading.Event | None = None
) -> int:
    """Call `act` now and after every change of a file below `folder`, and return what it returned last.

    Hidden files, `__pycache__` and what lies in folders of such names are not looked at. It ends with Ctrl-C.

    Args:
        folder: The folder, or a file in it.
        act: What is done.
        told: Who is told that it waits, and what changed.
        over: Ends it once it is set, by whichever thread.
    """
    over = over or threading.Event()
    root = folder if folder.is_dir() else folder.parent
    seen = _seen(root)
    code = act()
    try:
        told("waiting for changes; Ctrl-C ends it")
        while not over.wait(_LOOK):
            now = _seen(root)
            if now == seen:
                continue
            now = _calm(root, now)
            changed = sorted(path for path in now.keys() | seen.keys() if now.get(path) != seen.get(path))
            seen = now
            if changed:
                more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
                told(f"{time.strftime('%H:%M:%S')}  {changed[0]}{more}")
                code = act()
    except KeyboardInterrupt:
        pass
    return code


def _calm(root: Path, now: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    while True:
        time.sleep(_CALM)
        later = _seen(root)
        if later == now:
            return later
        now = later


def _seen(root: Path) -> dict[str, tuple[int, int]]:
    """Return time and size of every file, by its path below the folder."""
    found: dict[str, tuple[int, int]] = {}
    waiting = [root]
    while waiting and len(found) < _MOST:
        here = waiting.pop()
        try:
            entries = list(here.iterdir())
        except OSError:
            # It was removed in between, or is not ours to look into.
            continue
        for path in entries:
            if path.name.startswith(".") or path.name == "__pycache__":
                continue
            if path.is_dir() and not path.is_symlink():
                waiting.append(path)
                continue
            try:
                state = path.stat()
            except OSError:
                continue
            found[path.relative_to(root).as_posix()] = (state.st_mtime_ns, state.st_size)
    return found

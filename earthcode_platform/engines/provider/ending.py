"""A process that is told to end does first what it would do on its way out."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["terminable"]

_STOPPED: Final = 143
"""Exit status of a process that SIGTERM ends (128 + 15)."""


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end the block like an exception, so that what it does on its way out is done.

    Where somebody else looks after the signal already, as Prefect does, nothing is changed.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return

    def end(*_: object) -> NoReturn:
        raise SystemExit(_STOPPED)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

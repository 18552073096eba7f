"""Python's search for garbage in cycles, put off while what is made stays anyway."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage inside: what is imported, read or built there is kept, and looking would take a fifth.

    Several threads may be inside at a time; the first that leaves lets the search begin again.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()

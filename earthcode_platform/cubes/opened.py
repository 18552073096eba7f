"""Raster files that stay open between two windows, whichever thread reads the next one.

Opening a file reads its header: a seventh of the time in which a block is read from the disk, and a request or more
over HTTP. GDAL's data sets may go from one thread to another, but two must not read one at the same time: who needs a
file that is in use opens it once more.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rasterio.io import DatasetReader

__all__ = ["READ_OPTIONS", "REMOTE_OPTIONS", "opened_raster"]

REMOTE_OPTIONS: Final = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MAX_RETRY": "4",
    "GDAL_HTTP_RETRY_DELAY": "0.5",
}
"""For files over HTTP: do not list the folder, and ask again when a server stumbles."""
READ_OPTIONS: Final = {**REMOTE_OPTIONS, "GDAL_CACHEMAX": 64}
"""The same, and megabytes of tiles that GDAL keeps: whole tiles are read once, so that more would help nobody."""
_MOST: Final = 256
"""Files that are kept open while nobody reads them; one that several threads read counts for each."""


class _Idle:
    """Open files that nobody reads at this moment, by address, the one used last at the end."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Know of no file, as in a new process."""
        self._lock = threading.Lock()
        self._files: OrderedDict[str, list[tuple[tuple[int, ...], DatasetReader]]] = OrderedDict()

    def take(self, href: str, stamp: tuple[int, ...]) -> DatasetReader | None:
        """Return an open file, which is the caller's from now on; one that changed since it was opened is closed."""
        with self._lock:
            known = self._files.pop(href, [])
            same = [opened for opened_at, opened in known if opened_at == stamp]
            found = same.pop() if same else None
            if same:
                self._files[href] = [(stamp, opened) for opened in same]
        for opened_at, opened in known:
            if opened_at != stamp:
                opened.close()
        return found

    def give_back(self, href: str, stamp: tuple[int, ...], opened: DatasetReader) -> None:
        """Keep a file open for the next one who asks."""
        with self._lock:
            self._files.setdefault(href, []).append((stamp, opened))
            self._files.move_to_end(href)
            left: list[tuple[tuple[int, ...], DatasetReader]] = []
            while sum(map(len, self._files.values())) > _MOST:
                left += self._files.popitem(last=False)[1]
        for _, other in left:
            other.close()


_IDLE: Final = _Idle()
# A process and its child would move the same place in a file: a child opens its own.
os.register_at_fork(after_in_child=_IDLE.forget)


@contextmanager
def opened_raster(href: str) -> Iterator[DatasetReader]:
    """Hand out a raster file that is open, to nobody else meanwhile; a local one that changed is opened anew.

    Raises:
        RasterioIOError: It cannot be opened or read; it is closed then. The message shows no signature of its address.
    """
    import rasterio
    from rasterio.errors import RasterioError

    stamp = _stamp(href)
    opened = _IDLE.take(href, stamp)
    try:
        if opened is None:
            opened = rasterio.open(href, sharing=False)
        yield opened
    except BaseException as error:
        if opened is not None:
            opened.close()
        if isinstance(error, RasterioError):
            # GDAL names the address by which it was asked, signature and all; a cause would be shown, too.
            raise type(error)(public(" ".join(filter(None, [str(error), str(error.__cause__ or "")])))) from None
        raise
    _IDLE.give_back(href, stamp, opened)


def _stamp(href: str) -> tuple[int, ...]:
    """Return what changes with a local file; nothing where only the server could tell."""
    if is_remote(href):
        return ()
    try:
        found = os.stat(href)  # noqa: PTH116 - hundreds of times a second
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns

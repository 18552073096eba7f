"""Raster files that stay open between two windows, for each thread its own.

Opening a file reads its header: a seventh of the time in which a block is read from the disk, and a request or more
over HTTP. GDAL's data sets are not to be shared by threads.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from earthcode_platform.cubes.stac import is_remote

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
_MOST: Final = 96
"""Files that a thread keeps open."""


class _Held(threading.local):
    """The open files of a thread, the one used last at the end, with what tells whether each is still the same."""

    def __init__(self) -> None:
        self.files: OrderedDict[str, tuple[tuple[int, ...], DatasetReader]] = OrderedDict()


_HELD: Final = _Held()


@contextmanager
def opened_raster(href: str) -> Iterator[DatasetReader]:
    """Hand out a raster file that is open, for this thread; a local one that changed is opened anew.

    Raises:
        RasterioIOError: It cannot be opened; a file that fails is closed.
    """
    import rasterio

    files, stamp = _HELD.files, _stamp(href)
    known = files.pop(href, None)
    if known is not None and known[0] != stamp:
        known[1].close()
        known = None
    opened = rasterio.open(href, sharing=False) if known is None else known[1]
    try:
        yield opened
    except BaseException:
        opened.close()
        raise
    files[href] = (stamp, opened)
    if len(files) > _MOST:
        files.popitem(last=False)[1][1].close()


def _stamp(href: str) -> tuple[int, ...]:
    """Return what changes with a local file; nothing where only the server could tell."""
    if is_remote(href):
        return ()
    try:
        found = os.stat(href)  # noqa: PTH116 - hundreds of times a second
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns

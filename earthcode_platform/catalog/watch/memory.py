"""What runs of the watch leave for the next: the last report, and a line for each run."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from pydantic import ValidationError

from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.models.watch_report import TrendRow, WatchReport

__all__ = ["WatchMemory", "memory_of"]

_KEPT: Final = 1000
"""How many runs the trend holds: almost three years of nights."""


class WatchMemory:
    """A folder with the state of the watch on one catalog. Several processes may share it.

    A file that cannot be read is set aside under another name and said aloud: the watch then starts anew.

    Args:
        folder: The folder; it is made when something is kept.
        warn: Takes a sentence for each file that was set aside.
    """

    def __init__(self, folder: Path, warn: Callable[[str], object]) -> None:
        self.folder = folder
        self._last = folder / "last.json"
        self._trend = folder / "trend.jsonl"
        self._warn = warn

    def __repr__(self) -> str:
        return f"WatchMemory({str(self.folder)!r})"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against other runs while the block runs."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def last(self) -> WatchReport | None:
        """Return the report of the run before; None if there was none, or if it cannot be read any more."""
        try:
            return WatchReport.model_validate_json(self._last.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            self._set_aside(self._last, f"{error.error_count()} value(s) are not as expected")
            return None

    def trend(self) -> tuple[TrendRow, ...]:
        """Return the lines of earlier runs, oldest first."""
        try:
            lines = self._trend.read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        rows: list[TrendRow] = []
        broken = 0
        for line in lines:
            try:
                rows.append(TrendRow.model_validate_json(line))
            except ValidationError:
                broken += 1
        if broken:
            self._set_aside(self._trend, f"{broken} of {len(lines)} lines are not as expected; the others are kept")
            _write(self._trend, _lines(rows))
        return tuple(rows)

    def keep(self, report: WatchReport, trend: Sequence[TrendRow]) -> None:
        """Make `report` the last one and `trend` the trend; a reader sees the old state or the new, nothing between."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self._trend, _lines(trend[-_KEPT:]))
        _write(self._last, (report.model_dump_json() + "\n").encode())

    def _set_aside(self, path: Path, reason: str) -> None:
        other = path.with_name(f"{path.name}.broken-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        try:
            path.replace(other)
        except FileNotFoundError:
            return  # another run was first
        self._warn(f"{path} cannot be used: {reason}. It was set aside as {other.name}.")


def memory_of(repository: CatalogRepository, home: Path, warn: Callable[[str], object]) -> WatchMemory:
    """Return the memory of the watch on one branch of a catalog's repository, below the platform's `home`."""
    named = json.dumps([repository.address, repository.branch])
    return WatchMemory(home / "watch" / sha256(named.encode()).hexdigest()[:12], warn)


def _lines(rows: Sequence[TrendRow]) -> bytes:
    return "".join(f"{row.model_dump_json()}\n" for row in rows).encode()


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        with part.open("xb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)

"""A store in a directory: one file a key, on any file system that can rename and lock."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias
from urllib.parse import quote

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, InputError, IntegrityError
from earthcode_platform.locks import in_use, locked
from earthcode_platform.models.product import StoredFile
from earthcode_platform.stores import manifest as manifests
from earthcode_platform.stores.contract import Amiss, Delivery, Fault, Leftover, Source
from earthcode_platform.stores.disk import TAKEN, explained, kept
from earthcode_platform.stores.keys import Addresses, parts_of
from earthcode_platform.web.signing import ObjectStorage

__all__ = ["STAGING", "DirectoryStore"]

STAGING: Final = ".staging"
"""First part of every key that readers never see."""

_BLOCK: Final = 1 << 20
_LOCK: Final = ".lock"

_State: TypeAlias = tuple[int, int, int, int]
"""What nobody can change of a file's content without changing it too."""


class DirectoryStore:
    """Keeps files below `root`; the directory is made on the first delivery.

    A version is built under a staging name and renamed when it is complete: readers see all of it or nothing.

    Args:
        root: The directory.
        public_url: Address under which others read the directory (by a web server, say); `file:` URLs if left out.
    """

    def __init__(self, root: Path, public_url: str | None = None) -> None:
        self.root = root.absolute()
        self._addresses = Addresses(public_url or "file://" + quote(str(self.root)))

    def __repr__(self) -> str:
        return f"DirectoryStore({str(self.root)!r})"

    @property
    def storage(self) -> ObjectStorage:
        """See `Store.storage`. None is needed."""
        return ObjectStorage()

    def place_of(self, key: str) -> str:
        """See `Store.place_of`."""
        return str(self._path(key))

    def deliver(self, delivery: Delivery) -> str:
        """See `Store.deliver`. One rename of a directory, which POSIX makes atomic, makes the version visible."""
        target = self._path(delivery.prefix)
        staged = self._path(f"{STAGING}/{delivery.identity}")
        lock = staged.with_name(staged.name + _LOCK)
        with explained(self.root, delivery.prefix), locked(lock, wait=True):
            try:
                self._require_free(target)
                placed = [self._place(source, staged) for group in delivery.groups for source in group]
                _forget_others(staged, {file.key for file, _ in placed})
                content = delivery.seal("", [file for file, _ in placed])
                self._require_untouched(staged, placed)
                _write(staged / manifests.NAME, content)
                target.parent.mkdir(parents=True, exist_ok=True)
                for folder in (staged, *(path for path in staged.rglob("*") if path.is_dir())):
                    kept(folder)
                self._promote(staged, target)
                for folder in (target.parent, target.parent.parent):
                    kept(folder)
            finally:
                shutil.rmtree(staged, ignore_errors=True)
                lock.unlink(missing_ok=True)
        return checksums.of_bytes(content)

    def verify(self, prefix: str, files: Sequence[StoredFile]) -> list[Amiss]:
        """See `Store.verify`."""
        base = self._path(prefix)
        return [amiss for file in files if (amiss := _compared(base.joinpath(*parts_of(file.key)), file))]

    def listed(self, prefix: str) -> dict[str, int]:
        """See `Store.listed`."""
        base = self._path(prefix)
        with explained(self.root, prefix):
            return {path.relative_to(base).as_posix(): path.stat().st_size for path in _files(base)}

    def prefixes(self) -> Iterator[str]:
        """See `Store.prefixes`."""
        with explained(self.root, ""):
            found = sorted(path for path in self.root.glob("[!.]*/*") if path.is_dir())
        yield from (path.relative_to(self.root).as_posix() for path in found)

    def versions(self) -> Iterator[str]:
        """See `Store.versions`."""
        yield from (prefix for prefix in self.prefixes() if self.exists(f"{prefix}/{manifests.NAME}"))

    def pending(self, prefix: str) -> set[str]:
        """See `Store.pending`. A version here is built elsewhere."""
        del prefix
        return set()

    def read(self, key: str) -> bytes:
        """See `Store.read`."""
        with explained(self.root, key):
            return self._found(key).read_bytes()

    def get(self, key: str, local: Path) -> str:
        """See `Store.get`."""
        with explained(local.parent, local.name, f"copying {self._path(key)}"), self._found(key).open("rb") as source:
            local.parent.mkdir(parents=True, exist_ok=True)
            with local.open("wb") as target:
                return _copy(source, target)[0]

    def exists(self, key: str) -> bool:
        """See `Store.exists`."""
        return self._path(key).is_file()

    def leftovers(self, older_than: timedelta) -> list[Leftover]:
        """See `Store.leftovers`. What a running process builds is locked by it, and never returned."""
        with explained(self.root, STAGING):
            found = [self._leftover(name) for name in self._staged()]
        return [one for one in found if one.age >= older_than and not in_use(self._path(one.place + _LOCK))]

    def clean(self, leftover: Leftover) -> bool:
        """See `Store.clean`."""
        place = self._path(leftover.place)
        if parts_of(leftover.place)[0] != STAGING:
            raise InputError(f"only what lies under {STAGING}/ may be removed.", where=leftover.place)
        lock = place.with_name(place.name + _LOCK)
        with explained(self.root, leftover.place), locked(lock, wait=False) as ours:
            if not ours or self._leftover(place.name).objects != leftover.objects:
                return False
            shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
            lock.unlink()
        return True

    def href(self, key: str) -> str:
        """See `Store.href`."""
        return self._addresses.href(key)

    def link(self, key: str, seconds: int) -> str:
        """See `Store.link`. A directory has no links that run out: whoever may read it reads it."""
        del seconds
        return self.href(key)

    def key(self, href: str) -> str:
        """See `Store.key`."""
        return self._addresses.key(href)

    def _path(self, key: str) -> Path:
        return self.root.joinpath(*parts_of(key))

    def _found(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise InputError("there is no such file in the store.", where=self.href(key))
        return path

    def _require_free(self, target: Path) -> None:
        if target.exists():
            raise _taken(self.href(target.relative_to(self.root).as_posix()))

    def _promote(self, staged: Path, target: Path) -> None:
        try:
            staged.rename(target)
        except OSError as error:
            if error.errno not in TAKEN:
                raise
            raise _taken(self.href(target.relative_to(self.root).as_posix())) from None

    def _place(self, source: Source, staged: Path) -> tuple[StoredFile, _State]:
        """Store one file below the staging folder and read it back; what is there already is only read back."""
        path = staged.joinpath(*parts_of(source.key))
        if path.is_file():
            expected, state = source.checksum or checksums.of_file(source.path), _state(path)
            if checksums.of_file(path) == expected:
                return StoredFile(key=source.key, size=path.stat().st_size, checksum=expected), state
        path.parent.mkdir(parents=True, exist_ok=True)
        with source.opened() as content, path.open("wb") as written:
            checksum, size = _copy(content, written)
        source.require(checksum)
        state = _state(path)
        checksums.require(path, checksum)
        return StoredFile(key=source.key, size=size, checksum=checksum), state

    def _require_untouched(self, staged: Path, placed: Iterable[tuple[StoredFile, _State]]) -> None:
        for file, state in placed:
            path = staged.joinpath(*parts_of(file.key))
            if not path.is_file() or _state(path) != state:
                raise IntegrityError(
                    "it was stored and read back, and is gone or changed now.",
                    where=str(path),
                    remedy="Somebody else works on this store; nothing is visible yet. Run it again.",
                )

    def _staged(self) -> list[str]:
        folder = self._path(STAGING)
        if not folder.is_dir():
            return []
        return sorted({entry.name.removesuffix(_LOCK) for entry in folder.iterdir()})

    def _leftover(self, name: str) -> Leftover:
        place = f"{STAGING}/{name}"
        files = list(_files(self._path(place)))
        there = [path for path in (*files, self._path(place), self._path(place + _LOCK)) if path.exists()]
        newest = max((path.stat().st_mtime for path in there), default=0.0)
        size = sum(path.stat().st_size for path in files)
        return Leftover(place, len(files), size, timedelta(seconds=time.time() - newest))


def _taken(where: str) -> ConflictError:
    return ConflictError(
        "this version is archived already, and an archived version is never overwritten.",
        where=where,
        remedy=f"If its {manifests.NAME} is missing, it was damaged: restore it, or raise `version:`.",
    )


def _compared(path: Path, file: StoredFile) -> Amiss | None:
    try:
        found = checksums.of_file(path)
    except FileNotFoundError:
        return Amiss(file, Fault.MISSING, "")
    except OSError as error:
        return Amiss(file, Fault.DIFFERS, os.strerror(error.errno or 0))
    return None if found == file.checksum else Amiss(file, Fault.DIFFERS, found)


def _state(path: Path) -> _State:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _forget_others(staged: Path, keys: Iterable[str]) -> None:
    """Remove what a broken run left there half-written under another name."""
    wanted = set(keys)
    for path in list(_files(staged)):
        if path.relative_to(staged).as_posix() not in wanted:
            path.unlink()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    checksums.require(path, checksums.of_bytes(content))


def _copy(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    """Copy to stable storage; return the SHA-256 multihash of what was written, and its bytes."""
    digest, size = sha256(), 0
    while block := source.read(_BLOCK):
        digest.update(block)
        target.write(block)
        size += len(block)
    target.flush()
    os.fsync(target.fileno())
    return checksums.MULTIHASH_SHA256 + digest.hexdigest(), size

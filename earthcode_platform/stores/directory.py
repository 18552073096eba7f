"""A store in a directory: one file a key, on any file system that can rename."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final
from urllib.parse import quote, unquote
from uuid import uuid4

from earthcode_platform import checksums
from earthcode_platform.errors import ConflictError, InputError, IntegrityError, UnavailableError
from earthcode_platform.models.product import StoredFile
from earthcode_platform.redaction import public

__all__ = ["STAGING", "DirectoryStore"]

STAGING: Final = ".staging"
"""First part of every key that may be discarded."""

_BLOCK: Final = 1 << 20
_MODE: Final = "xb"


class DirectoryStore:
    """Keeps files below `root`; the directory is made on the first `put`.

    Args:
        root: The directory.
        public_url: Address under which others read the directory (by a web server, say); `file:` URLs if left out.
    """

    def __init__(self, root: Path, public_url: str | None = None) -> None:
        if public_url is not None and public(public_url) != public_url:
            raise InputError(
                "the public address carries credentials, and everybody would read them in the catalog.",
                where=public(public_url),
                remedy="Take the user name, password and signing parameters out of it.",
            )
        self.root = root.absolute()
        self._base = (public_url.rstrip("/") if public_url else "file://" + quote(str(self.root))) + "/"

    def put(self, local: Path, key: str) -> StoredFile:
        """See `Store.put`."""
        target = self._path(key)
        with self._explained(key):
            if target.exists():
                raise ConflictError("the key is taken, and nothing here is overwritten.", where=key)
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{uuid4().hex}.part")
            try:
                with local.open("rb") as source, part.open(_MODE) as written:
                    digest, size = _copy(source, written)
                part.rename(target)
            finally:
                part.unlink(missing_ok=True)
        return StoredFile(key=key, size=size, checksum=checksums.MULTIHASH_SHA256 + digest)

    def verify(self, key: str, checksum: str) -> StoredFile:
        """See `Store.verify`."""
        path = self._path(key)
        if not path.is_file():
            raise IntegrityError("the file is missing from the store.", where=key)
        checksums.require(path, checksum)
        return StoredFile(key=key, size=path.stat().st_size, checksum=checksum)

    def get(self, key: str, local: Path) -> None:
        """See `Store.get`."""
        path = self._path(key)
        if not path.is_file():
            raise InputError("there is no such file in the store.", where=self.href(key))
        with self._explained(key):
            local.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, local)

    def exists(self, key: str) -> bool:
        """See `Store.exists`."""
        return self._path(key).is_file()

    def promote(self, staged: str, prefix: str) -> None:
        """See `Store.promote`. One rename of a directory, which POSIX makes atomic."""
        source, target = self._path(staged), self._path(prefix)
        with self._explained(prefix):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                source.rename(target)
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                    raise
                raise ConflictError(
                    "this version is archived already, and an archived version is never overwritten.",
                    where=self.href(prefix),
                    remedy="If its manifest.json is missing, it was damaged: restore it, or raise `version:`.",
                ) from None

    def discard(self, staged: str) -> None:
        """See `Store.discard`."""
        if PurePosixPath(staged).parts[:1] != (STAGING,):
            raise InputError(f"only what lies under {STAGING}/ may be discarded.", where=staged)
        shutil.rmtree(self._path(staged), ignore_errors=True)

    def href(self, key: str) -> str:
        """See `Store.href`."""
        return self._base + quote(key)

    def key(self, href: str) -> str:
        """See `Store.key`."""
        if not href.startswith(self._base):
            raise InputError(
                f"{href!r} is no address of this results store, whose addresses begin with {self._base!r}.",
                remedy="Choose the store that the product was archived in.",
            )
        key = unquote(href[len(self._base) :])
        self._path(key)
        return key

    def _path(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts or "\\" in key or "\0" in key:
            raise InputError(f"{key!r} is no key; it must be a relative path that stays inside the store.")
        return self.root.joinpath(*parts)

    @contextmanager
    def _explained(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            remedy = {
                errno.ENOSPC: "Free some space, or choose another store.",
                errno.EACCES: f"Allow this user to write below {self.root}, or choose another store.",
                errno.EROFS: "The file system is read-only; choose another store.",
            }.get(error.errno or 0, "")
            raise UnavailableError(f"the results store failed: {reason}.", where=key, remedy=remedy) from error


def _copy(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    """Copy to stable storage; return the SHA-256 of what was written in hexadecimal, and its bytes."""
    digest, size = sha256(), 0
    while block := source.read(_BLOCK):
        digest.update(block)
        target.write(block)
        size += len(block)
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest(), size

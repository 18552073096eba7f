"""What a file system says, as an error of the tree: trying again mends a full disk, and no missing right."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from earthcode_platform.errors import EarthCodeError, InputError, UnavailableError

__all__ = ["TAKEN", "explained", "kept"]

TAKEN: Final = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
"""What a rename says if something is there."""

_FOR_GOOD: Final = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP)


@contextmanager
def explained(root: Path, key: str, what: str = "the results store") -> Iterator[None]:
    """Turn an `OSError` into an error of the tree.

    Args:
        root: Where we work.
        key: What below it.
        what: What `root` is, as the message calls it.

    Raises:
        InputError: Another try would end the same: the rights, the file system or the name are wrong.
        UnavailableError: It may go better later.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        remedy = {
            errno.ENOSPC: "Free some space, or choose another place.",
            errno.EDQUOT: "Free some space, or choose another place.",
            errno.EACCES: f"Allow this user to write below {root}, or choose another place.",
            errno.EPERM: f"Allow this user to write below {root}, or choose another place.",
            errno.EROFS: "The file system is read-only; choose another place.",
            errno.ENOTDIR: f"Something that is no directory lies in the way of {root}; choose another place.",
        }.get(error.errno or 0, "")
        kind: type[EarthCodeError] = InputError if error.errno in _FOR_GOOD else UnavailableError
        raise kind(f"{what} failed: {reason}.", where=str(root / key), remedy=remedy) from error


def kept(folder: Path) -> None:
    """Let the disk keep which names a directory has: without it, power that fails may take a rename back.

    File systems that cannot do so for a directory (some of networks) are left alone.
    """
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(opened)

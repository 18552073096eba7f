"""The calls of Linux that Python's standard library has not, as functions that raise `OSError`.

Numbers and flags are those of the kernel's user-space headers (`linux/sched.h`, `linux/mount.h`, `linux/prctl.h`);
system calls from 424 on carry the same number on every architecture. Imported by the child before it is confined:
standard library only.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from typing import Final

__all__ = [
    "ATTR_IDMAP",
    "ATTR_NODEV",
    "ATTR_NOEXEC",
    "ATTR_NOSUID",
    "ATTR_RDONLY",
    "attach",
    "copy_of",
    "detach",
    "forget_keys",
    "loopback_up",
    "mount",
    "pivot_root",
    "prctl",
    "seal",
    "set_attributes",
    "unshare",
    "without_capabilities",
]

ATTR_RDONLY: Final = 0x1
ATTR_NOSUID: Final = 0x2
ATTR_NODEV: Final = 0x4
ATTR_NOEXEC: Final = 0x8
ATTR_IDMAP: Final = 0x100000

_OPEN_TREE: Final = 428
_MOVE_MOUNT: Final = 429
_MOUNT_SETATTR: Final = 442
_AT_FDCWD: Final = -100
_AT_EMPTY_PATH: Final = 0x1000
_AT_RECURSIVE: Final = 0x8000
_OPEN_TREE_CLONE: Final = 1
_MOVE_FROM_EMPTY_PATH: Final = 4
_PRIVATE: Final = 1 << 18
_MNT_DETACH: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_SIOCGIFFLAGS: Final = 0x8913
_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP: Final = 0x1
_KEYCTL: Final = {"x86_64": 250, "aarch64": 219}
_JOIN_SESSION_KEYRING: Final = 1

_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    result: int = getattr(_LIBC, name)(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` names for new ones (unshare(2))."""
    _call("unshare", ctypes.c_int(flags))


def mount(kind: str, target: str, options: str = "", flags: int = 0) -> None:
    """Mount a new file system of `kind` at `target` (mount(2))."""
    _call("mount", kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())


def pivot_root(folder: str) -> None:
    """Make `folder`, a mount point, the root of everything, and let go of what was there (pivot_root(2), notes)."""
    os.chdir(folder)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", ctypes.c_int(_MNT_DETACH))
    os.chdir("/")


def detach() -> None:
    """Let no mount of this mount namespace reach the one it was copied from, nor the other way round."""
    _call("mount", b"none", b"/", None, ctypes.c_ulong(_PRIVATE | 0x4000), None)


def copy_of(path: str) -> int:
    """Return a descriptor of a detached copy of the mounts at `path`, all below included (open_tree(2))."""
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | _AT_RECURSIVE
    return _call("syscall", ctypes.c_long(_OPEN_TREE), ctypes.c_int(_AT_FDCWD), path.encode(), ctypes.c_uint(flags))


def set_attributes(tree: int, attributes: int, owners: int = 0) -> None:
    """Set `attributes` on every mount of `tree`; with ATTR_IDMAP, `owners` is a user namespace (mount_setattr(2))."""
    wanted = struct.pack("=QQQQ", attributes, 0, _PRIVATE, owners)
    flags = ctypes.c_uint(_AT_EMPTY_PATH | _AT_RECURSIVE)
    _call(
        "syscall", ctypes.c_long(_MOUNT_SETATTR), ctypes.c_int(tree), b"", flags, wanted, ctypes.c_size_t(len(wanted))
    )


def seal(mounted: str) -> None:
    """Make the one mount at `mounted` read-only (mount_setattr(2))."""
    wanted = struct.pack("=QQQQ", ATTR_RDONLY, 0, 0, 0)
    where = (ctypes.c_int(_AT_FDCWD), mounted.encode(), ctypes.c_uint(0))
    _call("syscall", ctypes.c_long(_MOUNT_SETATTR), *where, wanted, ctypes.c_size_t(len(wanted)))


def attach(tree: int, target: str) -> None:
    """Mount the detached `tree` at `target` (move_mount(2))."""
    place = (ctypes.c_int(_AT_FDCWD), target.encode(), ctypes.c_uint(_MOVE_FROM_EMPTY_PATH))
    _call("syscall", ctypes.c_long(_MOVE_MOUNT), ctypes.c_int(tree), b"", *place)


def prctl(option: int, value: int = 0) -> None:
    """Change one property of this process (prctl(2))."""
    _call("prctl", ctypes.c_int(option), *(ctypes.c_ulong(argument) for argument in (value, 0, 0, 0)))


def without_capabilities() -> None:
    """Give up every capability of this process (capset(2))."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    _call("capset", header, struct.pack("=6I", *[0] * 6))


def forget_keys() -> None:
    """Take a new, empty session keyring, where the number of the call is known (keyctl(2))."""
    number = _KEYCTL.get(os.uname().machine)
    if number is not None:
        _call("syscall", ctypes.c_long(number), ctypes.c_long(_JOIN_SESSION_KEYRING), None)


def loopback_up() -> None:
    """Turn on `lo`, which is down in a new network namespace, so that processes inside can talk over 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        request = struct.pack("=16sH22x", b"lo", 0)
        (flags,) = struct.unpack_from("=H", fcntl.ioctl(asked, _SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(asked, _SIOCSIFFLAGS, struct.pack("=16sH22x", b"lo", flags | _IFF_UP))

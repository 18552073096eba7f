"""Who a confined process is, and how much it may take.

Imported by the child before it is confined: standard library only.
"""

from __future__ import annotations

import os
import resource
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from earthcode_platform.isolation import kernel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earthcode_platform.isolation.mounting import Inhabitant

__all__ = ["descriptor_of_owners", "limit", "map_own_user", "reduce_rights"]

_NEWUSER: Final = 0x10000000
_DROP_FROM_BOUNDING_SET: Final = 24
_READ_FROM_BOUNDING_SET: Final = 23
_NO_NEW_PRIVILEGES: Final = 38
_AMBIENT: Final = 47
_AMBIENT_CLEAR_ALL: Final = 4
_DUMPABLE: Final = 4


def descriptor_of_owners(user: int, group: int, shown: int) -> int:
    """Return a user namespace that shows files of `user` and `group` as those of `shown`, and all others as they are.

    Made for mounts (mount_setattr(2), MOUNT_ATTR_IDMAP): no process lives in it.
    """
    asleep, awake = os.pipe()
    child = os.fork()
    if child == 0:
        _wait_in_new_user_namespace(awake)
    try:
        os.close(awake)
        if os.read(asleep, 1) != b".":
            raise OSError(0, "no user namespace could be made")
        Path(f"/proc/{child}/uid_map").write_text(_shown_as(user, shown), encoding="ascii")
        Path(f"/proc/{child}/gid_map").write_text(_shown_as(group, shown), encoding="ascii")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(asleep)


def _wait_in_new_user_namespace(awake: int) -> NoReturn:
    try:
        kernel.unshare(_NEWUSER)
    except OSError:
        os._exit(1)
    os.write(awake, b".")
    while True:
        signal.pause()


def _shown_as(owner: int, shown: int) -> str:
    r"""Return the lines of an id map (user_namespaces(7)): `owner` as `shown`, the others as themselves.

    >>> _shown_as(0, 3000)
    '0 3000 1\n1 1 2999\n'
    >>> _shown_as(1000, 3000)
    '1000 3000 1\n0 0 1000\n1001 1001 1999\n'
    """
    below = f"0 0 {owner}\n" if owner else ""
    return f"{owner} {shown} 1\n{below}{owner + 1} {owner + 1} {shown - owner - 1}\n"


def map_own_user(user: int, group: int) -> None:
    """Stay who one is in a user namespace just made (user_namespaces(7))."""
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1\n", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1\n", encoding="ascii")


def reduce_rights(inhabitant: Inhabitant) -> None:
    """Become `inhabitant` for good, without a capability and without a way to get one."""
    number = 0
    with suppress(OSError):  # the first number that the kernel does not know
        while True:
            kernel.prctl(_READ_FROM_BOUNDING_SET, number)
            kernel.prctl(_DROP_FROM_BOUNDING_SET, number)
            number += 1
    kernel.prctl(_AMBIENT, _AMBIENT_CLEAR_ALL)
    if inhabitant.shown_by is not None:
        os.setgroups([])
        os.setresgid(inhabitant.group, inhabitant.group, inhabitant.group)
        os.setresuid(inhabitant.user, inhabitant.user, inhabitant.user)
    kernel.without_capabilities()
    kernel.prctl(_NO_NEW_PRIVILEGES, 1)
    kernel.prctl(_DUMPABLE, 0)


def limit(wanted: Mapping[str, int]) -> None:
    """Lower the limits of this process and of all that come of it (getrlimit(2)); none is raised."""
    for name, value in wanted.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is None:
            continue
        _, ceiling = resource.getrlimit(kind)
        least = value if ceiling == resource.RLIM_INFINITY else min(value, ceiling)
        resource.setrlimit(kind, (least, least))

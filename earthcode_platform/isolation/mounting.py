"""What a confined process sees of the file system: a new root that holds what its plan names, and nothing else.

Imported by the child before it is confined: standard library only.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict

from earthcode_platform.isolation import kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Inhabitant", "Sight", "new_root"]

_PLAIN: Final = kernel.ATTR_NOSUID | kernel.ATTR_NODEV
_OF_THE_KERNEL: Final = ("sys", "irq", "bus", "fs", "sysrq-trigger")
_STREAMS: Final = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}


class Sight(TypedDict):
    """One thing that is visible inside."""

    source: str
    """The path outside; for a link, what it says."""
    target: str
    """The path inside."""
    way: str
    """`read`, `write`, `system` (read, whoever owns it), `device` or `link`."""


class Inhabitant(NamedTuple):
    """As whom the processes inside run."""

    user: int
    """Their user id."""
    group: int
    """Their group id."""
    shown_by: int | None
    """A user namespace that shows them as owner of what the workspace's owner owns; None if they are that owner."""


def new_root(place: Path, sights: Sequence[Sight], inhabitant: Inhabitant, shared_bytes: int) -> None:
    """Build a new root over `place` and move into it; needs mount and process namespaces of its own.

    Args:
        place: An existing folder, covered while building.
        sights: What is visible, parents before children.
        inhabitant: As whom the processes inside run.
        shared_bytes: How large shared memory (/dev/shm) may grow.
    """
    kernel.detach()
    links = [sight for sight in sights if sight["way"] == "link"]
    # Taken before anything is covered.
    trees = [(_tree(sight, inhabitant.shown_by), sight["target"]) for sight in sights if sight["way"] != "link"]
    kernel.mount("tmpfs", str(place), "mode=755,size=16m", _PLAIN)
    _furnish(place, inhabitant, shared_bytes)
    for tree, target in trees:
        _put(tree, place / target.lstrip("/"))
    for link in links:
        (place / link["target"].lstrip("/")).symlink_to(link["source"])
    kernel.pivot_root(str(place))
    kernel.seal("/")


def _tree(sight: Sight, shown_by: int | None) -> int:
    """Return the mounts of one sight, detached, with all that restricts them."""
    tree = kernel.copy_of(sight["source"])
    attributes = kernel.ATTR_NOSUID if sight["way"] == "device" else _PLAIN
    if sight["way"] in {"read", "system"}:
        attributes |= kernel.ATTR_RDONLY
    kernel.set_attributes(tree, attributes)
    if shown_by is not None and sight["way"] in {"read", "write"}:
        _show_as_owned(tree, sight, shown_by)
    return tree


def _show_as_owned(tree: int, sight: Sight, shown_by: int) -> None:
    try:
        kernel.set_attributes(tree, kernel.ATTR_IDMAP, shown_by)
    except OSError as error:
        # What is only read can be had by everybody's right to read it.
        if sight["way"] == "write":
            raise OSError(
                error.errno, f"the file system of {sight['source']} cannot show files to another user"
            ) from None


def _furnish(place: Path, inhabitant: Inhabitant, shared_bytes: int) -> None:
    """Make what every root has: /proc, /dev, /tmp and the few files of /etc that name the user and this machine."""
    for name in ("proc", "dev", "tmp", "etc"):
        (place / name).mkdir()
    kernel.mount("proc", str(place / "proc"), "", _PLAIN | kernel.ATTR_NOEXEC)
    for name in _OF_THE_KERNEL:
        path = place / "proc" / name
        if path.exists():
            tree = kernel.copy_of(str(path))
            kernel.set_attributes(tree, kernel.ATTR_RDONLY)
            _put(tree, path)
    kernel.mount("tmpfs", str(place / "tmp"), "mode=1777,size=64m", _PLAIN)
    (place / "dev/shm").mkdir()
    kernel.mount("tmpfs", str(place / "dev/shm"), f"mode=1777,size={shared_bytes}", _PLAIN | kernel.ATTR_NOEXEC)
    for name, stream in _STREAMS.items():
        (place / "dev" / name).symlink_to(f"/proc/self/fd{stream}")
    user, group = inhabitant.user, inhabitant.group
    etc = {
        "passwd": f"isolated:x:{user}:{group}:isolated:/tmp:/bin/sh\n",
        "group": f"isolated:x:{group}:\n",
        "hosts": "127.0.0.1 localhost\n::1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    }
    for name, text in etc.items():
        (place / "etc" / name).write_text(text, encoding="ascii")


def _put(tree: int, target: Path) -> None:
    """Attach `tree` at `target`, which is made if it is not there."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        if Path(f"/proc/self/fd/{tree}").is_dir():
            target.mkdir()
        else:
            target.touch()
    kernel.attach(tree, str(target))
    os.close(tree)

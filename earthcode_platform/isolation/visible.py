"""What an isolated command is shown: the system, this Python with its packages, and what the caller names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import earthcode_platform
from earthcode_platform.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from earthcode_platform.isolation.mounting import Sight

__all__ = ["python_folders", "sights"]

_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/sys/devices/system")
_ETC: Final = (
    *("/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"),
    *("/etc/localtime", "/etc/mime.types", "/etc/services", "/etc/protocols"),
)
_FOR_THE_NETWORK: Final = ("/etc/resolv.conf", "/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/ca-certificates")
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_NEVER: Final = ("/", "/proc", "/dev", "/sys", "/etc", "/tmp", "/run", "/var")  # noqa: S108 - not written to


def sights(readable: Iterable[Path], writable: Iterable[Path], *, network: bool) -> list[Sight]:
    """Return what is visible inside, parents before children.

    Raises:
        InputError: A folder or file is not there, or names more of the machine than may be shown.
    """
    found: dict[str, Sight] = {}
    for name in (*_SYSTEM, *_ETC, *(_FOR_THE_NETWORK if network else ())):
        found |= _if_there(Path(name), "system")
    for name in _DEVICES:
        found |= _if_there(Path(name), "device")
    for folder in python_folders():
        found |= _both_names(folder, "read")
    for folder in readable:
        found |= _both_names(_allowed(folder), "read")
    for folder in writable:
        found |= _both_names(_allowed(folder), "write")
    return sorted(found.values(), key=lambda sight: Path(sight["target"]).parts)


def python_folders() -> Iterator[Path]:
    """Yield where this Python, its packages and this library are installed.

    Of a checkout that is on the path only the library's own package is shown, not what lies beside it.
    """
    executable = Path(sys.executable)
    yield from {Path(sys.prefix), Path(sys.base_prefix), executable.parent.parent, executable.resolve().parent.parent}
    yield from (Path(entry) for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"})
    yield Path(earthcode_platform.__file__).parent


def _if_there(path: Path, way: str) -> dict[str, Sight]:
    """Return the sight of a path of the system; a link of the root folder stays one."""
    if path.is_symlink() and path.parent == Path("/"):
        return {str(path): {"source": str(path.readlink()), "target": str(path), "way": "link"}}
    return _sight(path, path, way) if path.exists() else {}


def _both_names(path: Path, way: str) -> dict[str, Sight]:
    """Return the sight of `path` as it is called and, if links lead there, as it is."""
    if str(path) in _NEVER or str(path.resolve()) in {*_NEVER, "/usr"}:
        return {}
    real = path.resolve()
    called = _sight(real, path, way) if path.is_absolute() else {}
    return _sight(real, real, way) | called


def _sight(source: Path, target: Path, way: str) -> dict[str, Sight]:
    return {str(target): {"source": str(source), "target": str(target), "way": way}}


def _allowed(path: Path) -> Path:
    absolute = path.absolute()
    if not absolute.exists():
        raise InputError("this folder or file is not there.", where=str(path), remedy="Name one that is.")
    if str(absolute.resolve()) in _NEVER:
        raise InputError(
            "so much of the machine is shown to no isolated command.",
            where=str(path),
            remedy="Name the folders below it that are needed.",
        )
    return absolute

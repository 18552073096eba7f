"""What computes: blocks that other code made are never put together with ours."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import earthcode_platform

__all__ = ["computing"]

_LIBRARIES: Final = ("numba", "numpy", "rasterio", "xarray", "zarr")


@cache
def computing() -> str:
    """Return the SHA-256 over the platform's own source, read once a process, and the versions that values hang on."""
    import rasterio

    found = hashlib.sha256()
    root = Path(earthcode_platform.__file__).parent
    for path in sorted(root.rglob("*.py")):
        found.update(path.relative_to(root).as_posix().encode())
        found.update(path.read_bytes())
    found.update(" ".join([rasterio.__gdal_version__, *map(_version, _LIBRARIES)]).encode())
    return found.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"

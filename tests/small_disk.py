"""A real disk that is small: full when a test fills it, read-only when it says so."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["small_disk", "turned"]


@contextmanager
def small_disk(root: Path, size: str) -> Iterator[Path]:
    """Mount a file system of `size` at `root` until the block ends; the test is skipped where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    root.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(root)], check=False, capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"this machine lets nobody mount a file system: {mounted.stderr.strip()}")
    try:
        yield root
    finally:
        subprocess.run(["umount", str(root)], check=True)


def turned(root: Path, *options: str) -> None:
    """Mount it anew with other options: `ro`, `rw`, or another `size=…`."""
    subprocess.run(["mount", "-o", ",".join(["remount", *options]), str(root)], check=True)

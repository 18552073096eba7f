"""What the checks of the house look at: the files that are, or would be, part of the repository."""

import subprocess
from functools import cache
from pathlib import Path

__all__ = ["CHECKOUT", "PACKAGES", "files", "text_of"]

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = ("earthcode_platform", "flows", "tasks", "blocks", "demo")


@cache
def files(suffix: str = "") -> tuple[Path, ...]:
    """Return every file that git tracks or does not ignore, whose name ends with `suffix`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    paths = (CHECKOUT / name for name in sorted(set(listed)) if name.endswith(suffix) and name)
    return tuple(path for path in paths if path.is_file())


@cache
def text_of(path: Path) -> str:
    """Return the text of a file, or an empty string if it is binary."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""

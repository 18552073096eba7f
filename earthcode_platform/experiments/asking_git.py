"""Asking git about a folder, or telling it to do something there: its own repository, and no program of anybody's."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

__all__ = ["ask_git"]

_SECONDS: Final = 20
_SAFELY: Final = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
"""Configuration may name programs for git to run, as monitors or hooks; looking at a folder must not run them."""
_KEPT: Final = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")
"""Where somebody's settings are. GIT_DIR and its like, which a hook sets, would name another repository."""


def ask_git(folder: Path, *words: str) -> str | None:
    """Return what git prints in `folder`, or None if it fails, takes too long, or is not there.

    Args:
        folder: The folder.
        words: Subcommand and arguments.
    """
    git = shutil.which("git")
    if git is None:
        return None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [git, *_SAFELY, "-C", str(folder), *words],
            capture_output=True,
            check=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            timeout=_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip()

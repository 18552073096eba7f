"""Git, asked about a checkout or a bare repository by its folder: nothing is changed, no hook runs, nothing is asked.

Unlike the commands on the platform's own copies (`plumbing`), these keep the user's settings: trusted folders and line
ends are set there.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from earthcode_platform.catalog.plumbing import Outcome
from earthcode_platform.errors import InputError, UnavailableError
from earthcode_platform.redaction import public

__all__ = ["ask_git", "read_blobs"]

_KEPT: Final = frozenset(
    {
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_EXEC_PATH"),
        *("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"),
    }
)
"""Settings of git's that are a matter of the machine. Others, such as GIT_DIR inside a hook, would mislead it."""
_ALWAYS: Final = {"LC_ALL": "C", "LANGUAGE": "", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
_OVERRIDDEN: Final = ("--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
_SECONDS: Final = 120


def ask_git(folder: Path, *arguments: str, stdin: bytes = b"") -> Outcome:
    """Run one git command in `folder` and return how it ended.

    Raises:
        InputError: Git is not installed.
        UnavailableError: It took too long.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    try:
        done = subprocess.run(
            ["git", *_OVERRIDDEN, *arguments],
            cwd=folder,
            input=stdin,
            capture_output=True,
            env=kept | _ALWAYS,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise InputError("git is not installed.", remedy="Install it, for example: apt-get install git.") from None
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            f"git {arguments[0]} did not end within {_SECONDS} s.", where=str(folder), remedy="Try again later."
        ) from None
    return Outcome(done.returncode, done.stdout, public(done.stderr.decode(errors="replace").strip()))


def read_blobs(folder: Path, blobs: Sequence[str]) -> list[bytes]:
    """Return the content of `blobs`, named by their hashes, in order and with one command.

    Raises:
        InputError: The repository lacks one, or cannot be read.
    """
    if not blobs:
        return []
    wanted = "".join(f"{blob}\n" for blob in blobs).encode()
    done = ask_git(folder, "cat-file", "--batch", "--buffer", stdin=wanted)
    found: list[bytes] = []
    at = 0
    for blob in blobs:
        line = done.out.find(b"\n", at)
        head = done.out[at : max(line, at)].split(b" ")
        if done.code or head[1:2] != [b"blob"]:
            raise InputError(
                f"the repository does not hold the file {blob}. {done.complaint}".rstrip(),
                where=str(folder),
                remedy="Fetch the whole history, then try again.",
            )
        found.append(done.out[line + 1 : line + 1 + int(head[2])])
        at = line + 1 + int(head[2]) + 1
    return found

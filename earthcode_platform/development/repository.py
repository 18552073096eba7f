"""The git repository of a new folder, with a first commit by somebody who exists."""

import os
import shutil
import subprocess
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from earthcode_platform.models.experiment import Contact

__all__ = ["Begun", "Person", "begin_repository", "git_identity"]

_SECONDS: Final = 20
_SAFELY: Final = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
"""Hooks and monitors of somebody's settings are programs; a first commit needs none of them."""


class Begun(StrEnum):
    """What became of the folder's history."""

    COMMITTED = "committed"
    """A repository with one commit."""
    INSIDE = "inside"
    """The folder lies inside a repository already: nothing was done to it."""
    NO_GIT = "no-git"
    """There is no git here."""
    FAILED = "failed"
    """git would not; the folder is whole, and without a repository."""


class Person(NamedTuple):
    """Somebody who commits."""

    name: str
    email: str


def git_identity() -> Person | None:
    """Return whom git is configured to name; None if nobody, or without git."""
    name = _git(Path.cwd(), "config", "--get", "user.name")
    email = _git(Path.cwd(), "config", "--get", "user.email")
    return Person(name, email or "") if name else None


def begin_repository(folder: Path, contact: Contact, message: str) -> Begun:
    """Make `folder` a repository with one commit on the branch `main`.

    Who commits is the person that git is configured to name; without one, the contact that the experiment itself names.
    Nobody is invented. A folder inside another work tree is left to that one.
    """
    if shutil.which("git") is None:
        return Begun.NO_GIT
    if _git(folder.parent, "rev-parse", "--is-inside-work-tree") == "true":
        return Begun.INSIDE
    named = git_identity() or Person(contact.name, contact.email or "")
    author = ("-c", f"user.name={named.name}", "-c", f"user.email={named.email}")
    for words in (
        ("init", "--quiet", "--template=", "--initial-branch=main"),
        ("add", "--all", "."),
        (*author, "commit", "--quiet", "--no-gpg-sign", "--no-verify", "--message", message),
    ):
        if _git(folder, *words) is None:
            shutil.rmtree(folder / ".git", ignore_errors=True)
            return Begun.FAILED
    return Begun.COMMITTED


def _git(folder: Path, *words: str) -> str | None:
    """Return what git prints, or None if it fails or is not there."""
    git = shutil.which("git")
    if git is None:
        return None
    # Without GIT_DIR and its like, which a hook sets and which would name another repository than the folder's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    environment |= {
        name: os.environ[name] for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM") if name in os.environ
    }
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

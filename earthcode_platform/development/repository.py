"""The git repository of a new folder, with a first commit by somebody who exists."""

import shutil
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from earthcode_platform.experiments.asking_git import ask_git
from earthcode_platform.models.experiment import Contact

__all__ = ["Begun", "Person", "begin_repository", "git_identity"]


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
    name = ask_git(Path.cwd(), "config", "--get", "user.name")
    email = ask_git(Path.cwd(), "config", "--get", "user.email")
    return Person(name, email or "") if name else None


def begin_repository(folder: Path, contact: Contact, message: str) -> Begun:
    """Make `folder` a repository with one commit on the branch `main`.

    Who commits is the person that git is configured to name; without one, the contact that the experiment itself names.
    Nobody is invented. A folder inside another work tree is left to that one.
    """
    if shutil.which("git") is None:
        return Begun.NO_GIT
    if ask_git(folder.parent, "rev-parse", "--is-inside-work-tree") == "true":
        return Begun.INSIDE
    named = git_identity() or Person(contact.name, contact.email or "")
    author = ("-c", f"user.name={named.name}", "-c", f"user.email={named.email}")
    for words in (
        ("init", "--quiet", "--template=", "--initial-branch=main"),
        ("add", "--all", "."),
        (*author, "commit", "--quiet", "--no-gpg-sign", "--no-verify", "--message", message),
    ):
        if ask_git(folder, *words) is None:
            shutil.rmtree(folder / ".git", ignore_errors=True)
            return Begun.FAILED
    return Begun.COMMITTED

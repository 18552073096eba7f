"""The catalog that comes with the platform: small, of our own writing, laid out like the Open Science Catalog."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from earthcode_platform.catalog.objects import Signature, write_commit
from earthcode_platform.catalog.plumbing import Outcome, git
from earthcode_platform.errors import InputError

__all__ = ["create_catalog", "seed_files"]

_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)
_BRANCH: Final = "refs/heads/main"


def seed_files() -> dict[str, bytes]:
    """Return every file of the embedded catalog by path."""
    return dict(_walk(files("earthcode_platform.catalog").joinpath("seed_tree"), ""))


def create_catalog(bare: Path) -> None:
    """Make the embedded catalog as a bare git repository with one commit on the branch main, if it is not there yet.

    It appears whole or not at all; of several processes that make it at once, one does, and the commit is the same.

    Raises:
        InputError: Something else lies at `bare`, or nothing can be written beside it.
    """
    if _exists(bare):
        return
    bare.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=bare.parent, prefix=".catalog-") as folder:
        fresh = Path(folder) / "catalog.git"
        _require(git("init", "--quiet", "--bare", "--template=", "--initial-branch=main", repository=fresh), bare)
        commit = write_commit(fresh, None, seed_files(), "The embedded catalog\n", Signature().at(_MOMENT))
        _require(git("update-ref", _BRANCH, commit, repository=fresh), bare)
        _require(git("update-ref", "-d", "refs/earthcode/written", repository=fresh), bare)
        try:
            fresh.rename(bare)
        except OSError:
            # Another process was first, or something else lies there.
            if not _exists(bare):
                raise


def _exists(bare: Path) -> bool:
    if not bare.exists() or (bare.is_dir() and not any(bare.iterdir())):
        return False
    if bare.is_dir() and git("rev-parse", "--verify", "--quiet", _BRANCH, repository=bare).code == 0:
        return True
    raise InputError(
        "something that is no catalog's repository lies here already.",
        where=str(bare),
        remedy="Move it away, or choose another place for the catalog.",
    )


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda found: found.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _require(outcome: Outcome, bare: Path) -> None:
    if outcome.code:
        raise InputError(
            f"the catalog cannot be made: {outcome.complaint}.", where=str(bare), remedy="Check the folder's rights."
        )

"""Files out of a commit and a commit out of files, without a work tree."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from earthcode_platform.catalog.plumbing import Outcome, git
from earthcode_platform.errors import IntegrityError

__all__ = ["Author", "Signature", "read_files", "write_commit"]

_FILE_MODES: Final = ("100644", "100755")


class Author(NamedTuple):
    """Who made a commit, and when."""

    name: str
    """Name."""
    email: str
    """E-mail address."""
    moment: datetime
    """When, UTC."""


class Signature(NamedTuple):
    """In whose name commits are made."""

    name: str = "EarthCODE platform"
    """Name of author and committer."""
    email: str = "earthcode-platform@noreply.invalid"
    """E-mail address of author and committer."""

    def at(self, moment: datetime) -> Author:
        """Return the signature under a commit of that moment."""
        return Author(self.name, self.email, moment.astimezone(UTC))


def read_files(repository: Path, commit: str) -> dict[str, bytes]:
    """Return the content of every file of a commit by path, in two git commands; links and submodules are left out.

    Raises:
        IntegrityError: The repository does not hold all of the commit.
    """
    listed = _require(git("ls-tree", "-r", "-z", "--full-tree", commit, repository=repository))
    names: list[tuple[str, str]] = []
    for row in listed.out.decode(errors="surrogateescape").split("\0")[:-1]:
        head, path = row.split("\t", maxsplit=1)
        mode, _, blob = head.split(" ")
        if mode in _FILE_MODES:
            names.append((path, blob))
    wanted = "".join(f"{blob}\n" for _, blob in names).encode()
    stream = _require(git("cat-file", "--batch", "--buffer", repository=repository, stdin=wanted)).out
    files: dict[str, bytes] = {}
    at = 0
    for path, _ in names:
        line = stream.index(b"\n", at)
        start = line + 1
        end = start + int(stream[at:line].rsplit(b" ", maxsplit=1)[-1])
        files[path] = stream[start:end]
        at = end + 1
    return files


def write_commit(
    repository: Path, base: str | None, edits: Mapping[str, bytes | None], message: str, author: Author
) -> str:
    """Write a commit with `edits` on top of `base` (None for the first one) and return its hash.

    An edit of None takes the file away. Equal arguments give an equal hash. No branch is made.

    Raises:
        IntegrityError: The repository does not hold `base`.
    """
    said = message.encode()
    signed = f"{author.name} <{author.email}> {int(author.moment.timestamp())} +0000"
    # Everything that a stream says stands for itself: `data` counts bytes, and a path is quoted as C writes it.
    parts = [
        f"commit refs/earthcode/written\nmark :1\nauthor {signed}\ncommitter {signed}\ndata {len(said)}\n".encode(),
        said,
        f"\nfrom {base}\n".encode() if base else b"\n",
    ]
    for path, content in sorted(edits.items()):
        if content is None:
            parts.append(b"D " + _quoted(path) + b"\n")
            continue
        parts += [b"M 100644 inline " + _quoted(path), f"\ndata {len(content)}\n".encode(), content, b"\n"]
    parts.append(b"\nget-mark :1\ndone\n")
    done = git("fast-import", "--quiet", "--done", "--force", repository=repository, stdin=b"".join(parts))
    return _require(done).text


def _quoted(path: str) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"' + escaped.encode(errors="surrogateescape") + b'"'


def _require(outcome: Outcome) -> Outcome:
    if outcome.code:
        raise IntegrityError(
            f"the catalog's local copy cannot be used: {outcome.complaint}.",
            remedy="Delete the folder 'catalog-….git' of the workspace; it is only a cache.",
        )
    return outcome

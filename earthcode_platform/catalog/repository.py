"""A catalog in a git repository: read it at a commit, make a commit on top, push it under a lease."""

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from earthcode_platform.catalog.objects import Signature, read_files, write_commit
from earthcode_platform.catalog.plumbing import Outcome, git
from earthcode_platform.catalog.remote import Remote
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError
from earthcode_platform.models.review import Review

__all__ = ["CatalogRepository"]

_NOT_FROM_SHALLOW: Final = "shallow update not allowed"


class CatalogRepository:
    """The git repository that holds a catalog, with a shallow bare copy of it as a cache.

    Args:
        url: Path or address of the repository.
        workspace: Folder for the cache; several processes may share it.
        branch: Name of the catalog's main branch.
        merges: Whether a publication goes into the main branch at once, because nobody reviews it.
        signature: Author and committer of commits.
        token: What gives access to a repository at an https address; git's own credentials if left out.
        seconds: How long one git command may take.

    Raises:
        InputError: The token cannot be sent to such an address.
    """

    def __init__(  # noqa: PLR0913 - one repository, and all but where it is has a default
        self,
        url: str,
        workspace: Path,
        branch: str = "main",
        *,
        merges: bool = False,
        signature: Signature | None = None,
        token: SecretStr | None = None,
        seconds: float = 120,
    ) -> None:
        self.branch = branch
        self.merges = merges
        self._remote = Remote(url, token, seconds=seconds)
        self._cache = workspace / f"catalog-{hashlib.sha256(self._remote.url.encode()).hexdigest()[:12]}.git"
        self._signature = signature or Signature()
        self._seconds = seconds

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.address!r}, branch={self.branch!r}, merges={self.merges})"

    @property
    def address(self) -> str:
        """Path or address of the repository, without userinfo."""
        return self._remote.address

    def read(self, branch: str | None = None) -> Catalog:
        """Return the catalog at the tip of a branch, the main branch if none is named.

        Raises:
            InputError: There is no such repository or branch, or it may not be read.
            UnavailableError: The repository did not answer.
        """
        name = branch or self.branch
        remote = self._remote if name == self.branch else self._branches()
        with self._locked():
            if remote is None:
                raise self._no_branch(name)
            reference = self._fetch(remote, name)
            commit = self._local("rev-parse", "--verify", f"{reference}^{{commit}}").text
            return Catalog(read_files(self._cache, commit), commit)

    def at(self, commit: str) -> Catalog:
        """Return the catalog at a commit that was read before; nothing is fetched.

        Raises:
            IntegrityError: The cache does not hold the commit.
        """
        with self._locked():
            return Catalog(read_files(self._cache, commit), commit)

    def branch_commit(self, name: str) -> str | None:
        """Return the commit at the tip of a branch of the remote; None if there is no such branch.

        Raises:
            InputError: There is no such repository, or it may not be read.
            UnavailableError: The repository did not answer.
        """
        remote = self._remote if name == self.branch else self._branches()
        if remote is None:
            return None
        with self._locked():
            return self._tips(remote, name).get(name)

    def branches(self, prefix: str) -> dict[str, str]:
        """Return the commit at the tip of each branch of the remote whose name begins with `prefix`, by name.

        Raises:
            InputError: There is no such repository, or it may not be read.
            UnavailableError: The repository did not answer.
        """
        remote = self._branches()
        if remote is None:
            return {}
        with self._locked():
            tips = self._tips(remote, f"{prefix}*")
        return {name: commit for name, commit in tips.items() if name.startswith(prefix)}

    def own_base(self, commit: str) -> Catalog | None:
        """Return the catalog that the tip of a branch stands on; None if somebody else made the tip.

        Args:
            commit: The tip, which was read before.
        """
        with self._locked():
            shown = self._local("show", "--no-patch", "--format=%cn%x00%ce%x00%P", commit).text
            name, email, parents = shown.split("\0")
            if (name, email) != (self._signature.name, self._signature.email):
                return None
            base = parents.partition(" ")[0]
            return Catalog(read_files(self._cache, base), base) if base else Catalog({})

    def commit(self, base: str, edits: Mapping[str, bytes | None], message: str, moment: datetime) -> str:
        """Make a commit on top of `base`, which was read before, and return its hash. Nothing leaves this machine.

        An edit of None takes the file away. The same base, edits, message and moment give the same hash.
        """
        with self._locked():
            return write_commit(self._cache, base, edits, message, self._signature.at(moment))

    def push(self, commit: str, leases: Mapping[str, str | None]) -> None:
        """Set branches of the remote to `commit`: all of them or none.

        Args:
            commit: A commit that `commit` made.
            leases: By branch, where it is expected to stand now; None if it must not exist yet.

        Raises:
            CatalogMovedError: A branch stood elsewhere.
            InputError: The repository does not take the branch.
            UnavailableError: The repository did not answer.
        """
        remote = self._branches_made()
        expected = [f"--force-with-lease=refs/heads/{name}:{at or ''}" for name, at in leases.items()]
        wanted = [f"{commit}:refs/heads/{name}" for name in leases]
        options = ("--porcelain", "--atomic", *expected)
        with self._locked():
            pushed = remote.run(self._cache, "push", options, *wanted)
            if pushed.code and _NOT_FROM_SHALLOW in pushed.text:
                self._make_whole()
                pushed = remote.run(self._cache, "push", options, *wanted)
        if pushed.code:
            remote.refuse(pushed, tuple(leases))

    def open_review(self, prefix: str) -> str | None:  # noqa: ARG002 - a plain repository has no reviews
        """Return the branch, beginning with `prefix`, of a pull request that is open; None if there is none."""
        return None

    def request_review(self, branch: str, review: Review) -> str:  # noqa: ARG002 - a plain repository has no reviews
        """Ask for the review of a pushed branch, or bring the open request up to date; return its address.

        A plain repository has no reviews: the address is empty.
        """
        return ""

    def _branches(self) -> Remote | None:
        """Return where branches other than the main one are; None if there is no such place yet."""
        return self._remote

    def _branches_made(self) -> Remote:
        """Return where branches other than the main one are pushed to; make the place if there is none."""
        return self._remote

    def _tips(self, remote: Remote, pattern: str) -> dict[str, str]:
        """Return the commits of branches by name; git takes a pattern for the end of a name too."""
        listed = remote.require(remote.run(self._cache, "ls-remote", (), f"refs/heads/{pattern}"))
        rows = (row.split("\t") for row in listed.text.splitlines())
        return {name.removeprefix("refs/heads/"): commit for commit, name in rows}

    def _fetch(self, remote: Remote, name: str) -> str:
        """Fetch the tip of a branch, and return the reference that keeps it."""
        reference = f"refs/{'earthcode' if remote is self._remote else 'branches'}/{name}"
        # A commit at which history is cut cannot be pushed again once its branch has moved on: keep the one below it.
        depth = 1 if name == self.branch else 2
        cut = () if self._is_whole() else (f"--depth={depth}",)
        options = (*cut, "--no-tags", "--no-write-fetch-head", "--quiet")
        fetched = remote.run(self._cache, "fetch", options, f"+refs/heads/{name}:{reference}")
        if "couldn't find remote ref" in fetched.complaint.lower():
            raise self._no_branch(name)
        remote.require(fetched)
        return reference

    def _no_branch(self, name: str) -> InputError:
        return InputError(
            f"the catalog's repository has no branch {name!r}.",
            where=self.address,
            remedy="Name its main branch, and check that the repository is not empty.",
        )

    def _is_whole(self) -> bool:
        """Tell whether the cache holds all of the history, not only the newest commits."""
        return (self._cache / "whole").exists()

    def _make_whole(self) -> None:
        """Fetch all of the history: a repository that lacks our base takes no commit from a shallow copy.

        On the real catalog that is 19 MB in 1.3 s, once; the copy stays whole.
        """
        depth = ("--unshallow",) if (self._cache / "shallow").exists() else ()
        options = (*depth, "--no-tags", "--no-write-fetch-head", "--quiet")
        fetched = self._remote.run(
            self._cache, "fetch", options, f"+refs/heads/{self.branch}:refs/earthcode/{self.branch}"
        )
        self._remote.require(fetched)
        (self._cache / "whole").touch()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the cache for one command, and make it if it does not exist yet."""
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        with self._cache.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._cache.exists():
                self._create()
            # Whoever wrote them is gone: the lock is ours.
            for left in (self._cache / "shallow.lock", *(self._cache / "refs").rglob("*.lock")):
                left.unlink(missing_ok=True)
            yield

    def _create(self) -> None:
        with tempfile.TemporaryDirectory(dir=self._cache.parent) as folder:
            fresh = Path(folder) / "fresh.git"
            made = git("init", "--quiet", "--bare", "--template=", repository=fresh)
            if made.code:
                raise InputError(
                    f"no cache can be made: {made.complaint}.", where=str(self._cache), remedy="Check the folder."
                )
            fresh.rename(self._cache)

    def _local(self, *arguments: str) -> Outcome:
        return self._remote.require(git(*arguments, repository=self._cache, seconds=self._seconds))

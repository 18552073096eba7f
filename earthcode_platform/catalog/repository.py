"""A catalog in a git repository: read it at a commit, make a commit on top, push it under a lease."""

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from earthcode_platform.catalog.objects import Signature, read_files, write_commit
from earthcode_platform.catalog.plumbing import REMOTE, Outcome, git
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import CatalogMovedError, EarthCodeError, InputError, UnavailableError
from earthcode_platform.models.review import Review
from earthcode_platform.redaction import public

__all__ = ["CatalogRepository"]

_MOVED: Final = (
    *("stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref"),
    *("failed to lock", "incorrect old value", "reference already exists"),
)
"""How git says that a reference was not where it was expected (git 2.30 to 2.50)."""
_NOT_THERE: Final = (
    *("does not appear to be a git repository", "not found", "does not exist", "no such file"),
    *("invalid gitfile format", "invalid refspec", "bad/illegal format"),
)
_NO_RIGHTS: Final = (
    *("authentication failed", "could not read username", "could not read password", "permission denied"),
    *("returned error: 401", "returned error: 403"),
)
_DUBIOUS: Final = "dubious ownership"


class CatalogRepository:
    """The git repository that holds a catalog, with a shallow bare copy of it as a cache.

    Args:
        url: Path or address of the repository.
        workspace: Folder for the cache; several processes may share it.
        branch: Name of the catalog's main branch.
        merges: Whether a publication goes into the main branch at once, because nobody reviews it.
        signature: Author and committer of commits.
        seconds: How long one git command may take.
    """

    def __init__(
        self,
        url: str,
        workspace: Path,
        branch: str = "main",
        *,
        merges: bool = False,
        signature: Signature | None = None,
        seconds: float = 120,
    ) -> None:
        self.branch = branch
        self.merges = merges
        self._url = url if "://" in url or _is_scp(url) else str(Path(url).expanduser().resolve())
        self._cache = workspace / f"catalog-{hashlib.sha256(self._url.encode()).hexdigest()[:12]}.git"
        self._signature = signature or Signature()
        self._seconds = seconds

    def __repr__(self) -> str:
        return f"CatalogRepository({self.address!r}, branch={self.branch!r}, merges={self.merges})"

    @property
    def address(self) -> str:
        """Path or address of the repository, without userinfo."""
        return public(self._url)

    def read(self, branch: str | None = None) -> Catalog:
        """Return the catalog at the tip of a branch, the main branch if none is named.

        Raises:
            InputError: There is no such repository or branch, or it may not be read.
            UnavailableError: The repository did not answer.
        """
        name = branch or self.branch
        reference = f"refs/earthcode/{name}"
        # A commit at which history is cut cannot be pushed again once its branch has moved on: keep the one below it.
        depth = 1 if name == self.branch else 2
        with self._locked():
            fetched = self._remote(
                "fetch", f"--depth={depth}", "--no-tags", "--no-write-fetch-head", "--quiet", REMOTE
            )(f"+refs/heads/{name}:{reference}")
            if "couldn't find remote ref" in fetched.complaint.lower():
                raise InputError(
                    f"the catalog's repository has no branch {name!r}.",
                    where=self.address,
                    remedy="Name its main branch, and check that the repository is not empty.",
                )
            self._require(fetched)
            commit = self._local("rev-parse", "--verify", f"{reference}^{{commit}}").text
            return Catalog(read_files(self._cache, commit), commit)

    def branch_commit(self, name: str) -> str | None:
        """Return the commit at the tip of a branch of the remote; None if there is no such branch.

        Raises:
            InputError: There is no such repository, or it may not be read.
            UnavailableError: The repository did not answer.
        """
        with self._locked():
            listed = self._require(self._remote("ls-remote", REMOTE)(f"refs/heads/{name}"))
        return listed.text.split()[0] if listed.text else None

    def branches(self, prefix: str) -> dict[str, str]:
        """Return the commit at the tip of each branch of the remote whose name begins with `prefix`, by name.

        Raises:
            InputError: There is no such repository, or it may not be read.
            UnavailableError: The repository did not answer.
        """
        with self._locked():
            listed = self._require(self._remote("ls-remote", REMOTE)(f"refs/heads/{prefix}*"))
        rows = (row.split("\t") for row in listed.text.splitlines())
        return {name.removeprefix("refs/heads/"): commit for commit, name in rows}

    def own_base(self, commit: str) -> Catalog | None:
        """Return the catalog that the tip of a branch stands on; None if somebody else made the tip.

        Args:
            commit: The tip, which was read before.
        """
        with self._locked():
            name, email, parents = self._local("show", "--no-patch", "--format=%cn%x00%ce%x00%P", commit).text.split(
                "\0"
            )
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
        expected = [f"--force-with-lease=refs/heads/{name}:{at or ''}" for name, at in leases.items()]
        wanted = [f"{commit}:refs/heads/{name}" for name in leases]
        with self._locked():
            pushed = self._remote("push", "--porcelain", "--atomic", *expected, REMOTE)(*wanted)
        if pushed.code == 0:
            return
        refused = [line for line in pushed.text.splitlines() if line.startswith("!")]
        if any(sign in line for line in [*refused, *pushed.complaint.splitlines()] for sign in _MOVED):
            raise CatalogMovedError(
                f"somebody else moved {' or '.join(leases)} in between.",
                where=self.address,
                remedy="Compute the changeset on the catalog as it is now, and push again.",
            )
        if refused:
            raise InputError(
                f"the catalog's repository does not take the branch: {_told(refused, pushed.complaint)}.",
                where=self.address,
                remedy="Check the rights on the repository, and its rules for branches.",
            )
        raise self._error(pushed)

    def open_review(self, prefix: str) -> str | None:  # noqa: ARG002 - a plain repository has no reviews
        """Return the branch, beginning with `prefix`, of a pull request that is open; None if there is none."""
        return None

    def request_review(self, branch: str, review: Review) -> str:  # noqa: ARG002 - a plain repository has no reviews
        """Ask for the review of a pushed branch, or bring the open request up to date; return its address.

        A plain repository has no reviews: the address is empty.
        """
        return ""

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the cache for one command, and make it if it does not exist yet."""
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        with self._cache.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._cache.exists():
                self._create()
            # Whoever wrote it is gone: the lock is ours.
            (self._cache / "shallow.lock").unlink(missing_ok=True)
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
        return self._require(git(*arguments, repository=self._cache, seconds=self._seconds))

    def _remote(self, *arguments: str) -> "_RemoteCommand":
        return _RemoteCommand(self._cache, self._url, self._seconds, arguments)

    def _require(self, outcome: Outcome) -> Outcome:
        if outcome.code:
            raise self._error(outcome)
        return outcome

    def _error(self, outcome: Outcome) -> EarthCodeError:
        said = outcome.complaint or f"git ended with status {outcome.code}"
        folded = said.lower()
        if _DUBIOUS in folded:
            remedy = (
                "The repository belongs to another user; trust it: git config --global --add safe.directory <path>."
            )
            return InputError(
                f"git does not trust the catalog's repository: {said}.", where=self.address, remedy=remedy
            )
        if any(sign in folded for sign in _NO_RIGHTS):
            remedy = "Check the credentials and their rights on the repository."
            return InputError(f"the catalog's repository refused access: {said}.", where=self.address, remedy=remedy)
        if any(sign in folded for sign in _NOT_THERE):
            remedy = "Check the address; it must be a git repository."
            return InputError(f"there is no catalog's repository here: {said}.", where=self.address, remedy=remedy)
        return UnavailableError(
            f"the catalog's repository did not answer: {said}.", where=self.address, remedy="Try again later."
        )


class _RemoteCommand:
    """A git command that reaches the remote, short of its last arguments."""

    def __init__(self, cache: Path, url: str, seconds: float, arguments: tuple[str, ...]) -> None:
        self._cache = cache
        self._url = url
        self._seconds = seconds
        self._arguments = arguments

    def __call__(self, *last: str) -> Outcome:
        return git(*self._arguments, *last, repository=self._cache, url=self._url, seconds=self._seconds)


def _is_scp(url: str) -> bool:
    """Tell whether `url` is of the form `host:path`, which git takes as an ssh address."""
    return ":" in url.split("/", maxsplit=1)[0]


def _told(refused: list[str], complaint: str) -> str:
    remote = [line.removeprefix("remote:").strip() for line in complaint.splitlines() if line.startswith("remote:")]
    return "; ".join([*(line.rsplit("\t", maxsplit=1)[-1] for line in refused), *filter(None, remote)])

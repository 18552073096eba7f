"""Proposing a change to a catalog: compute it, judge the catalog as merged, push one commit, ask for its review."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from earthcode_platform.catalog.changeset import Changeset
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.verdict import Verdict, judge
from earthcode_platform.errors import CatalogMovedError, ConflictError, InputError, RefusedError
from earthcode_platform.models.product import Novelty, Publication
from earthcode_platform.models.review import Review

__all__ = ["Evidence", "Proposal", "propose", "proposed_branch"]

_ATTEMPTS: Final = 5
_DIGITS: Final = 12


@dataclass(frozen=True)
class Evidence:
    """What a reviewer is told of a change that was pushed, or found pushed."""

    address: str
    """Path or address of the catalog's repository, without userinfo."""
    commit: str
    """The commit under review."""
    catalog: Catalog
    """The catalog as it was."""
    change: Changeset
    """What changes."""
    verdict: Verdict
    """What the rules say of it."""


class Proposal(Protocol):
    """A change to a catalog that somebody wants, whatever the catalog holds by then. Its methods are pure."""

    @property
    def verb(self) -> str:
        """The first part of the branch's name."""

    @property
    def moment(self) -> datetime:
        """When, for the commit (time zone aware)."""

    def changeset(self, catalog: Catalog) -> Changeset:
        """Return the edits that bring `catalog` there."""

    def holds(self, catalog: Catalog) -> bool:
        """Tell whether `catalog`, read from a branch under review, is there already."""

    def message(self, catalog: Catalog, change: Changeset) -> str:
        """Return the commit's message."""

    def review(self, evidence: Evidence) -> Review:
        """Return what a reviewer reads."""


def propose(repository: CatalogRepository, proposal: Proposal, *, schemas: Schemas | None = None) -> Publication:
    """Bring a change into a catalog as a branch with one commit, or find that it is there.

    The branch is `<verb>/<experiment>-<digest>`; the digest depends on what is proposed only, so that proposing the
    same again finds its branch. If a review of the same experiment is open on a branch of ours, that branch gets the
    commit, and the open request is brought up to date. A repository that merges gets the commit on its main branch in
    the same step and is asked for no review. When somebody else was first, the change is computed again on the catalog
    as it is then.

    Raises:
        RefusedError: The change would bring a fault into the catalog; the findings say all of them.
        ConflictError: Somebody changed the branch under review, or as `proposal.changeset`.
        CatalogMovedError: Others were first five times in a row.
        InputError: There is no such repository, or it does not take the branch.
        UnavailableError: The repository did not answer.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _propose_once(repository, proposal, schemas)
        except CatalogMovedError:
            continue
    return _propose_once(repository, proposal, schemas)


def proposed_branch(verb: str, experiment: str, branch: str) -> bool:
    """Tell whether `branch` is one that `verb` makes for an experiment, and not for one with a longer id.

    >>> proposed_branch("publish", "sst", "publish/sst-0123456789ab")
    True
    >>> proposed_branch("publish", "sst", "publish/sst-anomaly-0123456789ab")
    False
    """
    return re.fullmatch(rf"[0-9a-f]{{{_DIGITS}}}", branch.removeprefix(f"{verb}/{experiment}-")) is not None


def _propose_once(repository: CatalogRepository, proposal: Proposal, schemas: Schemas | None) -> Publication:
    catalog = repository.read()
    change = proposal.changeset(catalog)
    branch = f"{proposal.verb}/{change.experiment}-{change.digest[:_DIGITS]}"
    if not change.edits:
        pending = repository.branch_commit(branch)
        found = (branch, pending) if pending else (repository.branch, catalog.commit)
        return _publication(repository, change, found, novelty=Novelty.UNCHANGED, merged=True)
    verdict = judge(catalog, catalog.with_edits(change.edits), change, schemas)
    RefusedError.if_any(verdict.findings, where=change.experiment)
    asked = _branch_of_review(repository, proposal.verb, change.experiment)
    branch = asked or branch

    def told(commit: str) -> Review:
        return proposal.review(Evidence(repository.address, commit, catalog, change, verdict))

    standing = repository.branch_commit(branch)
    if standing and not repository.merges:
        held = repository.read(branch)
        base = repository.own_base(held.commit)
        says = _says(proposal, held)
        if base is None and not says:
            raise _changed(repository, branch)
        if base is None or (says and _may_stay(change, catalog, base, asked=asked is not None)):
            return _reviewed(repository, change, (branch, held.commit), told, novelty=Novelty.UNCHANGED)
    commit = repository.commit(catalog.commit, change.edits, proposal.message(catalog, change), proposal.moment)
    leases = {branch: standing} | ({repository.branch: catalog.commit} if repository.merges else {})
    repository.push(commit, leases)
    if repository.merges:
        return _publication(repository, change, (branch, commit), novelty=Novelty.NEW, merged=True)
    return _reviewed(repository, change, (branch, commit), told, novelty=Novelty.NEW)


def _branch_of_review(repository: CatalogRepository, verb: str, experiment: str) -> str | None:
    """Return the branch of a review that is open for the experiment; None if there is none."""
    if repository.merges:
        return None
    found = repository.open_review(f"{verb}/{experiment}-")
    return found if found and proposed_branch(verb, experiment, found) else None


def _may_stay(change: Changeset, catalog: Catalog, base: Catalog, *, asked: bool) -> bool:
    """Tell whether a branch that says what is proposed, and that only we pushed to, can be merged as it is.

    While its review is open it stays unless a file that it touches has changed in the catalog since, for then it would
    conflict. While nobody looks at it, it is always made on the newest catalog: an older commit may have been merged,
    and taken back since.

    Args:
        change: What is proposed.
        catalog: The catalog as it is.
        base: The catalog that the branch was made on.
        asked: Whether its review is open.
    """
    if not asked:
        return base.commit == catalog.commit
    return all(base.files.get(path) == catalog.files.get(path) for path in change.edits)


def _changed(repository: CatalogRepository, branch: str) -> ConflictError:
    """Return the error about a branch that somebody put a commit on, which a push would take away."""
    return ConflictError(
        f"the branch {branch!r} is under review and somebody changed it.",
        where=repository.address,
        remedy="Have it merged or deleted, then try again.",
    )


def _says(proposal: Proposal, held: Catalog) -> bool:
    try:
        return proposal.holds(held)
    except (ConflictError, InputError, RefusedError):
        return False


def _reviewed(
    repository: CatalogRepository,
    change: Changeset,
    found: tuple[str, str],
    told: Callable[[str], Review],
    *,
    novelty: Novelty,
) -> Publication:
    """Ask for the review, also of a branch that was there: a run may have died between push and request."""
    branch, commit = found
    address = repository.request_review(branch, told(commit))
    return _publication(repository, change, found, novelty=novelty, merged=False, review=address)


def _publication(
    repository: CatalogRepository,
    change: Changeset,
    found: tuple[str, str],
    *,
    novelty: Novelty,
    merged: bool,
    review: str = "",
) -> Publication:
    branch, commit = found
    return Publication(
        catalog=repository.address,
        branch=branch,
        base=change.base,
        commit=commit,
        novelty=novelty,
        merged=merged,
        entries=change.entries,
        changed=tuple(change.edits) if novelty is Novelty.NEW else (),
        review=review,
    )

"""Withdrawing: a published experiment leaves the catalog with everything that leads to it."""

from dataclasses import dataclass
from datetime import datetime

from earthcode_platform.catalog.changeset import Changeset
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.propose import Evidence, propose, proposed_branch
from earthcode_platform.catalog.removal import removal
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.review_body import withdrawal_review
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.errors import UnknownNameError
from earthcode_platform.models.product import Novelty, Publication
from earthcode_platform.models.review import Review

__all__ = ["withdraw"]

_VERB = "withdraw"


def withdraw(
    repository: CatalogRepository, experiment_id: str, moment: datetime, *, schemas: Schemas | None = None
) -> Publication:
    """Take an experiment out of the catalog as a branch `withdraw/<experiment>-<digest>` with one commit.

    What goes and what stays is said at `removal`; archived data stay where they are. How branch, commit and review
    come about is said at `propose`. An experiment that was withdrawn before, and whose branch is still there, is
    unchanged.

    Args:
        repository: The catalog's repository.
        experiment_id: The experiment's id in the catalog.
        moment: When, for the commit (time zone aware).
        schemas: The official schemas, to hold the catalog against that is left; without them our own rules run.

    Raises:
        UnknownNameError: The catalog has no such experiment; the message suggests the nearest id.
        ConflictError: The platform did not publish it, another entry builds on it, or somebody changed the branch under
            review.
        RefusedError: The catalog that is left would break a rule that it does not break now.
        CatalogMovedError: Others changed the catalog in between five times in a row.
        InputError: There is no such repository, or it does not take the branch.
        UnavailableError: The repository did not answer.
    """
    try:
        return propose(repository, _Withdrawing(experiment_id, moment), schemas=schemas)
    except UnknownNameError:
        done = _done_before(repository, experiment_id)
        if done is None:
            raise
        return done


@dataclass(frozen=True)
class _Withdrawing:
    experiment: str
    moment: datetime

    @property
    def verb(self) -> str:
        return _VERB

    def changeset(self, catalog: Catalog) -> Changeset:
        return removal(catalog, self.experiment)

    def holds(self, catalog: Catalog) -> bool:
        return not catalog.exists(Kind.EXPERIMENT, self.experiment)

    def message(self, catalog: Catalog, change: Changeset) -> str:
        gone = "".join(f"- {path}\n" for path in change.entries)
        return f"Withdraw experiment {self.experiment}\n\n{_title(catalog, self.experiment)}\n\n{gone}"

    def review(self, evidence: Evidence) -> Review:
        return withdrawal_review(evidence, self.experiment, _title(evidence.catalog, self.experiment))


def _title(catalog: Catalog, experiment: str) -> str:
    return catalog.title(Kind.EXPERIMENT.path(experiment))


def _done_before(repository: CatalogRepository, experiment: str) -> Publication | None:
    """Return what became of an earlier withdrawal; None if there is no branch of one."""
    # No branch has a name that cannot be printed, and git could not even be asked for one.
    branches = repository.branches(f"{_VERB}/{experiment}-") if experiment.isprintable() else {}
    found = [(name, commit) for name, commit in branches.items() if proposed_branch(_VERB, experiment, name)]
    if not found:
        return None
    branch, commit = found[-1]
    return Publication(
        catalog=repository.address,
        branch=branch,
        base=repository.read().commit,
        commit=commit,
        novelty=Novelty.UNCHANGED,
        merged=True,
        entries=(Kind.EXPERIMENT.path(experiment),),
        changed=(),
    )

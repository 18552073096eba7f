"""Publishing: read the catalog, compute the changeset, check it as merged, push it as one commit on one branch."""

from typing import Final

from earthcode_platform.catalog.changeset import Changeset, changeset
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.rules import check
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import CatalogMovedError, ConflictError, RefusedError
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty, Product, Publication
from earthcode_platform.models.run import RunResult

__all__ = ["publish"]

_ATTEMPTS: Final = 5


def publish(repository: CatalogRepository, pinned: PinnedExperiment, run: RunResult, product: Product) -> Publication:
    """Publish a product, its workflow and its experiment as a branch with one commit.

    The branch is `publish/<experiment>-<digest>`; the digest depends on the entries only, so that publishing the same
    again finds its branch. A repository that merges gets the commit on its main branch in the same step; when somebody
    else published in between, the changeset is computed again on the new catalog.

    Raises:
        RefusedError: The experiment names what the catalog does not know, or an entry breaks a rule of the catalog.
        ConflictError: An id belongs to another experiment or project, or somebody changed the branch under review.
        CatalogMovedError: Others published in between five times in a row.
        InputError: There is no such repository, or it does not take the branch.
        UnavailableError: The repository did not answer.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return _publish_once(repository, pinned, run, product)
        except CatalogMovedError:
            continue
    return _publish_once(repository, pinned, run, product)


def _publish_once(
    repository: CatalogRepository, pinned: PinnedExperiment, run: RunResult, product: Product
) -> Publication:
    catalog = repository.read()
    change = changeset(catalog, pinned, run, product)
    branch = f"publish/{change.experiment}-{change.digest[:12]}"
    pending = repository.branch_commit(branch)
    if not change.edits:
        found = (branch, pending) if pending else (repository.branch, catalog.commit)
        return _publication(repository, change, found, novelty=Novelty.UNCHANGED, merged=True)
    RefusedError.if_any(check(catalog.with_edits(change.edits), change.entries), where=change.experiment)
    if pending and not repository.merges:
        if changeset(repository.read(branch), pinned, run, product).edits:
            raise ConflictError(
                f"the branch {branch!r} is under review and somebody changed it.",
                where=repository.address,
                remedy="Have it merged or deleted, then publish again.",
            )
        return _publication(repository, change, (branch, pending), novelty=Novelty.UNCHANGED, merged=False)
    commit = repository.commit(catalog.commit, change.edits, _message(catalog, pinned, change), product.created)
    leases = {branch: pending} | ({repository.branch: catalog.commit} if repository.merges else {})
    repository.push(commit, leases)
    return _publication(repository, change, (branch, commit), novelty=Novelty.NEW, merged=repository.merges)


def _message(catalog: Catalog, pinned: PinnedExperiment, change: Changeset) -> str:
    experiment = pinned.experiment
    verb = "Publish" if change.entries[2] not in catalog else "Update"
    product, workflow, record = change.entries
    return (
        f"{verb} experiment {experiment.id} {experiment.version}\n\n{experiment.title}\n\n"
        f"Product: {product}\nWorkflow: {workflow}\nExperiment: {record}\n"
    )


def _publication(
    repository: CatalogRepository, change: Changeset, found: tuple[str, str], *, novelty: Novelty, merged: bool
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
    )

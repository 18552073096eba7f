"""Publishing: a product, its workflow and its experiment enter the catalog, or a new version of them does."""

from dataclasses import dataclass
from datetime import datetime

from earthcode_platform.catalog.changeset import Changeset, changeset
from earthcode_platform.catalog.propose import Evidence, propose
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.catalog.review_body import publication_review
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product, Publication
from earthcode_platform.models.review import Review
from earthcode_platform.models.run import RunResult

__all__ = ["publish"]


def publish(
    repository: CatalogRepository,
    pinned: PinnedExperiment,
    run: RunResult,
    product: Product,
    *,
    schemas: Schemas | None = None,
) -> Publication:
    """Publish a product, its workflow and its experiment as a branch `publish/<experiment>-<digest>` with one commit.

    How branch, commit and review come about is said at `propose`.

    Args:
        repository: The catalog's repository.
        pinned: What ran.
        run: How it ran.
        product: What was archived.
        schemas: The official schemas, to hold the merged catalog against; without them our own rules run.

    Raises:
        RefusedError: The experiment names what the catalog does not know, or the merged catalog would break a rule
            that it does not break now.
        ConflictError: An id belongs to another experiment or project, or somebody changed the branch under review.
        CatalogMovedError: Others published in between five times in a row.
        InputError: There is no such repository, or it does not take the branch.
        UnavailableError: The repository did not answer.
    """
    return propose(repository, _Publishing(pinned, run, product), schemas=schemas)


@dataclass(frozen=True)
class _Publishing:
    pinned: PinnedExperiment
    run: RunResult
    product: Product

    @property
    def verb(self) -> str:
        return "publish"

    @property
    def moment(self) -> datetime:
        return self.product.created

    def changeset(self, catalog: Catalog) -> Changeset:
        return changeset(catalog, self.pinned, self.run, self.product)

    def holds(self, catalog: Catalog) -> bool:
        return not self.changeset(catalog).edits

    def message(self, catalog: Catalog, change: Changeset) -> str:
        experiment = self.pinned.experiment
        verb = "Update" if _updates(catalog, change) else "Publish"
        product, workflow, record = change.entries
        return (
            f"{verb} experiment {experiment.id} {experiment.version}\n\n{experiment.title}\n\n"
            f"Product: {product}\nWorkflow: {workflow}\nExperiment: {record}\n"
        )

    def review(self, evidence: Evidence) -> Review:
        update = _updates(evidence.catalog, evidence.change)
        return publication_review(evidence, self.pinned, self.run, self.product, update=update)


def _updates(catalog: Catalog, change: Changeset) -> bool:
    return change.entries[2] in catalog

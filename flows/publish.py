"""Publish: an archived product enters the catalog with its workflow and its experiment."""

from prefect import flow

from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product, Publication
from earthcode_platform.models.run import RunResult
from tasks.publish import archived, publish_product

__all__ = ["publish", "publish_stage"]


def publish_stage(
    pinned: PinnedExperiment, run: RunResult, product: Product, workspace: str, catalog: str
) -> Publication:
    """Make one commit with the three entries and their back links."""
    return publish_product(pinned, run, product, workspace, catalog)


@flow(name="publish")
def publish(workspace: str, catalog: str = "default") -> Publication:
    """Publish the product of an archived run.

    Args:
        workspace: The run's folder, as `archive` returned it.
        catalog: Name of the catalog block to publish to.
    """
    return publish_stage(*archived(workspace), workspace, catalog)

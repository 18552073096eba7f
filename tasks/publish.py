"""Publish: product, workflow and experiment enter the catalog with every back link, as one commit."""

from pathlib import Path

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.catalog import OpenScienceCatalog
from blocks.home import home
from blocks.loading import load
from earthcode_platform.catalog.publish import publish
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product, Publication
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.outcome import Outcome
from earthcode_platform.provenance.workspace import Workspace
from tasks.artifacts import artifact_key, in_catalog
from tasks.policies import PATIENT

__all__ = ["archived", "publish_product", "record_outcome"]


def archived(workspace: str) -> tuple[PinnedExperiment, RunResult, Product]:
    """Return what the stages `execute` and `archive` left in the folder of a run."""
    folder = Workspace(Path(workspace))
    return folder.load(PinnedExperiment), folder.load(RunResult), folder.load(Product)


@task(name="publish: publish product", **PATIENT)
def publish_product(
    pinned: PinnedExperiment, run: RunResult, product: Product, workspace: str, catalog: str
) -> Publication:
    """Make the commit, or find that its content is there. Retried only while the catalog does not answer."""
    held = load(OpenScienceCatalog, catalog)
    publication = publish(held.get_repository(), pinned, run, product, schemas=held.get_schemas())
    Workspace(Path(workspace)).save(publication)
    get_run_logger().info("Published %s: %s, commit %s", product.id, publication.novelty, publication.commit)
    create_markdown_artifact(
        key=f"published-{artifact_key(product.id)}",
        markdown=f"# {product.title}\n\n{in_catalog(publication)}",
        description=f"Where **{product.id}** was published",
    )
    return publication


def record_outcome(workspace: str, product: Product, publication: Publication) -> Outcome:
    """Leave the facts of the whole run where a follower of the flow run finds them by its id."""
    outcome = Outcome.of(Path(workspace), product, publication)
    outcome.write(home() / "runs" / "by-flow-run" / f"{flow_run.id}.json")
    return outcome

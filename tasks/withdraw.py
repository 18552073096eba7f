"""Withdraw: product, workflow and experiment leave the catalog with every back link, as one commit."""

from datetime import UTC, datetime

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact

from blocks.catalog import OpenScienceCatalog
from blocks.loading import load
from earthcode_platform.catalog.withdraw import withdraw
from earthcode_platform.models.product import Publication
from tasks.artifacts import artifact_key, in_catalog
from tasks.policies import PATIENT

__all__ = ["withdraw_experiment"]


@task(name="withdraw: withdraw experiment", **PATIENT)
def withdraw_experiment(experiment_id: str, catalog: str) -> Publication:
    """Make the commit, or find that it is made. Retried only while the catalog does not answer."""
    held = load(OpenScienceCatalog, catalog)
    withdrawn = withdraw(held.get_repository(), experiment_id, datetime.now(UTC), schemas=held.get_schemas())
    get_run_logger().info("Withdrew %s: %s, commit %s", experiment_id, withdrawn.novelty, withdrawn.commit)
    create_markdown_artifact(
        key=f"withdrawn-{artifact_key(experiment_id)}",
        markdown=f"# {experiment_id} is withdrawn\n\n{in_catalog(withdrawn)}\nArchived data are not deleted.\n",
        description=f"How **{experiment_id}** was withdrawn",
    )
    return withdrawn

"""Withdraw: a published experiment leaves the catalog, by nothing but its ID."""

from prefect import flow

from earthcode_platform.models.product import Publication
from tasks.withdraw import withdraw_experiment

__all__ = ["withdraw"]


@flow(name="withdraw")
def withdraw(experiment_id: str, catalog: str = "default") -> Publication:
    """Take an experiment, its products, its workflow and every link to them out of the catalog.

    Archived data are not deleted. A workflow that others use stays, and so do projects and variables.

    Args:
        experiment_id: The experiment's id in the catalog.
        catalog: Name of the catalog block that it was published to.
    """
    return withdraw_experiment(experiment_id, catalog)

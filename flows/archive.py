"""Archive: a product in a run's folder becomes a version in the results store."""

from prefect import flow

from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product
from earthcode_platform.models.run import RunResult
from tasks.archive import archive_product, executed

__all__ = ["archive", "archive_stage"]


def archive_stage(pinned: PinnedExperiment, run: RunResult, workspace: str, store: str) -> Product:
    """Keep what the run produced."""
    return archive_product(pinned, run, workspace, store)


@flow(name="archive")
def archive(workspace: str, store: str = "default") -> str:
    """Keep the product of an executed run and return the run's folder, which `publish` takes.

    Args:
        workspace: The run's folder, as `execute` returned it.
        store: Name of the results store block.
    """
    archive_stage(*executed(workspace), workspace, store)
    return workspace

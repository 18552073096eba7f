"""Rerun: a published experiment, by nothing but its ID, held against what was published."""

from prefect import flow

from earthcode_platform.models.comparison import Comparison
from flows.develop import develop_stage
from flows.execute import execute_stage
from flows.validate import validate_stage
from tasks.rerun import compare_with_published, fetch_package, find_published

__all__ = ["rerun"]


@flow(name="rerun")
def rerun(
    experiment_id: str,
    compute: str = "default",
    store: str = "default",
    catalog: str = "default",
    backend: str | None = None,
) -> Comparison:
    """Run a published experiment again and say whether its product is the same.

    Args:
        experiment_id: The experiment's id in the catalog.
        compute: Name of the compute block to run on.
        store: Name of the results store block it was archived in.
        catalog: Name of the catalog block it was published to.
        backend: Name of the block of an openEO back-end or an OGC API Processes to run on instead; on the compute
            block if left out.
    """
    published = find_published(experiment_id, catalog)
    pinned = develop_stage(fetch_package(published, store), None, None, catalog)
    pinned, checked = validate_stage(pinned, catalog, compute, backend)
    _, run, _ = execute_stage(pinned, checked, compute, backend)
    return compare_with_published(published, run)

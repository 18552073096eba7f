"""Rerun: a published experiment comes back by its ID and is held against what was published."""

from pathlib import Path

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.catalog import OpenScienceCatalog
from blocks.home import home
from blocks.loading import load
from blocks.results_store import ResultsStore
from earthcode_platform.catalog.published import find
from earthcode_platform.models.comparison import Comparison
from earthcode_platform.models.product import PublishedExperiment
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.compare import compare
from earthcode_platform.stores.delivery import fetch
from tasks.artifacts import artifact_key
from tasks.policies import ONCE, PATIENT

__all__ = ["compare_with_published", "fetch_package", "find_published"]


@task(name="rerun: find published", **PATIENT)
def find_published(experiment_id: str, catalog: str) -> PublishedExperiment:
    """Read the record from the catalog. Retried only while the catalog does not answer."""
    return find(load(OpenScienceCatalog, catalog).get_repository().read(), experiment_id)


@task(name="rerun: fetch package", **PATIENT)
def fetch_package(published: PublishedExperiment, store: str) -> str:
    """Fetch the experiment as it ran, checked byte by byte. Retried only while the store does not answer."""
    folder = home() / "runs" / f"{published.id}-published-{str(flow_run.id)[:8]}"
    return str(fetch(published, load(ResultsStore, store).get_store(), folder))


@task(name="rerun: compare with published", **ONCE)
def compare_with_published(published: PublishedExperiment, run: RunResult) -> Comparison:
    """Give the verdict, by values. Never retried; a different product is a result, not a failure."""
    comparison = compare(published, run)
    get_run_logger().info(
        "Rerun of %s: %s (product %s, version %s)",
        published.id,
        comparison.verdict,
        published.product,
        published.version,
    )
    rows = "\n".join(f"| {each.key} | `{each.published}` | `{each.rerun}` |" for each in comparison.assets)
    create_markdown_artifact(
        key=f"verdict-{artifact_key(published.id)}",
        markdown=f"# {published.title}: {comparison.verdict}\n\n"
        f"Product `{published.product}` version {published.version}, catalog commit `{published.commit}`\n\n"
        f"| asset | checksum of the published values | of the rerun's |\n|---|---|---|\n{rows}\n\n"
        f"Run folder: `{Path(run.quicklook).parent}`\n",
        description=f"Is the rerun of **{published.id}** the published product?",
    )
    return comparison

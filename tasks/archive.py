"""Archive: the product is kept as a version that nobody can overwrite."""

from pathlib import Path

from prefect import task
from prefect.artifacts import create_table_artifact

from blocks.loading import load
from blocks.results_store import ResultsStore
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Product
from earthcode_platform.models.run import RunResult
from earthcode_platform.provenance.workspace import Workspace
from earthcode_platform.stores.delivery import archive
from tasks.artifacts import artifact_key
from tasks.policies import PATIENT

__all__ = ["archive_product", "executed"]


def executed(workspace: str) -> tuple[PinnedExperiment, RunResult]:
    """Return what the stage `execute` left in the folder of a run."""
    folder = Workspace(Path(workspace))
    return folder.load(PinnedExperiment), folder.load(RunResult)


@task(name="archive: archive product", **PATIENT)
def archive_product(pinned: PinnedExperiment, run: RunResult, workspace: str, store: str) -> Product:
    """Keep the product, all or nothing. Retried only while the store does not answer: nothing half-written stays."""
    product = archive(pinned, run, load(ResultsStore, store).get_store(), Path(workspace))
    Workspace(Path(workspace)).save(product)
    create_table_artifact(
        key=f"archived-{artifact_key(product.id)}",
        table=[file.model_dump(mode="json") for file in product.files],
        description=f"**{product.id}** version {product.version}, {product.novelty}: {product.collection_href}",
    )
    return product

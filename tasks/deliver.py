"""Deliver: a version of a product is packed as ESA's results repository takes it, and a CWL package gets it."""

from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from blocks.cwl_packages import CWLPackages
from blocks.home import home
from blocks.loading import DEFAULT, load
from blocks.results_delivery import ResultsDelivery
from blocks.results_store import ResultsStore
from earthcode_platform.engines.cwl.step import run_step
from earthcode_platform.models.handover import Handover
from earthcode_platform.stores.delivery import newest
from earthcode_platform.stores.prr import package
from tasks.artifacts import artifact_key
from tasks.policies import ONCE, PATIENT

__all__ = ["hand_over", "pack_product"]


@task(name="deliver: pack product", **PATIENT)
def pack_product(product: str, version: str | None, store: str, delivery: str) -> str:
    """Write the package to a folder of this run and return it. Retried only while the store does not answer."""
    held = load(ResultsStore, store).get_store()
    prefix = f"{product}/{version}" if version else newest(held, product)
    folder = home() / "runs" / f"{artifact_key(product)}-delivery-{str(flow_run.id)[:8]}" / "package"
    handover = package(held, prefix, folder, load(ResultsDelivery, delivery).get_terms())
    create_markdown_artifact(
        key=f"handover-{artifact_key(handover.product)}",
        markdown=(folder / "handover.md").read_text(encoding="utf-8"),
        description=f"What the results repository is told of **{handover.product}**",
    )
    return str(folder)


@task(name="deliver: hand over", **ONCE)
def hand_over(folder: str, delivery: str) -> list[str]:
    """Run the application package and return what it handed back. Never retried: it may have sent a part."""
    block, packed = load(ResultsDelivery, delivery), Path(folder)
    told = Handover.model_validate_json((packed / "handover.json").read_bytes())
    settings = block.get_settings(load(CWLPackages, DEFAULT).get_settings())
    found = run_step(block.get_package(), {"package": packed}, packed.parent / "handed-back", settings)
    names = "".join(f"\n- `{path}`" for path in found)
    taken = f"`{block.get_package().name}` took version {told.version}, {told.size} bytes, and handed back:"
    create_markdown_artifact(
        key=f"handed-over-{artifact_key(told.product)}",
        markdown=f"{taken}\n{names}\n",
        description=f"What became of the delivery of **{told.product}**",
    )
    return [str(path) for path in found]

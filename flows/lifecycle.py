"""The whole lifecycle: develop, validate, execute, archive, publish. Read this file first.

The stages run inside one flow run, since a subflow each would cost seconds (docs/decisions/0006); every stage is also
a flow and a deployment of its own.
"""

from prefect import flow
from pydantic import JsonValue

from earthcode_platform.models.policy import Waiver
from earthcode_platform.models.product import Publication
from flows.archive import archive_stage
from flows.develop import develop_stage
from flows.execute import execute_stage
from flows.publish import publish_stage
from flows.validate import validate_stage
from tasks.publish import record_outcome

__all__ = ["lifecycle"]


@flow(name="lifecycle")
def lifecycle(  # noqa: PLR0913 - each is a field of the form that starts a run
    experiment: str,
    inputs: dict[str, str] | None = None,
    configuration: dict[str, JsonValue] | None = None,
    compute: str = "default",
    store: str = "default",
    catalog: str = "default",
    *,
    backend: str | None = None,
    waivers: list[Waiver] | None = None,
) -> Publication:
    """Take an experiment from its folder to a published product.

    Args:
        experiment: Folder with an experiment.yaml, as the worker sees it.
        inputs: STAC addresses that replace those of named inputs.
        configuration: Values that replace those of the configuration.
        compute: Name of the compute block to run on.
        store: Name of the results store block to archive in.
        catalog: Name of the catalog block to publish to.
        backend: Name of the block of an openEO back-end or an OGC API Processes to run on instead; on the compute
            block if left out.
        waivers: Findings that somebody answers for, besides those of experiment.yaml.
    """
    pinned = develop_stage(experiment, inputs, configuration, catalog)
    pinned, checked = validate_stage(pinned, catalog, compute, backend, waivers or ())
    pinned, run, workspace = execute_stage(pinned, checked, compute, backend)
    product = archive_stage(pinned, run, workspace, store)
    publication = publish_stage(pinned, run, product, workspace, catalog)
    record_outcome(workspace, product, publication)
    return publication

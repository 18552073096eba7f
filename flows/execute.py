"""Execute: a validated experiment becomes a product in the run's folder."""

from prefect import flow
from pydantic import JsonValue

from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import RunResult
from flows.develop import develop_stage
from flows.validate import validate_stage
from tasks.execute import open_workspace, run_workflow, show_quicklook

__all__ = ["execute", "execute_stage"]


def execute_stage(pinned: PinnedExperiment, compute: str, backend: str | None) -> tuple[RunResult, str]:
    """Run the workflow in a folder of its own; return what it produced and the folder."""
    workspace = open_workspace(pinned)
    run = run_workflow(pinned, workspace, compute, backend)
    show_quicklook(run, pinned.experiment.product.title)
    return run, workspace


@flow(name="execute")
def execute(
    experiment: str,
    inputs: dict[str, str] | None = None,
    configuration: dict[str, JsonValue] | None = None,
    catalog: str = "default",
    compute: str = "default",
    backend: str | None = None,
) -> str:
    """Run an experiment up to its product and return the run's folder, which `archive` takes.

    Args:
        experiment: Folder with an experiment.yaml, as the worker sees it.
        inputs: STAC addresses that replace those of named inputs.
        configuration: Values that replace those of the configuration.
        catalog: Name of the catalog block whose vocabularies count.
        compute: Name of the compute block to run on.
        backend: Name of the block of an openEO back-end or an OGC API Processes to run on instead; on the compute
            block if left out.
    """
    pinned = develop_stage(experiment, inputs, configuration, catalog)
    pinned = validate_stage(pinned, catalog, backend)
    return execute_stage(pinned, compute, backend)[1]

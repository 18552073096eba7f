"""Execute: a validated experiment becomes a product in the run's folder."""

from prefect import flow
from pydantic import JsonValue

from earthcode_platform.models.checked import Checked
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import RunResult
from flows.develop import develop_stage
from flows.validate import validate_stage
from tasks.execute import attach_report, gate_product, going_on, open_workspace, run_workflow, show_pictures

__all__ = ["execute", "execute_stage"]


def execute_stage(
    pinned: PinnedExperiment, checked: Checked, compute: str, backend: str | None
) -> tuple[PinnedExperiment, RunResult, str]:
    """Run the workflow in a folder of its own, and let its product through the gate.

    Returns the experiment with what was waived of the product too, what the run produced, and the folder.
    """
    workspace = open_workspace(pinned)
    with going_on(workspace):
        computed = run_workflow(pinned, workspace, compute, backend)
    after = gate_product(pinned, computed)
    pinned = pinned.model_copy(update={"waived": (*pinned.waived, *after.waived)})
    run = attach_report(pinned, computed, checked, after, workspace)
    show_pictures(run, pinned.experiment.product.title)
    return pinned, run, workspace


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
    pinned, checked = validate_stage(pinned, catalog, compute, backend)
    return execute_stage(pinned, checked, compute, backend)[2]

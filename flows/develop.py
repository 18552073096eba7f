"""Develop: from a folder to an experiment of which every part is fixed."""

from pathlib import Path

from prefect import flow
from pydantic import JsonValue

from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.policy import Stage
from tasks.develop import pin_code, pin_inputs, pin_workflow, read_experiment, refusals
from tasks.execute import open_workspace
from tasks.validate import gate_metadata, let_through

__all__ = ["develop", "develop_stage"]


def develop_stage(
    experiment: str, inputs: dict[str, str] | None, configuration: dict[str, JsonValue] | None, catalog: str
) -> PinnedExperiment:
    """Read the folder `experiment`, then pin its workflow, its inputs and its code.

    What cannot be pinned is refused together with what is wrong with the metadata.
    """
    path = Path(experiment).expanduser().absolute()
    folder = str(path.parent if path.suffix == ".yaml" else path)
    declared = read_experiment(folder, inputs or {}, configuration or {})
    workflow, found = pin_workflow.submit(declared, folder), pin_inputs.submit(declared, folder)
    code = pin_code.submit(folder)
    if refused := refusals(workflow, found):
        let_through([*gate_metadata(declared, catalog), *refused], declared, Stage.DEVELOP)
    return PinnedExperiment(
        experiment=declared, folder=folder, workflow=workflow.result(), inputs=found.result(), code=code.result()
    )


@flow(name="develop")
def develop(
    experiment: str,
    inputs: dict[str, str] | None = None,
    configuration: dict[str, JsonValue] | None = None,
    catalog: str = "default",
) -> str:
    """Fix every part of an experiment and return the run's folder.

    Args:
        experiment: Folder with an experiment.yaml, as the worker sees it.
        inputs: STAC addresses that replace those of named inputs.
        configuration: Values that replace those of the configuration.
        catalog: Name of the catalog block whose vocabularies count if something is refused.
    """
    return open_workspace(develop_stage(experiment, inputs, configuration, catalog))

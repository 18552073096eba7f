"""Develop: from a folder to an experiment of which every part is fixed, and that was tried out.

The first stage of a lifecycle is the fixing alone, `develop_stage`; tests, trial and image belong to the flow `develop`
(docs/decisions/0043).
"""

from pathlib import Path

from prefect import flow
from pydantic import JsonValue

from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.policy import Stage
from tasks.develop import (
    build_image,
    conclude,
    errors,
    lint,
    pin_code,
    pin_inputs,
    pin_workflow,
    pinned_expectations,
    preview,
    read_experiment,
    refusals,
    run_tests,
    try_out,
)
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
        experiment=declared,
        folder=folder,
        workflow=workflow.result(),
        inputs=found.result(),
        code=code.result(),
        expectations=pinned_expectations(folder),
    )


@flow(name="develop")
def develop(  # noqa: PLR0913 - each is a field of the form that starts a run
    experiment: str,
    inputs: dict[str, str] | None = None,
    configuration: dict[str, JsonValue] | None = None,
    catalog: str = "default",
    compute: str = "default",
    registry: str = "default",
    *,
    tests: bool = True,
    trial: bool = True,
    image: bool = True,
) -> str:
    """Fix every part of an experiment, try it out, and return the run's folder.

    The run fails if a part cannot be fixed or something is found that would keep the experiment from running; its page
    shows what was found, how the tests went, and what a whole run is expected to take.

    Args:
        experiment: Folder with an experiment.yaml, as the worker sees it.
        inputs: STAC addresses that replace those of named inputs.
        configuration: Values that replace those of the configuration.
        catalog: Name of the catalog block whose vocabularies count, and in which the entries are previewed.
        compute: Name of the compute block that says how programs of the experiment are kept apart.
        registry: Name of the container registry block: whether images are built, and where they are pushed to.
        tests: Run the tests in the experiment's folder, isolated.
        trial: Run the workflow on a small part of its inputs, and estimate what all of them take.
        image: Build the container image, if there is a Containerfile and the registry block allows it.
    """
    pinned = develop_stage(experiment, inputs, configuration, catalog)
    workspace = open_workspace(pinned)
    built, of_image = build_image(pinned, registry) if image else (None, [])
    linted = lint(pinned, compute)
    tested, of_tests = run_tests(pinned.folder, compute) if tests else (None, [])
    tried, of_trial = try_out(pinned, compute) if trial and not errors([*linted[1], *of_tests]) else (None, [])
    of_entries = preview(pinned, workspace, catalog, tried)
    conclude(pinned, workspace, linted, (of_image, of_tests, of_trial, of_entries), (tested, tried, built))
    return workspace

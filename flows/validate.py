"""Validate: every gate looks at the experiment before anything is computed."""

from prefect import flow
from pydantic import JsonValue

from earthcode_platform.models.pinned import PinnedExperiment
from flows.develop import develop_stage
from tasks.validate import gate_configuration, gate_inputs, gate_metadata, gate_workflow, let_through

__all__ = ["validate", "validate_stage"]


def validate_stage(pinned: PinnedExperiment, catalog: str, backend: str | None) -> None:
    """Collect the findings of all gates, then let the experiment through or refuse it with all of them."""
    gates = [
        gate_metadata.submit(pinned.experiment, catalog),
        gate_workflow.submit(pinned, backend),
        gate_inputs.submit(pinned),
        gate_configuration.submit(pinned, backend),
    ]
    findings = [found for gate in gates for found in gate.result()]
    let_through(findings, pinned.experiment.id)


@flow(name="validate")
def validate(
    experiment: str,
    inputs: dict[str, str] | None = None,
    configuration: dict[str, JsonValue] | None = None,
    catalog: str = "default",
    backend: str | None = None,
) -> None:
    """Say everything that is wrong with an experiment, without running it.

    Args:
        experiment: Folder with an experiment.yaml, as the worker sees it.
        inputs: STAC addresses that replace those of named inputs.
        configuration: Values that replace those of the configuration.
        catalog: Name of the catalog block whose vocabularies count.
        backend: Name of the block of an openEO back-end or an OGC API Processes that would run it; the engines here if
            left out.
    """
    validate_stage(develop_stage(experiment, inputs, configuration, catalog), catalog, backend)

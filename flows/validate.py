"""Validate: every gate looks at the experiment before anything is computed."""

from collections.abc import Sequence

from prefect import flow
from pydantic import JsonValue

from earthcode_platform.models.checked import Checked
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.policy import Stage, Waiver
from flows.develop import develop_stage
from tasks.validate import (
    gate_compatibility,
    gate_configuration,
    gate_inputs,
    gate_metadata,
    gate_quality,
    gate_reproducibility,
    gate_workflow,
    let_through,
    show_fair,
)

__all__ = ["validate", "validate_stage"]


def validate_stage(
    pinned: PinnedExperiment, catalog: str, compute: str, backend: str | None, waivers: Sequence[Waiver] = ()
) -> tuple[PinnedExperiment, Checked]:
    """Collect the findings of all gates, then let the experiment through or refuse it with all of them.

    Returns the experiment with what was waived, and what the gates said.
    """
    declared = pinned.experiment.model_copy(update={"waivers": (*pinned.experiment.waivers, *waivers)})
    pinned = pinned.model_copy(update={"experiment": declared})
    expected = gate_quality.submit(pinned) if pinned.expectations is not None else None
    gates = [
        gate_metadata.submit(declared, catalog),
        gate_workflow.submit(pinned, compute, backend),
        gate_compatibility.submit(pinned),
        gate_inputs.submit(pinned),
        gate_configuration.submit(pinned, backend),
        gate_reproducibility.submit(pinned),
    ]
    quality = expected.result() if expected is not None else None
    findings = [found for gate in gates for found in gate.result()] + [*(quality.findings if quality else ())]
    weighed = let_through(findings, declared, Stage.VALIDATE)
    show_fair(pinned)
    return pinned.model_copy(update={"waived": weighed.waived}), Checked(findings=weighed.findings, quality=quality)


@flow(name="validate")
def validate(  # noqa: PLR0913 - each is a field of the form that starts a run
    experiment: str,
    inputs: dict[str, str] | None = None,
    configuration: dict[str, JsonValue] | None = None,
    catalog: str = "default",
    compute: str = "default",
    backend: str | None = None,
    *,
    waivers: list[Waiver] | None = None,
) -> None:
    """Say everything that is wrong with an experiment, without running it.

    Args:
        experiment: Folder with an experiment.yaml, as the worker sees it.
        inputs: STAC addresses that replace those of named inputs.
        configuration: Values that replace those of the configuration.
        catalog: Name of the catalog block whose vocabularies count.
        compute: Name of the compute block that it would run on: what that allows programs of the workflow counts.
        backend: Name of the block of an openEO back-end or an OGC API Processes that would run it; the engines here if
            left out.
        waivers: Findings that somebody answers for, besides those of experiment.yaml.
    """
    pinned = develop_stage(experiment, inputs, configuration, catalog)
    validate_stage(pinned, catalog, compute, backend, waivers or ())

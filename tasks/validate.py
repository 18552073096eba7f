"""Validate: every gate looks, every finding is kept, and only then is the experiment let through or refused."""

import os
from datetime import UTC, datetime

from prefect import task

from blocks.catalog import OpenScienceCatalog
from blocks.compute import DaskCompute
from blocks.engines import chosen_engine
from blocks.input_access import InputAccess
from blocks.loading import DEFAULT, load
from blocks.policy import GatePolicy
from earthcode_platform.catalog.vocabulary import vocabulary
from earthcode_platform.engines.registry import available, platforms
from earthcode_platform.errors import MissingExtraError, RefusedError, UnknownNameError
from earthcode_platform.gates import (
    compatibility,
    configuration,
    elsewhere,
    inputs,
    metadata,
    policy,
    reproducibility,
    workflow,
)
from earthcode_platform.gates.fair import fair
from earthcode_platform.gates.quality.gate import check_inputs
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.policy import Stage
from earthcode_platform.models.quality import QualityReport
from tasks.artifacts import looking_at, show_findings, show_page, show_quality
from tasks.policies import ONCE, PATIENT

__all__ = [
    "gate_compatibility",
    "gate_configuration",
    "gate_inputs",
    "gate_metadata",
    "gate_quality",
    "gate_reproducibility",
    "gate_workflow",
    "let_through",
    "show_fair",
]


@task(name="validate: gate metadata", **PATIENT)
def gate_metadata(experiment: Experiment, catalog: str) -> list[Finding]:
    """Hold the description against the catalog's vocabularies. Retried only while the catalog does not answer."""
    known = vocabulary(load(OpenScienceCatalog, catalog).get_repository().read())
    return list(metadata.check(experiment, known))


@task(name="validate: gate workflow", **PATIENT)
def gate_workflow(pinned: PinnedExperiment, compute: str, backend: str | None) -> list[Finding]:
    """Let the engine read the workflow without running it, with what the compute block allows a run.

    Retried only while a back-end does not answer.
    """
    offered = load(DaskCompute, compute).for_programs()
    try:
        engine = chosen_engine(pinned.workflow.kind, backend, offered=offered)
    except (UnknownNameError, MissingExtraError) as error:
        return [workflow.no_engine(error), *elsewhere.check(pinned, platforms())]
    with load(InputAccess, DEFAULT).granted():
        return list(workflow.check(pinned, engine))


@task(name="validate: gate inputs", **PATIENT)
def gate_inputs(pinned: PinnedExperiment) -> list[Finding]:
    """Reach every input file, with a bar where there are many. Retried only while a server does not answer."""
    with load(InputAccess, DEFAULT).granted():
        return list(inputs.check(pinned, looking_at(pinned)))


@task(name="validate: gate compatibility", **ONCE)
def gate_compatibility(pinned: PinnedExperiment) -> list[Finding]:
    """Hold the experiment against the limits of this platform. Never retried."""
    return list(compatibility.check(pinned, platforms()))


@task(name="validate: gate reproducibility", **ONCE)
def gate_reproducibility(pinned: PinnedExperiment) -> list[Finding]:
    """Say what would keep the values from coming again, with the worker's own variables. Never retried."""
    return list(reproducibility.check(pinned, os.environ))


@task(name="validate: gate configuration", **PATIENT)
def gate_configuration(pinned: PinnedExperiment, backend: str | None) -> list[Finding]:
    """Hold the values against the workflow's parameters; without an engine there are none.

    Retried only while a back-end does not answer.
    """
    if pinned.workflow.kind not in available():
        return []
    return list(configuration.check(pinned, chosen_engine(pinned.workflow.kind, backend)))


@task(name="validate: gate quality", **PATIENT)
def gate_quality(pinned: PinnedExperiment) -> QualityReport | None:
    """Hold the values of the inputs against `expectations.json`. Retried only while a server does not answer."""
    with load(InputAccess, DEFAULT).granted():
        report = check_inputs(pinned)
    if report is not None:
        show_quality(report, pinned.experiment.id)
    return report


@task(name="validate: let through", **ONCE)
def let_through(findings: list[Finding], experiment: Experiment, stage: Stage) -> policy.Judged:
    """Weigh the findings by the policy, show all of them, and fail with all of them if one refuses. Never retried.

    Returns the findings as they count, and what was waived. The policy is that of the block `default`: who starts a run
    cannot choose another.
    """
    rules = load(GatePolicy, DEFAULT).get_policy()
    weighed = policy.judged(findings, experiment.waivers, rules, stage, datetime.now(UTC).date())
    show_findings(weighed.findings, experiment.id)
    RefusedError.if_any(weighed.findings, where=experiment.id)
    return weighed


@task(name="validate: show FAIR", **ONCE)
def show_fair(pinned: PinnedExperiment) -> None:
    """Show how findable, accessible, interoperable and reusable the experiment is; refuse nothing. Never retried."""
    show_page("fair", fair(pinned).markdown(), pinned.experiment.id, "How FAIR is")

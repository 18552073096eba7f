"""Lint: what the engine, the gate of the configuration and the linter of the code say, without running anything."""

from pathlib import Path

from earthcode_platform.development.linting import lint_code, linter
from earthcode_platform.engines.contract import Engine
from earthcode_platform.gates import configuration, workflow
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedExperiment

__all__ = ["lint"]

_OF_ENGINES = {
    WorkflowKind.OPENEO: "the rules of openEO process graphs, and a rehearsal on lazy cubes",
    WorkflowKind.CWL: "the schemas and types of cwltool",
    WorkflowKind.NOTEBOOK: "the check of notebooks, cell by cell",
    WorkflowKind.MLFLOW: "the signature and the files of the model",
}


def lint(pinned: PinnedExperiment, engine: Engine) -> tuple[tuple[str, ...], list[Finding]]:
    """Return what looked at an experiment, in words, and everything it found.

    Args:
        pinned: The experiment.
        engine: What would run it.

    Raises:
        UnavailableError: A server did not answer.
    """
    findings = [*workflow.check(pinned, engine), *configuration.check(pinned, engine)]
    findings += lint_code(Path(pinned.folder))
    kind = pinned.workflow.kind
    code = ("ruff",) if linter() else ("the syntax of Python",)
    return (_OF_ENGINES.get(kind, f"the check of the engine for {kind.value}"), *code), findings

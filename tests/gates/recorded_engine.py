"""An engine that says what a test tells it to, for gates that only listen to engines."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
from earthcode_platform.models.run import RunResult
from earthcode_platform.models.workflow import Parameter

__all__ = ["RecordedEngine"]


class RecordedEngine:
    """Takes the parameters and reports the findings that it was made with."""

    kinds: ClassVar[frozenset[str]] = frozenset({"openeo"})

    def __init__(self, *parameters: Parameter, findings: Sequence[Finding] = ()) -> None:
        self._parameters = parameters
        self._findings = list(findings)
        self.checked = 0

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        del workflow
        return self._parameters

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        del workflow, inputs, experiment
        self.checked += 1
        return self._findings

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        raise AssertionError(f"a gate never runs a workflow: {pinned.experiment.id} in {workspace}")

"""The contract of an engine: say what is wanted, say what is wrong, run."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow
from earthcode_platform.models.run import RunResult
from earthcode_platform.models.workflow import Parameter

__all__ = ["Engine", "Progress"]


class Progress(Protocol):
    """Where an engine reports how far it is."""

    def __call__(self, fraction: float, step: str) -> None:
        """Take `fraction` between 0 and 1 and the name of the step that is running."""


class Engine(Protocol):
    """Runs the workflows of one language.

    Options go into the constructor, which does no I/O and takes keyword arguments with defaults only; `progress` is
    one of them. An engine that runs programs of the workflow has `limits` (`isolation.limits.Limits`) and `least`
    (`isolation.limits.Isolation`) too: the platform says there what they may use, and how little isolation it accepts.
    Heavy imports happen inside the methods.

    An engine that the platform's configuration chooses by its name, such as one that computes at a provider, has
    `by_name = True` as a class variable: no kind leads to it.
    """

    kinds: ClassVar[frozenset[str]]
    """The workflow kinds it runs."""

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        """Return the values that the workflow takes, inputs included; empty if it cannot be read."""

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        """Return what is wrong with the workflow and its use of the inputs, without running it.

        Codes begin with `workflow-`. Whether the values of `configuration:` fit is the configuration gate's, by
        `parameters`; what the workflow does with them is said here, if the experiment is given.

        Args:
            workflow: The workflow.
            inputs: The inputs it would read.
            experiment: What gives it values and wants a format; without it nothing is said that hangs on them.
        """

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        """Run the workflow and write its product and a quicklook into `workspace`.

        Raises:
            ExecutionError: The workflow failed; the message names the step.
        """

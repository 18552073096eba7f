"""An engine for a language of a few words: each line of a workflow is one step, such as `multiply factor`."""

# ruff: noqa: INP001 - the only module of its package

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from earthcode_platform import checksums
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.run import EngineUsed, RunResult
from earthcode_platform.models.workflow import Parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.engines.contract import Progress
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput, PinnedWorkflow

__all__ = ["StepsEngine"]

WORDS = ("load", "multiply", "mean")


class StepsEngine:
    """Runs `load INPUT`, `multiply PARAMETER` and `mean`, one a line.

    Args:
        progress: Where to report how far it is; nowhere if None.
    """

    kinds: ClassVar[frozenset[str]] = frozenset({"x-steps"})

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress

    def parameters(self, workflow: PinnedWorkflow) -> tuple[Parameter, ...]:
        """Return the names that the steps use."""
        schemas = {"load": {}, "multiply": {"type": "number"}}
        return tuple(
            Parameter(name=words[1], json_schema=schemas[words[0]], required=True)
            for words in _steps(workflow)
            if words[0] in schemas and len(words) > 1
        )

    def check(
        self, workflow: PinnedWorkflow, inputs: Sequence[PinnedInput], experiment: Experiment | None = None
    ) -> list[Finding]:
        """Return each line that is no step, and each input that is not there; nothing runs."""
        del experiment  # whether its values fit is the configuration gate's, by `parameters`
        known = {pinned.name for pinned in inputs}
        findings = []
        for number, words in enumerate(_steps(workflow), start=1):
            where = f"{Path(workflow.path).name}:{number}"
            if words[0] not in WORDS or len(words) != (1 if words[0] == "mean" else 2):
                findings.append(
                    _error("no-step", where, f"{' '.join(words)!r} is no step.", f"Known: {', '.join(WORDS)}.")
                )
            elif words[0] == "load" and words[1] not in known:
                findings.append(
                    _error("unknown-input", where, f"there is no input {words[1]!r}.", "Name one of `inputs:`.")
                )
        return findings

    def run(self, pinned: PinnedExperiment, workspace: Path) -> RunResult:
        """Run the steps on lazy cubes, compute once, and write the product and its quicklook below `workspace`."""
        from earthcode_platform.cubes.compute import compute
        from earthcode_platform.cubes.load import load
        from earthcode_platform.cubes.outcome import write_results
        from earthcode_platform.cubes.quicklook import draw_quicklook

        started = datetime.now(UTC)
        checksums.require(Path(pinned.workflow.path), pinned.workflow.checksum)
        RefusedError.if_any(self.check(pinned.workflow, pinned.inputs), where=pinned.experiment.id)
        inputs = {entry.name: entry for entry in pinned.inputs}
        cube = load(pinned.inputs[0])
        for words in _steps(pinned.workflow):
            if words[0] == "load":
                cube = load(inputs[words[1]])
            elif words[0] == "multiply":
                cube = cube * pinned.experiment.configuration[words[1]]
            else:
                cube = cube.mean("t", keep_attrs=True)
        (computed,) = compute([cube], lambda fraction: self._report(0.9 * fraction, "computing"))
        files = write_results([computed], pinned, workspace / "result")
        quicklook = workspace / "quicklook.png"
        draw_quicklook(computed, quicklook, pinned.experiment.product.title)
        self._report(1.0, "done")
        return RunResult(
            experiment=pinned.experiment.id,
            fingerprint=pinned.fingerprint,
            engine=EngineUsed(name="x-steps", version="1.0.0", libraries={}),
            started=started,
            finished=datetime.now(UTC),
            files=files,
            quicklook=str(quicklook.absolute()),
        )

    def _report(self, fraction: float, step: str) -> None:
        if self._progress is not None:
            self._progress(fraction, step)


def _steps(workflow: PinnedWorkflow) -> list[list[str]]:
    return [line.split() for line in Path(workflow.path).read_text(encoding="utf-8").splitlines() if line.strip()]


def _error(code: str, where: str, message: str, remedy: str) -> Finding:
    return Finding(code=f"workflow-{code}", severity=Severity.ERROR, where=where, message=message, remedy=remedy)
